// heqi/x509/public_key_info.h: SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 5480, GM/T 0009).
#pragma once
#include <heqi/crypto/sm2.h>
#include <heqi/x509/algorithm.h>

namespace heqi::x509 {

inline constexpr std::size_t kKeyIdentifierSize = 20;

// PublicKeyInfo is a public key of any algorithm.
struct PublicKeyInfo {
  AlgorithmIdentifier algorithm;
  base::Bytes key;  // the octets of the BIT STRING
  base::Bytes der;  // the whole SubjectPublicKeyInfo, as found

  // is_sm2: id-ecPublicKey with the SM2 curve, or the curve's identifier as the algorithm.
  bool is_sm2() const;
  // sm2_key fails with unsupported for other keys, crypto_not_on_curve or malformed for bad ones.
  base::Result<crypto::PublicKey> sm2_key() const;
  // key_identifier is the leftmost 160 bits of SM3 over key (RFC 7093 §2 method 1, with SM3).
  base::Bytes key_identifier() const;
  friend bool operator==(const PublicKeyInfo& a, const PublicKeyInfo& b) { return a.der == b.der; }
};

// make_public_key_info writes id-ecPublicKey with the curve, and an uncompressed point.
PublicKeyInfo make_public_key_info(const crypto::PublicKey& key);
base::Result<PublicKeyInfo> parse_public_key_info(base::ByteView der);
base::Result<PublicKeyInfo> parse_public_key_info(asn1::Reader& reader);

}  // namespace heqi::x509
