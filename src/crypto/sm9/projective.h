// projective.h: points of y² = x³ + b over Fp and over Fp2 in homogeneous coordinates, with the
// complete formulas of Renes, Costello and Batina (Eurocrypt 2016, algorithms 7 and 9); neither
// curve has a point of order two, so that no case is exceptional. Constant time.
#pragma once
#include "../booth.h"
#include "field.h"

namespace heqi::crypto::sm9::internal {

// times_3b multiplies by three times the curve's b: 15 on the curve, 15u on its twist.
template <class Path>
inline Fp<Path> times_3b(const Fp<Path>& a) {
  const Fp<Path> a4 = twice(twice(a));
  return twice(twice(a4)) - a;
}
template <class Path>
inline Fp2<Path> times_3b(const Fp2<Path>& a) {
  return times_u(Fp2<Path>{times_3b(a.low), times_3b(a.high)});
}

template <class Number>
struct Projective {
  Number x, y, z;

  static Projective infinity() { return {{}, Number::one(), {}}; }
};

template <class Number>
[[gnu::noinline]] Projective<Number> operator+(const Projective<Number>& p,
                                               const Projective<Number>& q) {
  const Number xx = p.x * q.x, yy = p.y * q.y, zz = p.z * q.z, bzz = times_3b(zz);
  const Number xy = (p.x + p.y) * (q.x + q.y) - xx - yy;
  const Number yz = (p.y + p.z) * (q.y + q.z) - yy - zz;
  const Number xz = times_3b((p.x + p.z) * (q.x + q.z) - xx - zz);
  const Number xx3 = thrice(xx), sum = yy + bzz, difference = yy - bzz;
  return {xy * difference - yz * xz, difference * sum + xx3 * xz, sum * yz + xx3 * xy};
}
template <class Number>
[[gnu::noinline]] Projective<Number> double_point(const Projective<Number>& p) {
  const Number yy = square(p.y), zz = times_3b(square(p.z));
  const Number yy8 = twice(twice(twice(yy))), difference = yy - thrice(zz);
  return {twice(difference * (p.x * p.y)), difference * (yy + zz) + zz * yy8, yy8 * (p.y * p.z)};
}
template <class Number>
inline Projective<Number> operator-(const Projective<Number>& p) {
  return {p.x, -p.y, p.z};
}
template <class Number>
inline Projective<Number> select(Mask mask, const Projective<Number>& p,
                                 const Projective<Number>& q) {
  return {select(mask, p.x, q.x), select(mask, p.y, q.y), select(mask, p.z, q.z)};
}

template <class Number>
Mask is_on_curve(const Projective<Number>& p) {
  // 3y²z = 3x³ + 3b·z³
  const Number left = thrice(square(p.y) * p.z);
  const Number right = thrice(square(p.x) * p.x) + times_3b(square(p.z) * p.z);
  return is_zero(left - right);
}
template <class Number>
Mask are_equal(const Projective<Number>& p, const Projective<Number>& q) {
  return is_zero(p.x * q.z - q.x * p.z) & is_zero(p.y * q.z - q.y * p.z) &
         ~(is_zero(p.z) ^ is_zero(q.z));
}
// to_affine makes z one; infinity becomes (0, 0, 0).
template <class Number>
Projective<Number> to_affine(const Projective<Number>& p) {
  const Number over = inverse(p.z);
  return {p.x * over, p.y * over, p.z * over};
}

// multiply is [k]P for any 256-bit k, with signed windows; each look-up reads the whole table.
template <class Number>
[[gnu::noinline]] Projective<Number> multiply(const Words& k, const Projective<Number>& point) {
  using namespace crypto::internal;
  std::array<Projective<Number>, kWindowEntries> row;
  row[0] = point;
  for (std::size_t j = 1; j < kWindowEntries; ++j)
    row[j] = j % 2 == 1 ? double_point(row[j / 2]) : row[j - 1] + point;
  Projective<Number> sum = Projective<Number>::infinity();
  for (std::size_t i = kWindows; i-- > 0;) {
    for (std::size_t j = 0; j < kWindowBits; ++j) sum = double_point(sum);
    const Digit digit = booth_digit(k, i);
    Projective<Number> entry = Projective<Number>::infinity();
    for (std::size_t j = 0; j < kWindowEntries; ++j)
      entry = select(base::ct::equal(j + 1, digit.magnitude), row[j], entry);
    entry.y = select(digit.negative, -entry.y, entry.y);
    sum = sum + entry;
  }
  return sum;
}

}  // namespace heqi::crypto::sm9::internal
