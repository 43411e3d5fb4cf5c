#include <heqi/crypto/curve_batch.h>

#include "plain_numbers.h"

namespace heqi::crypto {
namespace {

using internal::PlainPoints;
using internal::PlainScalars;

base::Result<std::vector<Point>> points_of(bool right, PlainPoints& plain) {
  base::wipe_stack();
  if (!right) return base::fail(base::Code::internal, "multiplication: a result is not right");
  std::vector<Point> out;
  out.reserve(plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) out.push_back(internal::point_of(plain[i]));
  return out;
}

}  // namespace

base::Result<std::vector<Point>> mul_base_batch(std::span<const Scalar> scalars) {
  PlainScalars k(scalars.size());
  PlainPoints out(scalars.size());
  for (std::size_t i = 0; i < scalars.size(); ++i) internal::put(k[i], scalars[i]);
  const bool right = internal::sm2_batch_kernel().multiply_base(k.data(), k.size(), out.data());
  return points_of(right, out);
}

base::Result<std::vector<Point>> mul_batch(std::span<const Multiplication> products) {
  PlainScalars k(products.size());
  PlainPoints p(products.size()), out(products.size());
  for (std::size_t i = 0; i < products.size(); ++i) {
    internal::put(k[i], *products[i].k);
    internal::put(p[i], *products[i].p);
  }
  const bool right =
      internal::sm2_batch_kernel().multiply(k.data(), p.data(), k.size(), out.data());
  return points_of(right, out);
}

}  // namespace heqi::crypto
