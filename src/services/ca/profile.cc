#include <heqi/services/ca/profile.h>

#include <heqi/x509/oids.h>

namespace heqi::services::ca {
namespace {

using x509::KeyUsage;
using x509::KeyUsageBit;

std::vector<x509::Extension> usage_of(Profile profile) {
  switch (profile) {
    case Profile::root:
      return {x509::make_basic_constraints({.ca = true, .path_length = std::nullopt}),
              x509::make_key_usage({KeyUsageBit::key_cert_sign, KeyUsageBit::crl_sign})};
    case Profile::issuing:
      return {x509::make_basic_constraints({.ca = true, .path_length = 0}),
              x509::make_key_usage({KeyUsageBit::key_cert_sign, KeyUsageBit::crl_sign})};
    case Profile::status_responder:
      return {x509::make_key_usage({KeyUsageBit::digital_signature}),
              x509::make_extended_key_usage({x509::oids::purpose_ocsp_signing()}),
              x509::make_ocsp_no_check()};
    case Profile::time_stamp_authority:
      return {x509::make_key_usage({KeyUsageBit::digital_signature, KeyUsageBit::non_repudiation}),
              x509::make_time_stamping_usage()};
    case Profile::application:
      return {x509::make_key_usage({KeyUsageBit::digital_signature}),
              x509::make_extended_key_usage({x509::oids::purpose_client_auth()})};
    case Profile::person:
      return {x509::make_key_usage({KeyUsageBit::digital_signature, KeyUsageBit::non_repudiation}),
              x509::make_extended_key_usage({x509::oids::purpose_document_signing(),
                                             x509::oids::purpose_email_protection()})};
  }
  return {};
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

}  // namespace

base::Result<base::Bytes> make_serial(base::Random& random) {
  HEQI_TRY(base::Bytes serial, base::random_bytes(random, 16));
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7F) | 0x40);  // positive, always 16 octets
  return serial;
}

base::Result<x509::CertificateBody> make_body(const Wanted& wanted, const x509::Certificate* issuer,
                                              const Locations& locations, base::Bytes serial) {
  if (!wanted.public_key.is_sm2())
    return base::fail(base::Code::unsupported, "this CA certifies SM2 keys only");
  if (issuer != nullptr &&
      (wanted.not_before < issuer->not_before() || wanted.not_after > issuer->not_after()))
    return base::fail(base::Code::malformed, "the validity is not inside that of the issuer");
  x509::CertificateBody body{.serial = std::move(serial),
                             .issuer = issuer == nullptr ? wanted.subject : issuer->subject(),
                             .not_before = wanted.not_before,
                             .not_after = wanted.not_after,
                             .subject = wanted.subject,
                             .public_key = wanted.public_key,
                             .extensions = usage_of(wanted.profile)};
  body.extensions.push_back(x509::make_subject_key_identifier(wanted.public_key));
  if (issuer != nullptr) {
    body.extensions.push_back(
        x509::make_authority_key_identifier(issuer->subject_key_identifier()));
    if (wanted.profile != Profile::status_responder) {
      HEQI_TRY(add_locations(locations, body.extensions));
    }
  }
  body.extensions.insert(body.extensions.end(), wanted.identity.begin(), wanted.identity.end());
  return body;
}

}  // namespace heqi::services::ca
