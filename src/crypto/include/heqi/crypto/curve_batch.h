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
// kTablesPay: for fewer scalars, tables of their point cost more than they spare.
inline constexpr std::size_t kTablesPay = 12;
// mul_one_batch is [k]P of one point for each scalar; less than half the time of mul_batch from
// kTablesPay scalars on.
base::Result<std::vector<Point>> mul_one_batch(const Point& p, std::span<const Scalar> scalars);

// make_affine brings all points to affine form by one inversion.
void make_affine(std::span<Point> points);

}  // namespace heqi::crypto
