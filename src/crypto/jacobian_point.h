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

}  // namespace heqi::crypto::internal
