// jacobian_point.h: between the homogeneous coordinates of Point and the Jacobian ones of the
// kernels. Constant time.
#pragma once
#include "curve_kernel.h"

namespace heqi::crypto::internal {

inline JacobianPoint to_jacobian(const Projective& p) {
  return {p.x * p.z, p.y * square(p.z), p.z};
}
inline JacobianPoint to_jacobian(const Point& point) {
  return to_jacobian(from_point(point));
}

inline Projective to_projective(const JacobianPoint& p) {
  return select(is_zero(p.z), Projective::infinity(),
                Projective{p.x * p.z, p.y, p.z * square(p.z)});
}

// to_affine of infinity is (0, 0).
inline Affine to_affine(const JacobianPoint& p, const Field& z_inverse) {
  const Field zz = square(z_inverse);
  return {p.x * zz, p.y * (zz * z_inverse)};
}
inline Affine to_affine(const JacobianPoint& p) {
  return to_affine(p, inverse(p.z));
}

// encode is 04 || X || Y.
inline PointBytes encode(const Affine& affine) {
  PointBytes out;
  out[0] = 4;
  store_words(out.data() + 1, affine.x.to_plain());
  store_words(out.data() + 33, affine.y.to_plain());
  return out;
}

}  // namespace heqi::crypto::internal
