// projective.h: the group law of sm2p256v1 in homogeneous coordinates by the complete formulas for
// a = −3 of Renes, Costello and Batina (Eurocrypt 2016, algorithms 4 to 6): no exceptional case, so
// no branch. The point at infinity is (0 : 1 : 0).
#pragma once
#include <heqi/crypto/curve.h>

#include "field.h"

namespace heqi::crypto::internal {

// kCurveB is b, kGeneratorX and kGeneratorY the base point (GB/T 32918.5).
inline constexpr Words kCurveB = {0xDDBCBD414D940E93, 0xF39789F515AB8F92, 0x4D5A9E4BCF6509A7,
                                  0x28E9FA9E9D9F5E34};
inline constexpr Words kGeneratorX = {0x715A4589334C74C7, 0x8FE30BBFF2660BE1, 0x5F9904466A39C994,
                                      0x32C4AE2C1F198119};
inline constexpr Words kGeneratorY = {0x02DF32E52139F0A0, 0xD0A9877CC62A4740, 0x59BDCEE36B692153,
                                      0xBC3736A2F4F6779C};
inline constexpr Field kFieldB{to_montgomery(kCurveB, kPrime)};

struct Affine {
  Field x, y;
};

struct Projective {
  Field x, y, z;

  static Projective infinity() { return {Field{}, Field::one(), Field{}}; }
  static Projective from(const Affine& point) { return {point.x, point.y, Field::one()}; }
};

Projective operator+(const Projective& p, const Projective& q);  // any p, q
Projective operator+(const Projective& p, const Affine& q);      // any p; q is never infinity
Projective double_point(const Projective& p);
inline Projective negate(const Projective& p) {
  return {p.x, Field{} - p.y, p.z};
}

inline Projective select(base::ct::Mask mask, const Projective& p, const Projective& q) {
  return {select(mask, p.x, q.x), select(mask, p.y, q.y), select(mask, p.z, q.z)};
}

inline Projective generator() {
  return {{to_montgomery(kGeneratorX, kPrime)}, {to_montgomery(kGeneratorY, kPrime)}, Field::one()};
}

// to_affine of infinity is (0, 0).
Affine to_affine(const Projective& p);
// is_on_curve asks y² = x³ − 3x + b.
base::ct::Mask is_on_curve(const Affine& p);

inline Projective from_point(const Point& point) {
  const auto& w = point.words();
  return {{{w[0], w[1], w[2], w[3]}}, {{w[4], w[5], w[6], w[7]}}, {{w[8], w[9], w[10], w[11]}}};
}
inline Point to_point(const Projective& p) {
  const Words &x = p.x.words, &y = p.y.words, &z = p.z.words;
  return Point::from_words(
      {x[0], x[1], x[2], x[3], y[0], y[1], y[2], y[3], z[0], z[1], z[2], z[3]});
}

}  // namespace heqi::crypto::internal
