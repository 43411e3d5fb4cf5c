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

}  // namespace

base::Result<Hierarchy> hold_ceremony(const CeremonyParts& parts, const base::Clock& clock,
                                      base::Random& random) {
  const base::Time from = std::chrono::floor<std::chrono::seconds>(clock.now() - kBackdated);
  HEQI_TRY(Linter linter, Linter::make(random));
  Hierarchy out;
  const auto make = [&](Profile profile, const std::string& name, const x509::PublicKeyInfo& key,
                        base::Duration lifetime, const x509::Certificate* issuer,
                        const Locations& locations,
                        x509::Signer& signer) -> base::Result<x509::Certificate> {
    HEQI_TRY(x509::Name subject, name_of(parts.organization, name));
    HEQI_TRY(base::Bytes serial, make_serial(random));
    const Wanted wanted{.profile = profile,
                        .subject = std::move(subject),
                        .public_key = key,
                        .not_before = from,
                        .not_after = from + lifetime,
                        .identity = {}};
    HEQI_TRY(const x509::CertificateBody body,
             make_body(wanted, issuer, locations, std::move(serial)));
    HEQI_TRY(const base::Bytes tbs, x509::encode_body(body, signer.algorithm()));
    HEQI_TRY(linter.check(tbs, issuer, profile, clock.now()));
    return x509::make_certificate(body, signer);
  };
  HEQI_TRY(out.root, make(Profile::root, parts.organization + " Root CA", parts.root_key,
                          kRootLifetime, nullptr, {}, parts.root));
  const Locations of_root{.crl = parts.root_crl_url, .ocsp = {}, .issuer_certificate = {}};
  HEQI_TRY(out.issuing, make(Profile::issuing, parts.organization + " Issuing CA",
                             parts.issuing_key, kIssuingLifetime, &out.root, of_root, parts.root));
  HEQI_TRY(out.status_responder,
           make(Profile::status_responder, parts.organization + " OCSP", parts.status_responder_key,
                kServiceLifetime, &out.issuing, parts.locations, parts.issuing));
  HEQI_TRY(out.time_stamp_authority,
           make(Profile::time_stamp_authority, parts.organization + " TSA",
                parts.time_stamp_authority_key, kServiceLifetime, &out.issuing, parts.locations,
                parts.issuing));
  HEQI_TRY(out.application,
           make(Profile::application, parts.application_name, parts.application_key,
                kServiceLifetime, &out.issuing, parts.locations, parts.issuing));
  HEQI_TRY(out.root_crl,
           pki::make_crl({.issuer = out.root.subject(),
                          .this_update = from,
                          .next_update = from + kIssuingLifetime,
                          .revoked = {},
                          .number = {1},
                          .authority_key_identifier = out.root.subject_key_identifier()},
                         parts.root));
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
