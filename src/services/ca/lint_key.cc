// lint_key.cc: the public key and the identifiers that are made of it.
#include <heqi/x509/oids.h>

#include <algorithm>

#include "lint_groups.h"

namespace heqi::services::ca {
namespace {

namespace oids = x509::oids;

bool is_rsa(const Candidate& c) {
  return c.certificate.public_key().algorithm.oid == oids::rsa_encryption();
}
// names_curve tells whether the key names curve in the form that is written (RFC 5480).
bool names_curve(const x509::PublicKeyInfo& key, const asn1::Oid& curve) {
  return key.algorithm.parameters == asn1::Writer().oid(curve).take();
}
// point_size is that of an uncompressed point; 0 for a curve that is not certified.
std::size_t point_size(const x509::PublicKeyInfo& key) {
  if (key.is_sm2() || names_curve(key, oids::p256())) return 65;
  if (names_curve(key, oids::p384())) return 97;
  return names_curve(key, oids::p521()) ? 133 : 0;
}

bool algorithm_is_of_the_authoritys_family(const Candidate& c) {
  const x509::PublicKeyInfo& key = c.certificate.public_key();
  if (key.is_sm2() && !(key.algorithm.oid == oids::ec_public_key())) return false;
  return family_of(key) != Family::unknown && family_of(key) == family_of_authority(c);
}
bool point_is_uncompressed(const Candidate& c) {
  const x509::PublicKeyInfo& key = c.certificate.public_key();
  return is_rsa(c) || point_size(key) == 0 ||
         (key.key.size() == point_size(key) && key.key[0] == 4);
}

// RsaKey is RSAPublicKey, as octets.
struct RsaKey {
  base::ByteView modulus, exponent;
};
std::optional<RsaKey> read_rsa(const Candidate& c) {
  if (!is_rsa(c)) return std::nullopt;
  auto outer = asn1::Reader::over(c.certificate.public_key().key);
  if (!outer) return RsaKey{};
  auto fields = outer->sequence();
  if (!fields || !outer->finish()) return RsaKey{};
  const auto modulus = fields->unsigned_integer(), exponent = fields->unsigned_integer();
  if (!modulus || !exponent || !fields->finish()) return RsaKey{};
  return RsaKey{*modulus, *exponent};
}
bool modulus_is_of_an_allowed_size(const Candidate& c) {
  const auto key = read_rsa(c);
  return !key || (key->modulus.size() >= 256 && key->modulus.size() <= 1024 &&
                  key->modulus.size() % 32 == 0 && key->modulus[0] >= 0x80);
}
// modulus_has_no_small_factor divides by every number up to 751, as CA/B BR §6.1.6 asks.
bool modulus_has_no_small_factor(const Candidate& c) {
  const auto key = read_rsa(c);
  if (!key || key->modulus.empty()) return true;  // the size speaks
  for (std::uint32_t divisor = 2; divisor <= 751; ++divisor) {
    std::uint32_t rest = 0;
    for (const std::uint8_t octet : key->modulus) rest = (rest * 256 + octet) % divisor;
    if (rest == 0) return false;
  }
  return true;
}
bool exponent_is_odd_and_large_enough(const Candidate& c) {
  const auto key = read_rsa(c);
  if (!key || key->modulus.empty()) return true;
  std::uint64_t exponent = 0;
  if (key->exponent.size() > 8) return false;  // beyond 2⁶⁴ relying parties refuse it
  for (const std::uint8_t octet : key->exponent) exponent = exponent << 8 | octet;
  return exponent >= 65'537 && exponent % 2 == 1;
}
bool point_is_on_the_curve(const Candidate& c) {
  const x509::PublicKeyInfo& key = c.certificate.public_key();
  return !key.is_sm2() || key.key.empty() || key.sm2_key().has_value();
}
// abscissa is x, which a point and its negative have in common.
base::ByteView abscissa(const crypto::PublicKey& key) {
  return base::ByteView(key.encode()).subspan(1, 32);
}
std::vector<crypto::PublicKey> small_multiples() {
  std::vector<crypto::PublicKey> all;
  for (crypto::Point multiple = crypto::Point::generator(); all.size() < 16;
       multiple = multiple + crypto::Point::generator())
    all.push_back(*crypto::PublicKey::from_point(multiple));
  return all;
}
bool is_not_a_small_multiple(const Candidate& c) {
  static const std::vector<crypto::PublicKey> multiples = small_multiples();
  const auto key = c.certificate.public_key().sm2_key();
  if (!key) return true;  // the lint above speaks
  return std::none_of(multiples.begin(), multiples.end(), [&](const crypto::PublicKey& multiple) {
    return base::same_bytes(abscissa(multiple), abscissa(*key));
  });
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
    {"key_of_family", "GB/T 20518 §5.2.3",
     "the key is not id-ecPublicKey on the SM2 curve, or RSA or a NIST curve under such an "
     "authority",
     algorithm_is_of_the_authoritys_family},
    {"rsa_size", "CA/B BR §6.1.5", "the modulus has not 2048 to 8192 bits",
     modulus_is_of_an_allowed_size},
    {"rsa_small_factor", "CA/B BR §6.1.6", "the modulus has a factor up to 751",
     modulus_has_no_small_factor},
    {"rsa_exponent", "CA/B BR §6.1.6", "the public exponent is even, or below 65537, or too long",
     exponent_is_odd_and_large_enough},
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

Family family_of(const x509::AlgorithmIdentifier& signature) {
  if (signature == x509::sm2_with_sm3_algorithm()) return Family::sm2;
  for (const asn1::Oid& known :
       {oids::rsa_with_sha256(), oids::rsa_with_sha384(), oids::rsa_with_sha512(), oids::rsa_pss(),
        oids::ecdsa_with_sha256(), oids::ecdsa_with_sha384(), oids::ecdsa_with_sha512()})
    if (signature.oid == known) return Family::international;
  return Family::unknown;
}

Family family_of(const x509::PublicKeyInfo& key) {
  if (key.is_sm2()) return Family::sm2;
  if (key.algorithm.oid == oids::rsa_encryption()) return Family::international;
  return key.algorithm.oid == oids::ec_public_key() && point_size(key) != 0 ? Family::international
                                                                            : Family::unknown;
}

std::span<const Lint> key_lints() {
  return kLints;
}

}  // namespace heqi::services::ca
