// heqi/x509/sm2_encoding.h: SM2 values in DER (GB/T 35276 §7, GM/T 0009).
#pragma once
#include <heqi/base/secret.h>
#include <heqi/crypto/sm2.h>

namespace heqi::x509 {

inline constexpr std::size_t kRawSignatureSize = 64;
inline constexpr std::size_t kCiphertextSizeMax = 1U << 20;

// encode_signature is SM2Signature ::= SEQUENCE { r INTEGER, s INTEGER }.
base::Bytes encode_signature(const crypto::Signature& signature);
// parse_signature takes exactly that: minimal integers in 1…n−1, nothing after. Fails with
// malformed, crypto_scalar_range.
base::Result<crypto::Signature> parse_signature(base::ByteView der);
// parse_raw_signature takes r || s, 32 octets each: for messages of old software only.
base::Result<crypto::Signature> parse_raw_signature(base::ByteView octets);
base::Bytes encode_raw_signature(const crypto::Signature& signature);

// encode_ciphertext is SM2Cipher ::= SEQUENCE { x INTEGER, y INTEGER, C3 OCTET STRING(32),
// C2 OCTET STRING }.
base::Bytes encode_ciphertext(const crypto::Ciphertext& ciphertext);
// parse_ciphertext fails with malformed, limit_exceeded, crypto_not_on_curve.
base::Result<crypto::Ciphertext> parse_ciphertext(base::ByteView der);

// encode_private_key is PKCS#8 PrivateKeyInfo around SEC 1 ECPrivateKey with the public key, in the
// clear: seal it before it is stored.
base::SecretBytes encode_private_key(const crypto::PrivateKey& key);
// parse_private_key takes PKCS#8 or SEC 1 (RFC 5915) DER of an SM2 key. Fails with malformed,
// unsupported (another curve), crypto_scalar_range; with malformed too where a public key is
// stated that does not belong to it.
base::Result<crypto::PrivateKey> parse_private_key(base::ByteView der);

}  // namespace heqi::x509
