#include <heqi/crypto/curve_batch.h>

#include "plain_numbers.h"

namespace heqi::crypto {
namespace {

using internal::Affine;
using internal::Field;
using internal::PlainPoints;
using internal::PlainScalars;
using internal::Projective;

base::Result<std::vector<Point>> points_of(bool right, PlainPoints& plain) {
  base::wipe_stack();
  if (!right) return base::fail(base::Code::internal, "multiplication: a result is not right");
  std::vector<Point> out;
  out.reserve(plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) out.push_back(internal::point_of(plain[i]));
  return out;
}

// put_all makes all points affine with one inversion; constant time. The inverse of zero being
// zero, infinity becomes (0, 0).
void put_all(PlainPoints& out, std::span<const Multiplication> products) {
  std::vector<Field> z;
  z.reserve(products.size());
  for (const Multiplication& product : products) z.push_back(internal::from_point(*product.p).z);
  internal::invert_all(z);
  for (std::size_t i = 0; i < products.size(); ++i) {
    const Projective p = internal::from_point(*products[i].p);
    internal::put(out[i], Affine{p.x * z[i], p.y * z[i]});
  }
  base::secure_wipe(z.data(), z.size() * sizeof(Field));
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
  for (std::size_t i = 0; i < products.size(); ++i) internal::put(k[i], *products[i].k);
  put_all(p, products);
  const bool right =
      internal::sm2_batch_kernel().multiply(k.data(), p.data(), k.size(), out.data());
  return points_of(right, out);
}

}  // namespace heqi::crypto
