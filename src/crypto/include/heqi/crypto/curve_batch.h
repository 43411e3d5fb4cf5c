// heqi/crypto/curve_batch.h: many multiplications on sm2p256v1 at once, for protocols (two-party
// signing, key agreement). Constant time in scalars and points. Fail with internal where a check of
// the results finds a fault of the machine.
#pragma once
#include <span>
#include <vector>

#include <heqi/crypto/curve.h>

namespace heqi::crypto {

// Multiplication is [k]P.
struct Multiplication {
  const Scalar* k;
  const Point* p;
};

// kLanesPay: fewer are multiplied one by one, which is quicker than half-empty lanes.
inline constexpr std::size_t kLanesPay = 3;

// The points that come out are in affine form.
base::Result<std::vector<Point>> mul_base_batch(std::span<const Scalar> scalars);
base::Result<std::vector<Point>> mul_batch(std::span<const Multiplication> products);

}  // namespace heqi::crypto
