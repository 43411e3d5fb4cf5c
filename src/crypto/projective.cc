#include "projective.h"

namespace heqi::crypto::internal {

namespace {

// finish is the common end of algorithms 4 and 5. With the names of the paper's complete law:
// xx = X1X2, yy = Y1Y2, zz3 = 3·Z1Z2, xy = X1Y2 + X2Y1, yz = Y1Z2 + Y2Z1, xz = X1Z2 + X2Z1.
Projective finish(const Field& xx, const Field& yy, const Field& zz, const Field& xy,
                  const Field& yz, const Field& xz) {
  const Field& b = kFieldB;
  const Field zz3 = thrice(zz);
  const Field u = thrice(xz - b * zz);
  const Field minus_u = yy - u, plus_u = yy + u;
  const Field v = thrice(b * xz - zz3 - xx);
  const Field w = thrice(xx) - zz3;
  return {xy * plus_u - yz * v, plus_u * minus_u + w * v, yz * minus_u + xy * w};
}

}  // namespace

Projective operator+(const Projective& p, const Projective& q) {
  const Field xx = p.x * q.x, yy = p.y * q.y, zz = p.z * q.z;
  const Field xy = (p.x + p.y) * (q.x + q.y) - (xx + yy);
  const Field yz = (p.y + p.z) * (q.y + q.z) - (yy + zz);
  const Field xz = (p.x + p.z) * (q.x + q.z) - (xx + zz);
  return finish(xx, yy, zz, xy, yz, xz);
}

Projective operator+(const Projective& p, const Affine& q) {
  const Field xx = p.x * q.x, yy = p.y * q.y;
  const Field xy = (p.x + p.y) * (q.x + q.y) - (xx + yy);
  return finish(xx, yy, p.z, xy, q.y * p.z + p.y, q.x * p.z + p.x);
}

Projective double_point(const Projective& p) {
  const Field& b = kFieldB;
  const Field xx = square(p.x), yy = square(p.y), zz = square(p.z);
  const Field xy2 = twice(p.x * p.y), xz2 = twice(p.x * p.z), yz2 = twice(p.y * p.z);
  const Field zz3 = thrice(zz);
  const Field u = thrice(b * zz - xz2);
  const Field minus_u = yy - u, plus_u = yy + u;
  const Field v = thrice(b * xz2 - zz3 - xx);
  const Field w = thrice(xx) - zz3;
  return {minus_u * xy2 - yz2 * v, plus_u * minus_u + w * v, twice(twice(yz2 * yy))};
}

Affine to_affine(const Projective& p) {
  // Whether a point is in affine form is known to whoever reads the program; its value is not.
  if (base::ct::declassified(equal(p.z.words, kPrimeOne))) return {p.x, p.y};
  const Field z_inverse = inverse(p.z);
  return {p.x * z_inverse, p.y * z_inverse};
}

base::ct::Mask is_on_curve(const Affine& p) {
  const Field right = (square(p.x) - thrice(Field::one())) * p.x + kFieldB;
  return equal(square(p.y).words, right.words);
}

}  // namespace heqi::crypto::internal
