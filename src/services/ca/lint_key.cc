// lint_key.cc: the public key and the identifiers that are made of it.
#include <heqi/x509/oids.h>

#include "lint_groups.h"

namespace heqi::services::ca {
namespace {

namespace oids = x509::oids;

bool algorithm_is_ec_with_the_curve(const Candidate& c) {
  const x509::PublicKeyInfo& key = c.certificate.public_key();
  return key.algorithm.oid == oids::ec_public_key() && key.is_sm2();
}
bool point_is_uncompressed(const Candidate& c) {
  const base::Bytes& key = c.certificate.public_key().key;
  return key.size() == crypto::kPointSize && key[0] == 4;
}
bool point_is_on_the_curve(const Candidate& c) {
  const x509::PublicKeyInfo& key = c.certificate.public_key();
  return !key.is_sm2() || key.key.empty() || key.sm2_key().has_value();
}
bool is_not_a_small_multiple(const Candidate& c) {
  const auto key = c.certificate.public_key().sm2_key();
  if (!key) return true;  // the lint above speaks
  crypto::Point multiple = crypto::Point::generator();
  for (int factor = 1; factor <= 16; ++factor) {
    if (equal_vartime(multiple, key->point()) || equal_vartime(-multiple, key->point()))
      return false;
    multiple = multiple + crypto::Point::generator();
  }
  return true;
}
bool is_not_the_issuers(const Candidate& c) {
  return c.issuer == nullptr || !(c.certificate.public_key() == c.issuer->public_key());
}
bool has_subject_key_identifier(const Candidate& c) {
  return has(c.certificate, oids::subject_key_identifier(), false);
}
bool subject_key_identifier_is_of_the_key(const Candidate& c) {
  const base::Bytes& stated = c.certificate.subject_key_identifier();
  return stated.empty() || stated == c.certificate.public_key().key_identifier();
}
bool has_authority_key_identifier(const Candidate& c) {
  return c.profile == Profile::root || has(c.certificate, oids::authority_key_identifier(), false);
}
bool authority_key_identifier_is_the_issuers(const Candidate& c) {
  const x509::Certificate& of = c.issuer == nullptr ? c.certificate : *c.issuer;
  return is_absent(c.certificate, oids::authority_key_identifier()) ||
         c.certificate.authority_key_identifier().key_identifier == of.subject_key_identifier();
}
bool authority_key_identifier_is_the_key_only(const Candidate& c) {
  const x509::AuthorityKeyIdentifier& stated = c.certificate.authority_key_identifier();
  return stated.issuer.empty() && stated.serial.empty();
}

constexpr Lint kLints[] = {
    {"key_ec_sm2", "GB/T 20518 §5.2.3", "the key is not id-ecPublicKey on the SM2 curve",
     algorithm_is_ec_with_the_curve},
    {"key_uncompressed", "GM/T 0009 §7.1", "the key is not an uncompressed point",
     point_is_uncompressed},
    {"key_on_curve", "GB/T 32918.1 §6.2.1", "the key is not a point of the curve",
     point_is_on_the_curve},
    {"key_not_known", "CA/B BR §6.1.1.3", "the private key of this key is known",
     is_not_a_small_multiple},
    {"key_not_issuers", "RFC 5280 §6.1", "the key is that of the issuer", is_not_the_issuers},
    {"ski_present", "RFC 5280 §4.2.1.2", "subjectKeyIdentifier is not there, or critical",
     has_subject_key_identifier},
    {"ski_of_key", "RFC 7093 §2", "subjectKeyIdentifier is not that of the key",
     subject_key_identifier_is_of_the_key},
    {"aki_present", "RFC 5280 §4.2.1.1", "authorityKeyIdentifier is not there, or critical",
     has_authority_key_identifier},
    {"aki_of_issuer", "RFC 5280 §4.2.1.1", "authorityKeyIdentifier is not that of the issuer",
     authority_key_identifier_is_the_issuers},
    {"aki_key_only", "GB/T 20518 §5.2.4", "authorityKeyIdentifier names issuer and serial number",
     authority_key_identifier_is_the_key_only},
};

}  // namespace

std::span<const Lint> key_lints() {
  return kLints;
}

}  // namespace heqi::services::ca
