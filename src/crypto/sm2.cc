// sm2.cc: keys and digital signatures (GB/T 32918.2). Encryption is in sm2_encryption.cc.
#include <heqi/crypto/sm2.h>

#include "projective.h"

namespace heqi::crypto {
namespace {

using base::Code;

void declassify(const Scalar& scalar) {
  base::ct::declassify({reinterpret_cast<const std::uint8_t*>(scalar.words().data()), kScalarSize});
}

// public_key_of ends with the one thing about d that is not a secret.
base::Result<PublicKey> public_key_of(const Scalar& d) {
  const PointBytes bytes = mul_base(d).encode();
  base::ct::declassify(bytes);
  return PublicKey::decode(bytes);
}

// is_usable: d in 1…n−2, of which 1…n−1 is known.
bool is_usable(const Scalar& d) {
  return base::ct::declassified(~(d + Scalar::from_word(1)).is_zero_mask());
}

// attempt_sign is GB/T 32918.2 §6.1 A3 to A6 for one nonce; empty where the standard draws again.
// s = (1+d)⁻¹·(k − r·d) is computed as (1+d)⁻¹·(k + r) − r, which does not touch d.
__attribute__((noinline)) std::optional<Signature> attempt_sign(const PrivateKey& key,
                                                                const Scalar& e, const Scalar& k) {
  const Scalar r = e + mul_base(k).x_mod_n();
  if (base::ct::declassified(r.is_zero_mask() | (r + k).is_zero_mask())) return std::nullopt;
  const Scalar s = key.inverse_1_plus_d().expose() * (k + r) - r;
  if (s.is_zero()) return std::nullopt;
  declassify(r);
  declassify(s);
  return Signature{r, s};
}

// check_pair is the pair-wise consistency test of a new key: it signs and verifies once. The nonce
// is made from d, so that no other key uses it; the signature goes nowhere.
base::Status check_pair(const PrivateKey& key) {
  const Digest e = sm3(base::bytes_of("pair-wise consistency"));
  const auto encoded = key.encode();
  const Scalar k = Scalar::reduce(Sm3().update(e).update(encoded.expose()).finish());
  const std::optional<Signature> signature = attempt_sign(key, Scalar::reduce(e), k);
  if (signature && verify_digest(key.public_key(), e, *signature)) return {};
  return base::fail(Code::internal, "SM2: the new key pair is not consistent");
}

}  // namespace

base::Result<PublicKey> PublicKey::decode(base::ByteView bytes) {
  HEQI_TRY(const Point point, Point::decode(bytes));
  return PublicKey(point, point.encode());
}

base::Result<PublicKey> PublicKey::from_point(const Point& point) {
  if (point.is_infinity()) return base::fail(Code::crypto_not_on_curve, "public key: infinity");
  return decode(point.encode());
}

base::Result<PrivateKey> PrivateKey::from_scalar(SecretScalar d) {
  if (!is_usable(d.expose()))
    return base::fail(Code::crypto_scalar_range, "private key: not in 1…n−2");
  SecretScalar inverse((d.expose() + Scalar::from_word(1)).inverse());
  HEQI_TRY(PublicKey public_key, public_key_of(d.expose()));
  PrivateKey key(std::move(d), std::move(inverse), std::move(public_key));
  base::wipe_stack();
  return key;
}

base::Result<PrivateKey> PrivateKey::generate(base::Random& random) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    HEQI_TRY(SecretScalar d, SecretScalar::draw(random));
    if (!is_usable(d.expose())) continue;
    HEQI_TRY(PrivateKey key, from_scalar(std::move(d)));
    HEQI_TRY(check_pair(key));
    base::wipe_stack();
    return key;
  }
  return base::fail(Code::crypto_random_failed, "private key: eight draws gave n−1");
}

base::Result<PrivateKey> PrivateKey::decode(base::ByteView bytes) {
  HEQI_TRY(const Scalar d, Scalar::decode(bytes));
  return from_scalar(SecretScalar(d));
}

PrivateKey PrivateKey::clone() const {
  return PrivateKey(d_.clone(), inverse_1_plus_d_.clone(), public_key_);
}

base::SecretArray<kScalarSize> PrivateKey::encode() const {
  ScalarBytes bytes = d_.expose().encode();
  base::SecretArray<kScalarSize> out{std::span<const std::uint8_t, kScalarSize>(bytes)};
  base::secure_wipe(bytes.data(), bytes.size());
  return out;
}

Digest z_value(const PublicKey& key, std::string_view id) {
  HEQI_CHECK(id.size() < 8192);  // ENTL is 16 bits of a length in bits
  const std::array<std::uint8_t, 2> entl = {static_cast<std::uint8_t>(id.size() * 8 >> 8),
                                            static_cast<std::uint8_t>(id.size() * 8)};
  std::array<std::uint8_t, 128> curve;  // a || b || xG || yG
  internal::store_words(curve.data(), {internal::kPrime[0] - 3, internal::kPrime[1],
                                       internal::kPrime[2], internal::kPrime[3]});
  internal::store_words(curve.data() + 32, internal::kCurveB);
  internal::store_words(curve.data() + 64, internal::kGeneratorX);
  internal::store_words(curve.data() + 96, internal::kGeneratorY);
  const PointBytes point = key.encode();
  return Sm3()
      .update(entl)
      .update(base::bytes_of(id))
      .update(curve)
      .update(base::ByteView(point).subspan(1))
      .finish();
}

Digest message_digest(const PublicKey& key, base::ByteView message, std::string_view id) {
  return Sm3().update(z_value(key, id)).update(message).finish();
}

base::Result<Signature> sign_digest(const PrivateKey& key, const Digest& e, base::Random& random) {
  const Scalar e_scalar = Scalar::reduce(e);
  for (int attempt = 0; attempt < 8; ++attempt) {
    HEQI_TRY(const Scalar k, Scalar::draw(random));
    const std::optional<Signature> signature = attempt_sign(key, e_scalar, k);
    base::wipe_stack();
    if (!signature) continue;
    // A fault in the computation could tell the key: nothing leaves that does not verify.
    if (auto verified = verify_digest(key.public_key(), e, *signature); !verified)
      return base::fail(Code::internal, "SM2: the new signature does not verify");
    return *signature;
  }
  return base::fail(Code::crypto_random_failed, "SM2: eight nonces in a row were refused");
}

base::Result<Signature> sign(const PrivateKey& key, base::ByteView message, base::Random& random,
                             std::string_view id) {
  return sign_digest(key, message_digest(key.public_key(), message, id), random);
}

base::Status verify_digest(const PublicKey& key, const Digest& e, const Signature& signature) {
  if (signature.r.is_zero() || signature.s.is_zero())
    return base::fail(Code::malformed, "SM2 signature: r or s is zero");
  const Scalar t = signature.r + signature.s;
  if (t.is_zero()) return base::fail(Code::invalid_signature, "SM2 signature: r + s = n");
  const Point point = mul_add_vartime(signature.s, t, key.point());
  if (point.is_infinity())
    return base::fail(Code::invalid_signature, "SM2 signature: the point is infinity");
  if (!equal_vartime(Scalar::reduce(e) + point.x_mod_n(), signature.r))
    return base::fail(Code::invalid_signature, "SM2 signature: R differs from r");
  return {};
}

base::Status verify(const PublicKey& key, base::ByteView message, const Signature& signature,
                    std::string_view id) {
  return verify_digest(key, message_digest(key, message, id), signature);
}

}  // namespace heqi::crypto
