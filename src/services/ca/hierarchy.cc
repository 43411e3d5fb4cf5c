#include <heqi/services/ca/hierarchy.h>

#include <heqi/pki/crl.h>
#include <heqi/services/ca/lint.h>
#include <heqi/x509/oids.h>

namespace heqi::services::ca {
namespace {

constexpr auto kYear = std::chrono::hours(24 * 365);
constexpr base::Duration kRootLifetime = 20 * kYear, kIssuingLifetime = 10 * kYear,
                         kServiceLifetime = 3 * kYear;
// Clocks of devices may be a little behind that of the ceremony.
constexpr base::Duration kBackdated = std::chrono::minutes(5);

base::Result<x509::Name> name_of(const std::string& organization, const std::string& common_name) {
  return x509::Name::make({{x509::oids::country(), "CN"},
                           {x509::oids::organization(), organization},
                           {x509::oids::common_name(), common_name}});
}

// File is one member of a hierarchy and where it is kept.
struct File {
  const char* name;
  x509::Certificate Hierarchy::*certificate;
};
constexpr File kFiles[] = {
    {"root.cer", &Hierarchy::root},
    {"issuing.cer", &Hierarchy::issuing},
    {"ocsp.cer", &Hierarchy::status_responder},
    {"tsa.cer", &Hierarchy::time_stamp_authority},
    {"application.cer", &Hierarchy::application},
};
constexpr const char* kRootCrlFile = "root.crl";

base::Duration lifetime_of(Profile profile) {
  if (profile == Profile::root) return kRootLifetime;
  return profile == Profile::issuing ? kIssuingLifetime : kServiceLifetime;
}

// Maker certifies with one key, after the lints.
struct Maker {
  x509::Signer& signer;
  const x509::Certificate* issuer;  // nullptr: a root
  Locations locations;
  const base::Clock& clock;
  base::Random& random;
};

base::Result<x509::Certificate> make(const Maker& maker, Profile profile, x509::Name subject,
                                     const x509::PublicKeyInfo& key) {
  const base::Time now = maker.clock.now();
  const base::Time from = std::chrono::floor<std::chrono::seconds>(now - kBackdated);
  HEQI_TRY(base::Bytes serial, make_serial(maker.random));
  base::Time until = from + lifetime_of(profile);
  if (maker.issuer != nullptr) until = std::min(until, maker.issuer->not_after());
  const Wanted wanted{.profile = profile,
                      .subject = std::move(subject),
                      .public_key = key,
                      .not_before = from,
                      .not_after = until,
                      .identity = {}};
  HEQI_TRY(const x509::CertificateBody body,
           make_body(wanted, maker.issuer, maker.locations, std::move(serial)));
  HEQI_TRY(const base::Bytes tbs, x509::encode_body(body, maker.signer.algorithm()));
  HEQI_TRY(Linter linter, Linter::make(maker.signer.algorithm(), maker.random));
  HEQI_TRY(linter.check(tbs, maker.issuer, profile, now));
  return x509::make_certificate(body, maker.signer);
}

}  // namespace

base::Result<base::Bytes> make_root_crl(const x509::Certificate& root, x509::Signer& signer,
                                        base::ByteView earlier, const base::Clock& clock) {
  const base::Time from = std::chrono::floor<std::chrono::seconds>(clock.now() - kBackdated);
  pki::CrlBody body{.issuer = root.subject(),
                    .this_update = from,
                    .next_update = std::min(from + kIssuingLifetime, root.not_after()),
                    .revoked = {},
                    .number = {1},
                    .authority_key_identifier = root.subject_key_identifier()};
  if (!earlier.empty()) {
    HEQI_TRY(const pki::Crl last, pki::parse_crl(earlier));
    if (last.body.this_update > from)
      return base::fail(base::Code::time_untrusted,
                        "the root's last list is newer than the clock; set the clock right");
    body.revoked = last.body.revoked;
    body.number = last.body.number;
    std::size_t at = body.number.size();
    while (at > 0 && ++body.number[at - 1] == 0) --at;
    if (at == 0) body.number.insert(body.number.begin(), 1);
  }
  return pki::make_crl(body, signer);
}

base::Result<x509::Certificate> renew_certificate(const x509::Certificate& earlier, Profile profile,
                                                  const Renewer& renewer, const base::Clock& clock,
                                                  base::Random& random) {
  return make({.signer = renewer.signer,
               .issuer = &renewer.issuer,
               .locations = renewer.locations,
               .clock = clock,
               .random = random},
              profile, earlier.subject(), earlier.public_key());
}

base::Result<Hierarchy> hold_ceremony(const CeremonyParts& parts, const base::Clock& clock,
                                      base::Random& random) {
  Hierarchy out;
  const auto named = [&](const Maker& maker, Profile profile, const std::string& name,
                         const x509::PublicKeyInfo& key) -> base::Result<x509::Certificate> {
    HEQI_TRY(x509::Name subject, name_of(parts.organization, name));
    return make(maker, profile, std::move(subject), key);
  };
  const Maker self{parts.root, nullptr, {}, clock, random};
  HEQI_TRY(out.root, named(self, Profile::root, parts.organization + " Root CA", parts.root_key));
  const Maker root{parts.root,
                   &out.root,
                   {.crl = parts.root_crl_url, .ocsp = {}, .issuer_certificate = {}},
                   clock,
                   random};
  HEQI_TRY(out.issuing,
           named(root, Profile::issuing, parts.organization + " Issuing CA", parts.issuing_key));
  const Maker issuing{parts.issuing, &out.issuing, parts.locations, clock, random};
  HEQI_TRY(out.status_responder, named(issuing, Profile::status_responder,
                                       parts.organization + " OCSP", parts.status_responder_key));
  HEQI_TRY(out.time_stamp_authority,
           named(issuing, Profile::time_stamp_authority, parts.organization + " TSA",
                 parts.time_stamp_authority_key));
  HEQI_TRY(out.application,
           named(issuing, Profile::application, parts.application_name, parts.application_key));
  HEQI_TRY(out.root_crl, make_root_crl(out.root, parts.root, {}, clock));
  return out;
}

base::Status save_hierarchy(base::FileStore& files, const Hierarchy& hierarchy) {
  // The root comes last: with it the hierarchy counts as there.
  HEQI_TRY(files.write(kRootCrlFile, hierarchy.root_crl));
  for (auto file = std::rbegin(kFiles); file != std::rend(kFiles); ++file) {
    HEQI_TRY(files.write(file->name, (hierarchy.*(file->certificate)).der()));
  }
  return {};
}

base::Result<Hierarchy> load_hierarchy(const base::FileStore& files) {
  Hierarchy out;
  for (const File& file : kFiles) {
    HEQI_TRY(const base::Bytes der, files.read(file.name, x509::kCertificateSizeMax));
    HEQI_TRY(out.*(file.certificate), x509::parse_certificate(der));
  }
  HEQI_TRY(out.root_crl, files.read(kRootCrlFile, 1 << 20));
  return out;
}

}  // namespace heqi::services::ca
