// heqi/x509/signature_verifier.h: whoever can verify: SM2 here; RSA and ECDSA in the ossl layer.
#pragma once
#include <optional>

#include <heqi/crypto/sm2.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/public_key_info.h>

namespace heqi::x509 {

// SignatureVerifier verifies signatures of the algorithms that it knows.
class SignatureVerifier {
 public:
  virtual ~SignatureVerifier() = default;
  // verify checks signature (octets as on the wire) over message under key. Fails with
  // invalid_signature; unsupported for an algorithm or key that it does not know; malformed where
  // key and algorithm do not belong together.
  virtual base::Status verify(const AlgorithmIdentifier& algorithm, const PublicKeyInfo& key,
                              base::ByteView message, base::ByteView signature) const = 0;
};

// Sm2SignatureVerifier knows SM2 with SM3 (1.2.156.10197.1.501, and 301.1 of GM/T 0010) with the id
// 1234567812345678 only (GB/T 35276 §10). A signature that is not DER, or whose integers are out of
// range, is invalid_signature too.
class Sm2SignatureVerifier final : public SignatureVerifier {
 public:
  base::Status verify(const AlgorithmIdentifier& algorithm, const PublicKeyInfo& key,
                      base::ByteView message, base::ByteView signature) const override;
};

// verify_issued_by checks only the signature of certificate under the issuer's key; names, usage
// and time are the path's subject.
base::Status verify_issued_by(const Certificate& certificate, const PublicKeyInfo& issuer_key,
                              const SignatureVerifier& verifier);

// IssuedVerifier is verify_issued_by for one who verifies many certificates of one issuer: it keeps
// the multiples of an SM2 key (crypto::VerifyingKey). Thread-safe.
class IssuedVerifier {
 public:
  // verifier is asked where the key is not SM2; it outlives the object.
  IssuedVerifier(const PublicKeyInfo& issuer_key, const SignatureVerifier& verifier);
  base::Status verify(const Certificate& certificate) const;

 private:
  PublicKeyInfo issuer_key_;
  const SignatureVerifier& verifier_;
  std::optional<crypto::VerifyingKey> prepared_;
};

}  // namespace heqi::x509
