// signature.cc: keys for signatures, sign and verify (GB/T 38635.2 §6).
#include "hashing.h"
#include "signature_step.h"

namespace heqi::crypto::sm9 {
namespace {

using base::Code;

// identity_point is P = [h1]P2 + Ppub-s.
base::Result<G2> identity_point(const SignMasterPublicKey& master, std::string_view id,
                                std::uint8_t hid) {
  HEQI_TRY(const Scalar h1, identity_scalar(id, hid));
  const G2 point = mul(h1, G2::generator()) + master.point();
  if (point.is_infinity())
    return base::fail(Code::conflict, "SM9: this identity asks for another master key");
  return point;
}

Scalar signature_hash(base::ByteView message, const Gt& w) {
  GtBytes bytes = w.encode();
  const Scalar h = internal::hash_to_scalar(2, {message, bytes});
  base::secure_wipe(bytes.data(), bytes.size());
  return h;
}

void declassify(const Scalar& scalar) {
  base::ct::declassify({reinterpret_cast<const std::uint8_t*>(scalar.words().data()), kScalarSize});
}

}  // namespace

base::Result<std::optional<Signature>> internal::finish_signature(const SignKey& key,
                                                                  const Scalar& r,
                                                                  const Scalar& h) {
  const Scalar l = r - h;
  if (l.is_zero()) return std::optional<Signature>();
  auto s = publish(mul(l, key.expose()));
  base::wipe_stack();
  if (!s) return std::move(s).error();
  declassify(h);
  return std::optional<Signature>({h, *s});
}

SignMasterPublicKey::SignMasterPublicKey(const G2& point)
    : point_(point), g_(pair(G1::generator(), point)) {}

base::Result<SignMasterPublicKey> SignMasterPublicKey::decode(base::ByteView bytes) {
  HEQI_TRY(const G2 point, G2::decode(bytes));
  return SignMasterPublicKey(point);
}

base::Result<SignKey> SignKey::decode(base::ByteView bytes, const SignMasterPublicKey& master,
                                      std::string_view id, std::uint8_t hid) {
  HEQI_TRY(const G1 ds, G1::decode(bytes));
  HEQI_TRY(const G2 point, identity_point(master, id, hid));
  const GtBytes computed = pair(ds, point).encode(), expected = master.g().base().encode();
  base::wipe_stack();
  if (!base::ct::declassified(base::ct::equal_bytes(computed, expected)))
    return base::fail(Code::invalid_signature, "SM9: the key is not that of the identity");
  return SignKey(ds, master);
}

base::SecretArray<kG1Size> SignKey::encode() const {
  G1Bytes bytes = ds_.encode();
  base::SecretArray<kG1Size> out{std::span<const std::uint8_t, kG1Size>(bytes)};
  base::secure_wipe(bytes.data(), bytes.size());
  return out;
}

SignMasterKey::SignMasterKey(const Scalar& ks)
    : ks_(ks), public_key_([&ks] {
        const G2Bytes bytes = mul(ks, G2::generator()).encode();
        base::ct::declassify(bytes);
        return SignMasterPublicKey(*G2::decode(bytes));
      }()) {
  base::wipe_stack();
}

base::Result<SignMasterKey> SignMasterKey::generate(base::Random& random) {
  HEQI_TRY(const Scalar ks, Scalar::draw(random));
  return SignMasterKey(ks);
}

base::Result<SignMasterKey> SignMasterKey::decode(base::ByteView bytes) {
  HEQI_TRY(const Scalar ks, Scalar::decode(bytes));
  return SignMasterKey(ks);
}

base::SecretArray<kScalarSize> SignMasterKey::encode() const {
  ScalarBytes bytes = ks_.encode();
  base::SecretArray<kScalarSize> out{std::span<const std::uint8_t, kScalarSize>(bytes)};
  base::secure_wipe(bytes.data(), bytes.size());
  return out;
}

base::Result<SignKey> SignMasterKey::extract(std::string_view id, std::uint8_t hid) const {
  HEQI_TRY(const Scalar factor, internal::user_factor(ks_, id, hid));
  SignKey key(mul(factor, G1::generator()), public_key_);
  base::wipe_stack();
  return key;
}

base::Result<Signature> sign(const SignKey& key, base::ByteView message, base::Random& random) {
  for (int attempt = 0; attempt < 8; ++attempt) {
    HEQI_TRY(const Scalar r, Scalar::draw(random));
    const Scalar h = signature_hash(message, key.master().g().power(r));
    HEQI_TRY(const std::optional<Signature> signature, internal::finish_signature(key, r, h));
    if (signature) return *signature;
  }
  return base::fail(Code::crypto_random_failed, "SM9: eight draws in a row were refused");
}

base::Result<Signer> Signer::make(const SignMasterPublicKey& master, std::string_view id,
                                  std::uint8_t hid) {
  HEQI_TRY(const G2 point, identity_point(master, id, hid));
  return Signer(master, point);
}

base::Status Signer::verify(base::ByteView message, const Signature& signature) const {
  if (signature.h.is_zero()) return base::fail(Code::malformed, "SM9 signature: h is zero");
  if (signature.s.is_infinity()) return base::fail(Code::malformed, "SM9 signature: S is infinity");
  const Gt w = pair(signature.s, point_) * master_.g().power(signature.h);
  if (!equal_vartime(signature_hash(message, w), signature.h))
    return base::fail(Code::invalid_signature, "SM9 signature: it does not verify");
  return {};
}

base::Status verify(const SignMasterPublicKey& master, std::string_view id, base::ByteView message,
                    const Signature& signature, std::uint8_t hid) {
  HEQI_TRY(const Signer signer, Signer::make(master, id, hid));
  return signer.verify(message, signature);
}

}  // namespace heqi::crypto::sm9
