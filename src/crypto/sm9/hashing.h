// hashing.h: the auxiliary functions of SM9 (GB/T 38635.2 §5.3).
#pragma once
#include <heqi/crypto/sm9.h>

namespace heqi::crypto::sm9::internal {

// hash_to_scalar is H1 or H2 of the parts in a row; prefix is 1 or 2.
Scalar hash_to_scalar(std::uint8_t prefix, std::initializer_list<base::ByteView> parts);

// key_from is KDF(parts, size). Fails with malformed for size 0, limit_exceeded for too large ones.
base::Result<base::SecretBytes> key_from(std::initializer_list<base::ByteView> parts,
                                         std::size_t size);

// coordinates is an encoded point without its first byte, as hashes take it.
inline base::ByteView coordinates(const G1Bytes& bytes) {
  return base::ByteView(bytes).subspan(1);
}

// publish takes a point that is about to leave to affine form: projective coordinates would tell
// about the scalar that made it. A point that a fault threw off the curve does not leave.
base::Result<G1> publish(const G1& point);

// user_factor is t2 = k·(h1 + k)⁻¹ for a master key k (§6.1, §7.1); conflict where h1 + k = 0.
base::Result<Scalar> user_factor(const Scalar& k, std::string_view id, std::uint8_t hid);

}  // namespace heqi::crypto::sm9::internal
