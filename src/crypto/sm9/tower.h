// tower.h: Fp4 = Fp2[v] with v² = u and Fp12 = Fp4[w] with w³ = v (GB/T 38635.1 §6.2). Constant
// time.
#pragma once
#include "field.h"

namespace heqi::crypto::sm9::internal {

// Fp4 is low + high·v.
template <class Path>
struct Fp4 {
  Fp2<Path> low, high;
};

template <class Path>
inline Fp4<Path> operator+(const Fp4<Path>& a, const Fp4<Path>& b) {
  return {a.low + b.low, a.high + b.high};
}
template <class Path>
inline Fp4<Path> operator-(const Fp4<Path>& a, const Fp4<Path>& b) {
  return {a.low - b.low, a.high - b.high};
}
template <class Path>
inline Fp4<Path> operator-(const Fp4<Path>& a) {
  return {-a.low, -a.high};
}
template <class Path>
[[gnu::noinline]] Fp4<Path> operator*(const Fp4<Path>& a, const Fp4<Path>& b) {
  const Fp2<Path> lows = a.low * b.low, highs = a.high * b.high;
  const Fp2<Path> cross = (a.low + a.high) * (b.low + b.high);
  return {lows + times_u(highs), cross - lows - highs};
}
template <class Path>
[[gnu::noinline]] Fp4<Path> square(const Fp4<Path>& a) {
  const Fp2<Path> lows = square(a.low), highs = square(a.high);
  return {lows + times_u(highs), square(a.low + a.high) - lows - highs};
}
template <class Path>
inline Fp4<Path> times_v(const Fp4<Path>& a) {
  return {times_u(a.high), a.low};
}
template <class Path>
inline Fp4<Path> conjugate(const Fp4<Path>& a) {
  return {a.low, -a.high};
}
template <class Path>
Fp4<Path> inverse(const Fp4<Path>& a) {
  const Fp2<Path> over = inverse(square(a.low) - times_u(square(a.high)));
  return {a.low * over, -(a.high * over)};
}
template <class Path>
inline Fp4<Path> select(Mask mask, const Fp4<Path>& a, const Fp4<Path>& b) {
  return {select(mask, a.low, b.low), select(mask, a.high, b.high)};
}

// Fp12 is a + b·w + c·w².
template <class Path>
struct Fp12 {
  Fp4<Path> a, b, c;

  static Fp12 one() { return {{Fp2<Path>::one(), {}}, {}, {}}; }
};

template <class Path>
[[gnu::noinline]] Fp12<Path> operator*(const Fp12<Path>& x, const Fp12<Path>& y) {
  const Fp4<Path> aa = x.a * y.a, bb = x.b * y.b, cc = x.c * y.c;
  return {aa + times_v((x.b + x.c) * (y.b + y.c) - bb - cc),
          (x.a + x.b) * (y.a + y.b) - aa - bb + times_v(cc),
          (x.a + x.c) * (y.a + y.c) - aa - cc + bb};
}
// square is the second method of Chung and Hasan: three squares and two products of Fp4.
template <class Path>
[[gnu::noinline]] Fp12<Path> square(const Fp12<Path>& x) {
  const Fp4<Path> aa = square(x.a), cc = square(x.c);
  const Fp4<Path> ab = twice(x.a * x.b), bc = twice(x.b * x.c);
  const Fp4<Path> mixed = square(x.a - x.b + x.c);
  return {aa + times_v(bc), ab + times_v(cc), mixed + ab + bc - aa - cc};
}
// square_unitary is square where x^(p⁶+1) = x^(p⁴−p²+1) = 1, as after the first part of the final
// exponentiation (Granger and Scott, PKC 2010).
template <class Path>
[[gnu::noinline]] Fp12<Path> square_unitary(const Fp12<Path>& x) {
  return {thrice(square(x.a)) - twice(conjugate(x.a)),
          thrice(times_v(square(x.c))) + twice(conjugate(x.b)),
          thrice(square(x.b)) - twice(conjugate(x.c))};
}
template <class Path>
[[gnu::noinline]] Fp12<Path> inverse(const Fp12<Path>& x) {
  const Fp4<Path> a = square(x.a) - times_v(x.b * x.c);
  const Fp4<Path> b = times_v(square(x.c)) - x.a * x.b;
  const Fp4<Path> c = square(x.b) - x.a * x.c;
  const Fp4<Path> over = inverse(x.a * a + times_v(x.b * c + x.c * b));
  return {a * over, b * over, c * over};
}
// conjugate is x^(p⁶): w becomes −w. It is the inverse of a unitary number.
template <class Path>
inline Fp12<Path> conjugate(const Fp12<Path>& x) {
  return {conjugate(x.a), -conjugate(x.b), conjugate(x.c)};
}
template <class Path>
inline Fp12<Path> select(Mask mask, const Fp12<Path>& x, const Fp12<Path>& y) {
  return {select(mask, x.a, y.a), select(mask, x.b, y.b), select(mask, x.c, y.c)};
}

// frobenius is x^p. The coefficients of 1, w, … w⁵ are a.low, b.low, c.low, a.high, b.high, c.high.
template <class Path>
Fp12<Path> frobenius(const Fp12<Path>& x) {
  static constexpr std::array<Words, 6> kFactors = {
      in_field(kFrobenius[0]), in_field(kFrobenius[1]), in_field(kFrobenius[2]),
      in_field(kFrobenius[3]), in_field(kFrobenius[4]), in_field(kFrobenius[5])};
  const auto part = [](const Fp2<Path>& coefficient, std::size_t i) {
    return conjugate(coefficient) * Fp<Path>{kFactors[i]};
  };
  return {{conjugate(x.a.low), part(x.a.high, 3)},
          {part(x.b.low, 1), part(x.b.high, 4)},
          {part(x.c.low, 2), part(x.c.high, 5)}};
}

}  // namespace heqi::crypto::sm9::internal
