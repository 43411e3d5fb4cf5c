#include "sm2_shared_point.h"

#include <heqi/crypto/kdf.h>

namespace heqi::crypto::internal {
namespace {

using base::Code;

void combine(base::MutableByteView out, base::ByteView in, const SharedSecret& shared) {
  const base::ByteView stream = shared.stream.expose();
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = static_cast<std::uint8_t>(in[i] ^ stream[i]);
}

Digest check_of(const SharedSecret& shared, base::ByteView plain) {
  const base::ByteView coordinates = shared.coordinates.expose();
  return Sm3().update(coordinates.first(32)).update(plain).update(coordinates.last(32)).finish();
}

}  // namespace

SharedSecret derive(SharedCoordinates coordinates, std::size_t size) {
  base::SecretBytes stream = sm2_kdf(coordinates.expose(), size);
  return {std::move(coordinates), std::move(stream)};
}

bool is_usable(const SharedSecret& shared) {
  std::uint64_t any = 0;
  for (const std::uint8_t octet : shared.stream.expose()) any |= octet;
  return !base::ct::declassified(base::ct::is_zero(any));
}

void encrypt_with_shared(Ciphertext& out, const SharedSecret& shared, base::ByteView plain) {
  out.c2.resize(plain.size());
  combine(out.c2, plain, shared);
  out.c3 = check_of(shared, plain);
  base::ct::declassify(out.c2);
  base::ct::declassify(out.c3);
}

base::Status check_form(const Ciphertext& ciphertext) {
  if (ciphertext.c1.is_infinity())
    return base::fail(Code::crypto_not_on_curve, "SM2 ciphertext: C1 is infinity");
  if (ciphertext.c2.empty()) return base::fail(Code::malformed, "SM2 ciphertext: C2 is empty");
  return {};
}

base::Result<base::SecretBytes> decrypt_with_shared(const Ciphertext& ciphertext,
                                                    const SharedSecret& shared) {
  base::SecretBytes plain(ciphertext.c2.size());
  combine(plain.expose_mutable(), ciphertext.c2, shared);
  Digest c3 = check_of(shared, plain.expose());
  const bool same = base::ct::declassified(base::ct::equal_bytes(c3, ciphertext.c3));
  base::secure_wipe(c3.data(), c3.size());
  if (!same || !is_usable(shared))
    return base::fail(Code::invalid_signature, "SM2 ciphertext: C3 does not fit");
  return plain;
}

}  // namespace heqi::crypto::internal
