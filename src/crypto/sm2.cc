// sm2.cc: keys and digital signatures (GB/T 32918.2). Encryption is in sm2_encryption.cc.
#include <heqi/crypto/sm2.h>

#include "jacobian_point.h"
#include "order.h"
#include "sm2_signature.h"
#include "wipe_frames.h"

namespace heqi::crypto {
namespace {

using base::Code;

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

// try_nonce is one try to sign with the chosen kernel.
base::Result<std::optional<Signature>> try_nonce(const PrivateKey& key, const Scalar& e,
                                                 const Scalar& k) {
  return internal::attempt_signature({key.d().expose(), key.inverse_1_plus_d().expose()}, e, k,
                                     internal::curve_kernel());
}

// check_pair is the pair-wise consistency test of a new key: it signs and verifies once. The nonce
// is made from d, so that no other key uses it; the signature goes nowhere.
base::Status check_pair(const PrivateKey& key) {
  const Digest e = sm3(base::bytes_of("pair-wise consistency"));
  const auto encoded = key.encode();
  const Scalar k = Scalar::reduce(Sm3().update(e).update(encoded.expose()).finish());
  HEQI_TRY(const std::optional<Signature> signature, try_nonce(key, Scalar::reduce(e), k));
  if (signature && verify_digest(key.public_key(), e, *signature)) return {};
  return base::fail(Code::internal, "SM2: the new key pair is not consistent");
}

}  // namespace

base::Result<PublicKey> PublicKey::decode(base::ByteView bytes) {
  HEQI_TRY(const Point point, Point::decode(bytes));
  PointBytes encoded;
  if (bytes.size() != encoded.size()) return PublicKey(point, point.encode());
  std::copy(bytes.begin(), bytes.end(), encoded.begin());
  return PublicKey(point, encoded);
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

namespace {

// z_prefix has hashed ENTL || ID || a || b || xG || yG.
Sm3 z_prefix(std::string_view id) {
  HEQI_CHECK(id.size() < 8192);  // ENTL is 16 bits of a length in bits
  const std::array<std::uint8_t, 2> entl = {static_cast<std::uint8_t>(id.size() * 8 >> 8),
                                            static_cast<std::uint8_t>(id.size() * 8)};
  std::array<std::uint8_t, 128> curve;  // a || b || xG || yG
  internal::store_words(curve.data(), {internal::kPrime[0] - 3, internal::kPrime[1],
                                       internal::kPrime[2], internal::kPrime[3]});
  internal::store_words(curve.data() + 32, internal::kCurveB);
  internal::store_words(curve.data() + 64, internal::kGeneratorX);
  internal::store_words(curve.data() + 96, internal::kGeneratorY);
  return Sm3().update(entl).update(base::bytes_of(id)).update(curve);
}

}  // namespace

Digest z_value(const PublicKey& key, std::string_view id) {
  static const Sm3 default_prefix = z_prefix(kDefaultSignerId);
  Sm3 hash = id == kDefaultSignerId ? default_prefix : z_prefix(id);
  return hash.update(base::ByteView(key.encode()).subspan(1)).finish();
}

Digest message_digest(const PublicKey& key, base::ByteView message, std::string_view id) {
  return Sm3().update(z_value(key, id)).update(message).finish();
}

base::Result<Signature> sign_digest(const PrivateKey& key, const Digest& e, base::Random& random) {
  const Scalar e_scalar = Scalar::reduce(e);
  for (int attempt = 0; attempt < 8; ++attempt) {
    HEQI_TRY(const Scalar k, Scalar::draw(random));
    const base::Result<std::optional<Signature>> signature = try_nonce(key, e_scalar, k);
    internal::wipe_frames();
    if (!signature) return signature.error();
    if (*signature) return **signature;
  }
  return base::fail(Code::crypto_random_failed, "SM2: eight nonces in a row were refused");
}

base::Result<Signature> sign(const PrivateKey& key, base::ByteView message, base::Random& random,
                             std::string_view id) {
  return sign_digest(key, message_digest(key.public_key(), message, id), random);
}

namespace {

// verify_with is GB/T 32918.2 §7.1; multiply(out, a, b) puts [a]G + [b]P into out.
template <class Multiply>
base::Status verify_with(const Multiply& multiply, const Digest& e, const Signature& signature) {
  if (signature.r.is_zero() || signature.s.is_zero())
    return base::fail(Code::malformed, "SM2 signature: r or s is zero");
  const Scalar t = signature.r + signature.s;
  if (t.is_zero()) return base::fail(Code::invalid_signature, "SM2 signature: r + s = n");
  internal::JacobianPoint point;
  multiply(point, internal::order_to_plain(signature.s.words()),
           internal::order_to_plain(t.words()));
  if (internal::is_zero_vartime(point.z))
    return base::fail(Code::invalid_signature, "SM2 signature: the point is infinity");
  if (!internal::has_x_vartime(point, signature.r - Scalar::reduce(e)))
    return base::fail(Code::invalid_signature, "SM2 signature: R differs from r");
  return {};
}

}  // namespace

base::Status verify_digest(const PublicKey& key, const Digest& e, const Signature& signature) {
  const internal::JacobianPoint p = internal::to_jacobian(key.point());
  return verify_with(
      [&p](internal::JacobianPoint& out, const internal::Words& a, const internal::Words& b) {
        internal::curve_kernel().multiply_base_add_vartime(out, a, b, p);
      },
      e, signature);
}

base::Status verify_digest(const VerifyingKey& key, const Digest& e, const Signature& signature) {
  return verify_with(
      [&key](internal::JacobianPoint& out, const internal::Words& a, const internal::Words& b) {
        internal::curve_kernel().multiply_combs_vartime(out, a, b, key.table());
      },
      e, signature);
}

base::Status verify(const PublicKey& key, base::ByteView message, const Signature& signature,
                    std::string_view id) {
  return verify_digest(key, message_digest(key, message, id), signature);
}

base::Status verify(const VerifyingKey& key, base::ByteView message, const Signature& signature,
                    std::string_view id) {
  return verify_digest(key, message_digest(key.public_key(), message, id), signature);
}

VerifyingKey VerifyingKey::prepare(const PublicKey& key) {
  auto table = std::make_shared<internal::KeyComb>();
  internal::fill_key_comb(*table, internal::to_affine(internal::to_jacobian(key.point())));
  return VerifyingKey(key, std::move(table));
}

}  // namespace heqi::crypto
