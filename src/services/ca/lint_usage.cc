// lint_usage.cc: what the key may be used for.
#include <algorithm>

#include <heqi/x509/oids.h>

#include "lint_groups.h"

namespace heqi::services::ca {
namespace {

using x509::KeyUsage;
using x509::KeyUsageBit;
namespace oids = x509::oids;

constexpr std::uint32_t bit(KeyUsageBit one) {
  return 1U << static_cast<unsigned>(one);
}
constexpr std::uint32_t kSigning =
                            bit(KeyUsageBit::digital_signature) | bit(KeyUsageBit::non_repudiation),
                        kEnciphering =
                            bit(KeyUsageBit::key_encipherment) |
                            bit(KeyUsageBit::data_encipherment) | bit(KeyUsageBit::key_agreement) |
                            bit(KeyUsageBit::encipher_only) | bit(KeyUsageBit::decipher_only),
                        kCertifying = bit(KeyUsageBit::key_cert_sign) | bit(KeyUsageBit::crl_sign);

std::uint32_t usage_of(const Candidate& c) {
  return c.certificate.key_usage() ? c.certificate.key_usage()->bits() : 0;
}
bool has_key_usage(const Candidate& c) {
  return has(c.certificate, oids::key_usage(), true);
}
bool authority_certifies_only(const Candidate& c) {
  return !is_authority(c.profile) || usage_of(c) == kCertifying || usage_of(c) == 0;
}
bool holder_certifies_nothing(const Candidate& c) {
  return is_authority(c.profile) || (usage_of(c) & kCertifying) == 0;
}
bool signing_and_enciphering_are_apart(const Candidate& c) {
  return is_authority(c.profile) || (usage_of(c) & kSigning) == 0 ||
         (usage_of(c) & kEnciphering) == 0;
}
bool encryption_may_encipher(const Candidate& c) {
  return c.profile != Profile::encryption || usage_of(c) == 0 || (usage_of(c) & kEnciphering) != 0;
}
bool signer_may_sign(const Candidate& c) {
  return is_authority(c.profile) || c.profile == Profile::encryption || usage_of(c) == 0 ||
         (usage_of(c) & kSigning) != 0;
}
bool authority_has_no_purpose(const Candidate& c) {
  return !is_authority(c.profile) || is_absent(c.certificate, oids::extended_key_usage());
}
bool holder_has_a_purpose(const Candidate& c) {
  return is_authority(c.profile) || !is_absent(c.certificate, oids::extended_key_usage());
}
bool no_purpose_is_any(const Candidate& c) {
  return !c.certificate.has_purpose(oids::any_extended_key_usage());
}
// is_only asks whether a certificate with purpose is of profile, has it alone and with criticality.
bool is_only(const Candidate& c, const asn1::Oid& purpose, Profile profile) {
  return c.certificate.has_purpose(purpose) == (c.profile == profile) ||
         is_absent(c.certificate, oids::extended_key_usage()) ||
         c.certificate.has_purpose(oids::any_extended_key_usage());
}
bool time_stamping_is_the_authoritys(const Candidate& c) {
  return is_only(c, oids::purpose_time_stamping(), Profile::time_stamp_authority);
}
bool time_stamping_is_alone_and_critical(const Candidate& c) {
  return !c.certificate.has_purpose(oids::purpose_time_stamping()) ||
         (c.certificate.extended_key_usage().size() == 1 &&
          has(c.certificate, oids::extended_key_usage(), true));
}
bool ocsp_signing_is_the_responders(const Candidate& c) {
  return is_only(c, oids::purpose_ocsp_signing(), Profile::status_responder);
}
bool responder_is_not_asked_for(const Candidate& c) {
  return is_absent(c.certificate, oids::ocsp_no_check()) ==
         (c.profile != Profile::status_responder);
}
bool other_purposes_are_not_critical(const Candidate& c) {
  return is_absent(c.certificate, oids::extended_key_usage()) ||
         c.certificate.has_purpose(oids::purpose_time_stamping()) ||
         has(c.certificate, oids::extended_key_usage(), false);
}

constexpr Lint kLints[] = {
    {"key_usage_critical", "RFC 5280 §4.2.1.3", "keyUsage is not there and critical",
     has_key_usage},
    {"key_usage_of_authority", "RFC 5280 §4.2.1.3", "an authority's key may do other things",
     authority_certifies_only},
    {"key_usage_of_holder", "RFC 5280 §4.2.1.3", "the key of no authority may certify",
     holder_certifies_nothing},
    {"key_usage_apart", "GB/T 20518 §5.2.4", "one key may sign and encipher",
     signing_and_enciphering_are_apart},
    {"key_usage_enciphers", "GB/T 20518 §5.2.4", "an encryption certificate may not encipher",
     encryption_may_encipher},
    {"key_usage_signs", "GB/T 20518 §5.2.4", "a signature certificate may not sign",
     signer_may_sign},
    {"purpose_of_authority", "RFC 5280 §4.2.1.12", "an authority has an extended key usage",
     authority_has_no_purpose},
    {"purpose_present", "RFC 5280 §4.2.1.12", "extendedKeyUsage is not there",
     holder_has_a_purpose},
    {"purpose_not_any", "RFC 5280 §4.2.1.12", "anyExtendedKeyUsage is there", no_purpose_is_any},
    {"purpose_time_stamping", "RFC 3161 §2.3",
     "timeStamping and the time-stamp authority do not come together",
     time_stamping_is_the_authoritys},
    {"purpose_time_stamping_alone", "RFC 3161 §2.3",
     "timeStamping is not the only purpose, or not critical", time_stamping_is_alone_and_critical},
    {"purpose_ocsp_signing", "RFC 6960 §4.2.2.2",
     "OCSPSigning and the status responder do not come together", ocsp_signing_is_the_responders},
    {"ocsp_no_check", "RFC 6960 §4.2.2.2.1", "ocspNoCheck and the responder do not come together",
     responder_is_not_asked_for},
    {"purpose_not_critical", "RFC 5280 §4.2.1.12", "extendedKeyUsage is critical",
     other_purposes_are_not_critical},
};

}  // namespace

std::span<const Lint> usage_lints() {
  return kLints;
}

}  // namespace heqi::services::ca
