// multiply.cc: multiples of points, by the kernel that was chosen (curve_operations.h).
#include "curve_kernel.h"
#include "jacobian_point.h"
#include "order.h"

namespace heqi::crypto {

using internal::curve_kernel;
using internal::JacobianPoint;
using internal::Words;

// Constant time.

Point mul_base(const Scalar& k) {
  Words plain = internal::order_to_plain(k.words());
  JacobianPoint out;
  (void)curve_kernel().multiply_base(out, plain);
  base::secure_wipe(plain.data(), sizeof plain);
  return internal::to_point(internal::to_projective(out));
}

Point mul(const Scalar& k, const Point& point) {
  Words plain = internal::order_to_plain(k.words());
  JacobianPoint out;
  curve_kernel().multiply(out, plain, internal::to_jacobian(point));
  base::secure_wipe(plain.data(), sizeof plain);
  return internal::to_point(internal::to_projective(out));
}

// Public values only.

Point mul_add_vartime(const Scalar& a, const Scalar& b, const Point& point) {
  JacobianPoint out;
  curve_kernel().multiply_base_add_vartime(out, internal::order_to_plain(a.words()),
                                           internal::order_to_plain(b.words()),
                                           internal::to_jacobian(point));
  return internal::to_point(internal::to_projective(out));
}

Point mul_vartime(const Scalar& k, const Point& point) {
  return mul_add_vartime(Scalar(), k, point);
}

}  // namespace heqi::crypto
