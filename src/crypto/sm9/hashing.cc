#include "hashing.h"

#include <algorithm>

#include <heqi/crypto/kdf.h>

namespace heqi::crypto::sm9 {
namespace internal {

Scalar hash_to_scalar(std::uint8_t prefix, std::initializer_list<base::ByteView> parts) {
  Sm3 start;
  start.update({&prefix, 1});
  for (const base::ByteView part : parts) start.update(part);
  base::SecretArray<40> out;  // 8·⌈5·256/32⌉ bits
  for (std::uint8_t counter = 1; counter <= 2; ++counter) {
    const std::array<std::uint8_t, 4> number = {0, 0, 0, counter};
    Digest digest = Sm3(start).update(number).finish();
    const std::size_t at = kSm3Size * (counter - 1u);
    const auto target = out.expose_mutable().subspan(at);
    std::copy_n(digest.begin(), std::min(kSm3Size, target.size()), target.begin());
    base::secure_wipe(digest.data(), digest.size());
  }
  return Scalar::from_hash(out.expose());
}

base::Result<base::SecretBytes> key_from(std::initializer_list<base::ByteView> parts,
                                         std::size_t size) {
  if (size == 0) return base::fail(base::Code::malformed, "SM9: a key of no bytes");
  if (size > kSharedKeySizeMax)
    return base::fail(base::Code::limit_exceeded, "SM9: a key of more than 2^30 bytes");
  std::size_t total = 0;
  for (const base::ByteView part : parts) total += part.size();
  base::SecretBytes shared(total);
  auto at = shared.expose_mutable().begin();
  for (const base::ByteView part : parts) at = std::copy(part.begin(), part.end(), at);
  return sm2_kdf(shared.expose(), size);
}

base::Result<G1> publish(const G1& point) {
  const G1Bytes bytes = point.encode();
  base::ct::declassify(bytes);
  auto decoded = G1::decode(bytes);
  if (!decoded)
    return base::fail(base::Code::internal, "SM9: a computed point is not on the curve");
  return decoded;
}

base::Result<Scalar> user_factor(const Scalar& k, std::string_view id, std::uint8_t hid) {
  HEQI_TRY(const Scalar h1, identity_scalar(id, hid));
  const Scalar t1 = h1 + k;
  if (t1.is_zero())
    return base::fail(base::Code::conflict, "SM9: this identity asks for another master key");
  return k * t1.inverse();
}

}  // namespace internal

base::Result<Scalar> identity_scalar(std::string_view id, std::uint8_t hid) {
  if (id.empty()) return base::fail(base::Code::malformed, "SM9: an empty identity");
  if (id.size() > kIdentitySizeMax)
    return base::fail(base::Code::limit_exceeded,
                      "SM9: an identity of " + std::to_string(id.size()) + " bytes");
  return internal::hash_to_scalar(1, {base::bytes_of(id), {&hid, 1}});
}

}  // namespace heqi::crypto::sm9
