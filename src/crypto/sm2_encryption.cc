// sm2_encryption.cc: public key encryption (GB/T 32918.4). Names are the standard's.
#include <heqi/crypto/sm2.h>

#include "jacobian_point.h"
#include "order.h"
#include "sm2_shared_point.h"
#include "wipe_frames.h"

namespace heqi::crypto {
namespace {

using base::Code;
using internal::JacobianPoint;
using internal::SharedSecret;
using internal::Words;

// share keeps the coordinates of the point that both sides find.
SharedSecret share(const internal::Affine& point, std::size_t size) {
  PointBytes bytes = internal::encode(point);
  internal::SharedCoordinates coordinates(std::span<const std::uint8_t, 64>(&bytes[1], 64));
  base::secure_wipe(bytes.data(), bytes.size());
  return internal::derive(std::move(coordinates), size);
}

// agree is [k]P, as the one who decrypts finds it.
__attribute__((noinline)) SharedSecret agree(const Scalar& k, const Point& point,
                                             std::size_t size) {
  Words plain = internal::order_to_plain(k.words());
  JacobianPoint product;
  internal::curve_kernel().multiply(product, plain, internal::to_jacobian(point));
  base::secure_wipe(plain.data(), sizeof plain);
  return share(internal::to_affine(product), size);
}

// Begun is what one nonce makes: C1 = [k]G and [k]P.
struct Begun {
  PointBytes c1;
  SharedSecret shared;
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

}  // namespace

base::Result<Ciphertext> encrypt(const PublicKey& key, base::ByteView plain, base::Random& random) {
  if (plain.empty()) return base::fail(Code::malformed, "SM2 encryption: nothing to encrypt");
  for (int attempt = 0; attempt < 8; ++attempt) {
    HEQI_TRY(const Scalar k, Scalar::draw(random));
    const Begun begun = begin(k, key.point(), plain.size());
    internal::wipe_frames();
    if (!internal::is_usable(begun.shared)) continue;
    base::ct::declassify(begun.c1);
    Ciphertext out;
    HEQI_TRY(out.c1, Point::decode(begun.c1));
    internal::encrypt_with_shared(out, begun.shared, plain);
    return out;
  }
  return base::fail(Code::crypto_random_failed, "SM2 encryption: the key stream stays zero");
}

base::Result<base::SecretBytes> decrypt(const PrivateKey& key, const Ciphertext& ciphertext) {
  HEQI_TRY(internal::check_form(ciphertext));
  const SharedSecret shared = agree(key.d().expose(), ciphertext.c1, ciphertext.c2.size());
  auto plain = internal::decrypt_with_shared(ciphertext, shared);
  internal::wipe_frames();
  return plain;
}

}  // namespace heqi::crypto
