// lint_frame.cc: version, serial number, algorithm, period, and the form of the whole.
#include <algorithm>

#include <heqi/x509/certificate_builder.h>

#include "lint_groups.h"

namespace heqi::services::ca {
namespace {

constexpr auto kDay = std::chrono::hours(24);

// lifetime_max is the longest period that a profile may have.
base::Duration lifetime_max(Profile profile) {
  switch (profile) {
    case Profile::root:
      return 20 * 366 * kDay;
    case Profile::issuing:
      return 10 * 366 * kDay;
    case Profile::status_responder:
    case Profile::time_stamp_authority:
    case Profile::application:
      return 3 * 366 * kDay;
    case Profile::person:
    case Profile::organization:
    case Profile::device:
    case Profile::encryption:
      return 366 * kDay;
    case Profile::server:
      return 90 * kDay;
    case Profile::event:
      return kDay;  // GM/Y 5013 §5.2.1
  }
  return {};
}

bool serial_is_not_zero(const Candidate& c) {
  const base::Bytes& serial = c.certificate.serial();
  return std::any_of(serial.begin(), serial.end(), [](std::uint8_t octet) { return octet != 0; });
}
bool serial_is_short_enough(const Candidate& c) {
  // The highest bit would make a twenty-first octet.
  const base::Bytes& serial = c.certificate.serial();
  return serial.size() < x509::kSerialSizeMax ||
         (serial.size() == x509::kSerialSizeMax && serial[0] < 0x80);
}
bool serial_cannot_be_guessed(const Candidate& c) {
  const base::Bytes& serial = c.certificate.serial();
  return serial.size() >= 9 || !serial_is_not_zero(c);  // 64 random bits, and one that is set
}
// algorithm_is_of_the_authority: SM2 with SM3 alone under an SM2 key; RSA and ECDSA with SHA-2
// only.
bool algorithm_is_of_the_authority(const Candidate& c) {
  const x509::AlgorithmIdentifier& stated = c.certificate.signature_algorithm();
  if (family_of_authority(c) == Family::sm2) return stated == x509::sm2_with_sm3_algorithm();
  return family_of(stated) == family_of_authority(c);
}
bool period_is_not_empty(const Candidate& c) {
  return c.certificate.not_before() < c.certificate.not_after();
}
bool period_is_inside_the_issuers(const Candidate& c) {
  return c.issuer == nullptr || (c.certificate.not_before() >= c.issuer->not_before() &&
                                 c.certificate.not_after() <= c.issuer->not_after());
}
bool period_is_short_enough(const Candidate& c) {
  return c.certificate.not_after() - c.certificate.not_before() <= lifetime_max(c.profile);
}
bool begin_is_not_far_in_the_past(const Candidate& c) {
  return c.certificate.not_before() >= c.now - kDay;
}
bool begin_is_not_in_the_future(const Candidate& c) {
  return c.certificate.not_before() <= c.now;
}
bool is_small_enough(const Candidate& c) {
  return c.certificate.der().size() <= 8192;
}

// is_canonical compares the octets with the one encoding of what was read from them. What the
// reader tolerates (an explicit FALSE, GeneralizedTime before 2050, unique identifiers) shows here.
bool is_canonical(const Candidate& c) {
  const x509::Certificate& certificate = c.certificate;
  const x509::CertificateBody body{.serial = certificate.serial(),
                                   .issuer = certificate.issuer(),
                                   .not_before = certificate.not_before(),
                                   .not_after = certificate.not_after(),
                                   .subject = certificate.subject(),
                                   .public_key = certificate.public_key(),
                                   .extensions = certificate.extensions()};
  const auto tbs = x509::encode_body(body, certificate.signature_algorithm());
  // What cannot be encoded again at all is another lint's fault.
  return !tbs || base::same_bytes(*tbs, certificate.tbs());
}

constexpr Lint kLints[] = {
    {"serial_not_zero", "RFC 5280 §4.1.2.2", "the serial number is zero", serial_is_not_zero},
    {"serial_20_octets", "RFC 5280 §4.1.2.2", "the serial number is longer than 20 octets",
     serial_is_short_enough},
    {"serial_unguessable", "CA/B BR §7.1", "the serial number has no room for 64 random bits",
     serial_cannot_be_guessed},
    {"algorithm_of_authority", "GB/T 20518 §5.2.3",
     "the algorithm is not SM2 with SM3, or not one of the authority's key",
     algorithm_is_of_the_authority},
    {"period_not_empty", "RFC 5280 §4.1.2.5", "the period ends before it begins",
     period_is_not_empty},
    {"period_in_issuers", "RFC 5280 §6.1.3", "the period is not inside that of the issuer",
     period_is_inside_the_issuers},
    {"period_of_profile", "docs/limits.md", "the period is longer than the profile allows",
     period_is_short_enough},
    {"begin_not_backdated", "CA/B BR §7.1", "the period begins more than a day ago",
     begin_is_not_far_in_the_past},
    {"begin_not_postdated", "RFC 5280 §4.1.2.5", "the period begins in the future",
     begin_is_not_in_the_future},
    {"size_of_certificate", "docs/limits.md", "the certificate is larger than 8 KiB",
     is_small_enough},
    {"canonical_der", "X.690 §10", "the octets are not the DER form of what they say",
     is_canonical},
};

}  // namespace

std::span<const Lint> frame_lints() {
  return kLints;
}

}  // namespace heqi::services::ca
