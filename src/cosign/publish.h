// publish.h: what ends being a secret because the protocol sends it.
#pragma once
#include <heqi/base/constant_time.h>
#include <heqi/crypto/curve.h>

namespace heqi::cosign {

inline void declassify(const crypto::Scalar& scalar) {
  base::ct::declassify(
      {reinterpret_cast<const std::uint8_t*>(scalar.words().data()), crypto::kScalarSize});
}

// affine takes a point to affine form, in which it may be used for computations with public values:
// projective coordinates would tell about the scalar that made it.
inline base::Result<crypto::Point> affine(const crypto::Point& point) {
  const crypto::PointBytes bytes = point.encode();
  base::ct::declassify(bytes);
  return crypto::Point::decode(bytes);
}

}  // namespace heqi::cosign
