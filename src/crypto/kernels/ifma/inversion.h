// inversion.h: 1/z in eight lanes, by Fermat's exponent for one vector and by products for several.
#pragma once
#include "point.h"

namespace heqi::crypto::internal::ifma {

static inline Number squared_times(Number a, int times) {
  for (int i = 0; i < times; ++i) a = squared(a);
  return a;
}

// inverted is a^(p−2): 31 ones, a zero, 128 ones, 32 zeros, 62 ones, and 01. Of zero it is zero.
// a below 4p.
__attribute__((noinline)) static Number inverted(const Number& a) {
  const Number ones2 = squared_times(a, 1) * a, ones3 = squared_times(ones2, 1) * a;
  const Number ones6 = squared_times(ones3, 3) * ones3, ones12 = squared_times(ones6, 6) * ones6;
  const Number ones15 = squared_times(ones12, 3) * ones3;
  const Number ones30 = squared_times(ones15, 15) * ones15;
  const Number ones31 = squared_times(ones30, 1) * a, ones32 = squared_times(ones31, 1) * a;
  Number out = squared_times(ones31, 33) * ones32;
  for (int i = 0; i < 3; ++i) out = squared_times(out, 32) * ones32;
  out = squared_times(out, 64) * ones32;
  out = squared_times(out, 30) * ones30;
  return squared_times(out, 2) * a;
}

// invert_each replaces z[i], none of which is zero, by its inverse; products is room for count
// numbers.
static inline void invert_each(Number* z, Number* products, std::size_t count) {
  products[0] = z[0];
  for (std::size_t i = 1; i < count; ++i) products[i] = products[i - 1] * z[i];
  Number rest = inverted(products[count - 1]);
  for (std::size_t i = count; --i > 0;) {
    const Number inverse = rest * products[i - 1];
    rest = rest * z[i];
    z[i] = inverse;
  }
  z[0] = rest;
}

// over is the affine point of (X, Y) with the denominator's inverse.
HEQI_LANES Affine over(const Affine& numerators, const Number& z_inverse) {
  const Number square_inverse = squared(z_inverse);
  return {folded(multiply(numerators.x, square_inverse)),
          folded(multiply(numerators.y, square_inverse * z_inverse))};
}

}  // namespace heqi::crypto::internal::ifma
