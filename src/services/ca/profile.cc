#include <heqi/services/ca/profile.h>

#include <heqi/x509/oids.h>

namespace heqi::services::ca {
namespace {

std::vector<x509::Extension> usage_of(const Rules& rules) {
  std::vector<x509::Extension> out;
  if (rules.profile == Profile::root)
    out.push_back(x509::make_basic_constraints({.ca = true, .path_length = std::nullopt}));
  if (rules.profile == Profile::issuing)
    out.push_back(x509::make_basic_constraints({.ca = true, .path_length = 0}));
  out.push_back(x509::make_key_usage(rules.usage));
  if (rules.profile == Profile::time_stamp_authority)
    out.push_back(x509::make_time_stamping_usage());
  else if (!rules.purposes.empty())
    out.push_back(x509::make_extended_key_usage(rules.purposes));
  if (rules.profile == Profile::status_responder) out.push_back(x509::make_ocsp_no_check());
  if (!rules.policies.empty()) out.push_back(x509::make_certificate_policies(rules.policies));
  return out;
}

base::Status add_locations(const Locations& locations, std::vector<x509::Extension>& extensions) {
  if (!locations.crl.empty()) {
    HEQI_TRY(x509::Extension crl, x509::make_crl_distribution_points({locations.crl}));
    extensions.push_back(std::move(crl));
  }
  x509::AccessLocations access;
  if (!locations.ocsp.empty()) access.ocsp.push_back(locations.ocsp);
  if (!locations.issuer_certificate.empty())
    access.ca_issuers.push_back(locations.issuer_certificate);
  if (!access.ocsp.empty() || !access.ca_issuers.empty()) {
    HEQI_TRY(x509::Extension aia, x509::make_authority_information_access(access));
    extensions.push_back(std::move(aia));
  }
  return {};
}

base::Status check_presence(Presence presence, std::size_t count, const std::string& what) {
  if (presence == Presence::none && count != 0)
    return base::fail(base::Code::denied, "the profile does not allow " + what);
  if (presence == Presence::required && count == 0)
    return base::fail(base::Code::malformed, "the profile requires " + what);
  return {};
}

base::Status add_subject_data(const Wanted& wanted, const Rules& rules,
                              std::vector<x509::Extension>& extensions) {
  HEQI_TRY(check_presence(rules.identity, wanted.identity.size(), "identity extensions"));
  HEQI_TRY(check_presence(rules.alternative_names, wanted.alternative_names.size(),
                          "alternative names"));
  HEQI_TRY(check_presence(rules.evidence, wanted.evidence.size(), "hashes of evidence"));
  extensions.insert(extensions.end(), wanted.identity.begin(), wanted.identity.end());
  if (!wanted.alternative_names.empty()) {
    HEQI_TRY(x509::Extension names, x509::make_subject_alternative_names(wanted.alternative_names));
    extensions.push_back(std::move(names));
  }
  if (!wanted.evidence.empty()) {
    HEQI_TRY(x509::Extension evidence, x509::make_biometric_info(wanted.evidence));
    extensions.push_back(std::move(evidence));
  }
  return {};
}

}  // namespace

base::Result<base::Bytes> make_serial(base::Random& random) {
  HEQI_TRY(base::Bytes serial, base::random_bytes(random, 16));
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7F) | 0x40);  // positive, always 16 octets
  return serial;
}

base::Result<x509::CertificateBody> make_body(const Wanted& wanted, const x509::Certificate* issuer,
                                              const Locations& locations, base::Bytes serial,
                                              const Profiles& profiles) {
  if (issuer != nullptr &&
      (wanted.not_before < issuer->not_before() || wanted.not_after > issuer->not_after()))
    return base::fail(base::Code::malformed, "the validity is not inside that of the issuer");
  const Rules& rules = profiles.of(wanted.profile);
  x509::CertificateBody body{.serial = std::move(serial),
                             .issuer = issuer == nullptr ? wanted.subject : issuer->subject(),
                             .not_before = wanted.not_before,
                             .not_after = wanted.not_after,
                             .subject = wanted.subject,
                             .public_key = wanted.public_key,
                             .extensions = usage_of(rules)};
  body.extensions.push_back(x509::make_subject_key_identifier(wanted.public_key));
  if (issuer != nullptr) {
    body.extensions.push_back(
        x509::make_authority_key_identifier(issuer->subject_key_identifier()));
    if (wanted.profile != Profile::status_responder) {
      HEQI_TRY(add_locations(locations, body.extensions));
    }
  }
  HEQI_TRY(add_subject_data(wanted, rules, body.extensions));
  return body;
}

}  // namespace heqi::services::ca
