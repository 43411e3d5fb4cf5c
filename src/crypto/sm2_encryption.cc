// sm2_encryption.cc: public key encryption (GB/T 32918.4). Names are the standard's.
#include <heqi/crypto/kdf.h>
#include <heqi/crypto/sm2.h>

#include "jacobian_point.h"
#include "order.h"
#include "wipe_frames.h"

namespace heqi::crypto {
namespace {

using base::Code;
using internal::JacobianPoint;
using internal::Words;

// Shared is x2 || y2 and the key stream t derived from it.
struct Shared {
  base::SecretArray<64> coordinates;
  base::SecretBytes stream;

  base::ByteView x2() const { return coordinates.expose().first(32); }
  base::ByteView y2() const { return coordinates.expose().last(32); }
};

// share keeps the coordinates of the point that both sides find.
Shared share(const internal::Affine& point, std::size_t size) {
  PointBytes bytes = internal::encode(point);
  Shared shared;
  shared.coordinates = base::SecretArray<64>(std::span<const std::uint8_t, 64>(&bytes[1], 64));
  base::secure_wipe(bytes.data(), bytes.size());
  shared.stream = sm2_kdf(shared.coordinates.expose(), size);
  return shared;
}

// agree is [k]P, as the one who decrypts finds it.
__attribute__((noinline)) Shared agree(const Scalar& k, const Point& point, std::size_t size) {
  Words plain = internal::order_to_plain(k.words());
  JacobianPoint product;
  internal::curve_kernel().multiply(product, plain, internal::to_jacobian(point));
  base::secure_wipe(plain.data(), sizeof plain);
  return share(internal::to_affine(product), size);
}

// Begun is what one nonce makes: C1 = [k]G and [k]P.
struct Begun {
  PointBytes c1;
  Shared shared;
};

__attribute__((noinline)) Begun begin(const Scalar& k, const Point& key, std::size_t size) {
  Words plain = internal::order_to_plain(k.words());
  JacobianPoint c1, product;
  (void)internal::curve_kernel().multiply_base(c1, plain);
  internal::curve_kernel().multiply(product, plain, internal::to_jacobian(key));
  base::secure_wipe(plain.data(), sizeof plain);
  std::array<internal::Field, 2> denominators = {c1.z, product.z};
  internal::invert_all(denominators);
  return {internal::encode(internal::to_affine(c1, denominators[0])),
          share(internal::to_affine(product, denominators[1]), size)};
}

// is_all_zero declassifies its answer, as the standard branches on it.
bool is_all_zero(base::ByteView bytes) {
  std::uint64_t any = 0;
  for (std::uint8_t byte : bytes) any |= byte;
  return base::ct::declassified(base::ct::is_zero(any));
}

void combine(base::MutableByteView out, base::ByteView in, base::ByteView stream) {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = static_cast<std::uint8_t>(in[i] ^ stream[i]);
}

}  // namespace

base::Result<Ciphertext> encrypt(const PublicKey& key, base::ByteView plain, base::Random& random) {
  if (plain.empty()) return base::fail(Code::malformed, "SM2 encryption: nothing to encrypt");
  for (int attempt = 0; attempt < 8; ++attempt) {
    HEQI_TRY(const Scalar k, Scalar::draw(random));
    const Begun begun = begin(k, key.point(), plain.size());
    const Shared& shared = begun.shared;
    internal::wipe_frames();
    if (is_all_zero(shared.stream.expose())) continue;
    base::ct::declassify(begun.c1);
    Ciphertext out;
    HEQI_TRY(out.c1, Point::decode(begun.c1));
    out.c2.resize(plain.size());
    combine(out.c2, plain, shared.stream.expose());
    out.c3 = Sm3().update(shared.x2()).update(plain).update(shared.y2()).finish();
    base::ct::declassify(out.c2);
    base::ct::declassify(out.c3);
    return out;
  }
  return base::fail(Code::crypto_random_failed, "SM2 encryption: the key stream stays zero");
}

base::Result<base::SecretBytes> decrypt(const PrivateKey& key, const Ciphertext& ciphertext) {
  if (ciphertext.c1.is_infinity())
    return base::fail(Code::crypto_not_on_curve, "SM2 ciphertext: C1 is infinity");
  if (ciphertext.c2.empty()) return base::fail(Code::malformed, "SM2 ciphertext: C2 is empty");
  const Shared shared = agree(key.d().expose(), ciphertext.c1, ciphertext.c2.size());
  base::SecretBytes plain(ciphertext.c2.size());
  combine(plain.expose_mutable(), ciphertext.c2, shared.stream.expose());
  Digest c3 = Sm3().update(shared.x2()).update(plain.expose()).update(shared.y2()).finish();
  const bool same = base::ct::declassified(base::ct::equal_bytes(c3, ciphertext.c3));
  base::secure_wipe(c3.data(), c3.size());
  const bool zero = is_all_zero(shared.stream.expose());
  internal::wipe_frames();
  if (!same || zero) return base::fail(Code::invalid_signature, "SM2 ciphertext: C3 does not fit");
  return plain;
}

}  // namespace heqi::crypto
