// heqi/crypto/sm2.h: SM2 digital signatures (GB/T 32918.2) and encryption (GB/T 32918.4) on the
// curve sm2p256v1 (GB/T 32918.5).
#pragma once
#include <memory>
#include <string_view>

#include <heqi/base/random.h>
#include <heqi/base/result.h>
#include <heqi/crypto/curve.h>
#include <heqi/crypto/sm3.h>

namespace heqi::crypto {

namespace internal {
template <std::size_t kWidth>
struct Comb;
}

inline constexpr std::string_view kDefaultSignerId = "1234567812345678";  // GB/T 35276 §10

// Signature is the pair (r, s), each in [1, n-1]. The DER form is in asn1/x509 (SM2Signature).
struct Signature {
  Scalar r, s;
};

// PublicKey is a point that is on the curve and not infinity.
class PublicKey {
 public:
  static base::Result<PublicKey> decode(base::ByteView bytes);  // SEC 1
  static base::Result<PublicKey> from_point(
      const Point& point);  // crypto_not_on_curve for infinity
  const PointBytes& encode() const { return encoded_; }
  const Point& point() const { return point_; }
  friend bool operator==(const PublicKey& a, const PublicKey& b) {
    return equal_vartime(a.point_, b.point_);
  }

 private:
  PublicKey(const Point& point, const PointBytes& encoded) : point_(point), encoded_(encoded) {}
  Point point_;         // in affine form
  PointBytes encoded_;  // kept, since Z_A needs it each time
};

// VerifyingKey is a public key with a table of its multiples (88 KB, shared by copies), for one who
// verifies many signatures of the same signer: two to three times as fast as without, paid for
// after about twenty.
class VerifyingKey {
 public:
  static VerifyingKey prepare(const PublicKey& key);
  const PublicKey& public_key() const { return key_; }

  // table is for the kernels only.
  using Table = internal::Comb<6>;
  const Table& table() const { return *table_; }

 private:
  VerifyingKey(const PublicKey& key, std::shared_ptr<const Table> table)
      : key_(key), table_(std::move(table)) {}
  PublicKey key_;
  std::shared_ptr<const Table> table_;
};

// PrivateKey is d in [1, n-2], with (1+d)⁻¹ and the public key kept beside it.
class PrivateKey {
 public:
  // generate draws d and signs and verifies once with the new pair (GB/T 37092 §7.10).
  static base::Result<PrivateKey> generate(base::Random& random);
  static base::Result<PrivateKey> decode(base::ByteView bytes);  // 32 bytes; crypto_scalar_range
  static base::Result<PrivateKey> from_scalar(SecretScalar d);   // crypto_scalar_range for n−1
  PrivateKey(PrivateKey&&) = default;
  PrivateKey& operator=(PrivateKey&&) = default;
  PrivateKey clone() const;

  base::SecretArray<kScalarSize> encode() const;
  const PublicKey& public_key() const { return public_key_; }
  const SecretScalar& d() const { return d_; }
  const SecretScalar& inverse_1_plus_d() const { return inverse_1_plus_d_; }

 private:
  PrivateKey(SecretScalar d, SecretScalar inverse, PublicKey public_key)
      : d_(std::move(d)),
        inverse_1_plus_d_(std::move(inverse)),
        public_key_(std::move(public_key)) {}
  SecretScalar d_, inverse_1_plus_d_;
  PublicKey public_key_;
};

// z_value is Z_A = SM3(ENTL || ID || a || b || xG || yG || xA || yA), GB/T 32918.2 §5.5.
Digest z_value(const PublicKey& key, std::string_view id = kDefaultSignerId);

// message_digest is e = SM3(Z_A || message) (GB/T 32918.2 §6.1 A1–A2).
Digest message_digest(const PublicKey& key, base::ByteView message,
                      std::string_view id = kDefaultSignerId);

// sign signs message for the signer named by id (GB/T 32918.2 §6.1). Draws one nonce from random
// per attempt and retries on r = 0, r + k = n and s = 0, as the standard asks. Constant time in the
// key and the nonce; variable in message.size() only. Fails with crypto_random_failed; with
// internal where its own checks find a fault in the computation (docs/adr/0010).
base::Result<Signature> sign(const PrivateKey& key, base::ByteView message, base::Random& random,
                             std::string_view id = kDefaultSignerId);
// sign_digest is sign for e computed by message_digest.
base::Result<Signature> sign_digest(const PrivateKey& key, const Digest& e, base::Random& random);

// verify checks signature over message under key (GB/T 32918.2 §7.1). Fails with invalid_signature;
// malformed where r or s is zero.
base::Status verify(const PublicKey& key, base::ByteView message, const Signature& signature,
                    std::string_view id = kDefaultSignerId);
base::Status verify_digest(const PublicKey& key, const Digest& e, const Signature& signature);
base::Status verify(const VerifyingKey& key, base::ByteView message, const Signature& signature,
                    std::string_view id = kDefaultSignerId);
base::Status verify_digest(const VerifyingKey& key, const Digest& e, const Signature& signature);

// Ciphertext is (C1, C3, C2) of GB/T 32918.4 §6.1.
struct Ciphertext {
  Point c1;
  Digest c3;
  base::Bytes c2;
};
base::Result<Ciphertext> encrypt(const PublicKey& key, base::ByteView plain, base::Random& random);
// decrypt fails with invalid_signature when C3 does not fit; crypto_not_on_curve when C1 is bad.
base::Result<base::SecretBytes> decrypt(const PrivateKey& key, const Ciphertext& ciphertext);

}  // namespace heqi::crypto
