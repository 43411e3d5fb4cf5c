// field.h: the fields of SM9: Fp, and Fp2 = Fp[u] with u² = −2 (GB/T 38635.1 §6.2). Elements are in
// Montgomery form, always fully reduced. Everything is a template over the path, so that the code
// of one instruction set is never taken for that of another. Constant time.
#pragma once
#include "parameters.h"

namespace heqi::crypto::sm9::internal {

using base::ct::Mask;
using crypto::internal::select;

inline constexpr Words kFieldOne = crypto::internal::minus(kPrime);
inline constexpr Words kFieldRadixSquared = crypto::internal::radix_squared(kPrime);
inline constexpr Words kPrimeLessTwo = {kPrime[0] - 2, kPrime[1], kPrime[2], kPrime[3]};

// in_field makes a constant of the field from a plain number.
consteval Words in_field(const Words& plain) {
  return crypto::internal::to_montgomery(plain, kPrime);
}

template <class Path>
struct Fp {
  Words words{};

  static Fp one() { return {kFieldOne}; }
  static Fp from_plain(const Words& plain) { return {Path::multiply(plain, kFieldRadixSquared)}; }
  Words to_plain() const { return Path::multiply(Words{1, 0, 0, 0}, words); }
};

template <class Path>
inline Fp<Path> operator+(const Fp<Path>& a, const Fp<Path>& b) {
  return {Path::add(a.words, b.words)};
}
template <class Path>
inline Fp<Path> operator-(const Fp<Path>& a, const Fp<Path>& b) {
  return {Path::subtract(a.words, b.words)};
}
template <class Path>
inline Fp<Path> operator-(const Fp<Path>& a) {
  return {Path::subtract(Words{}, a.words)};
}
template <class Path>
inline Fp<Path> operator*(const Fp<Path>& a, const Fp<Path>& b) {
  return {Path::multiply(a.words, b.words)};
}
template <class Path>
inline Fp<Path> square(const Fp<Path>& a) {
  return {Path::multiply(a.words, a.words)};
}
template <class Path>
inline Mask is_zero(const Fp<Path>& a) {
  return base::ct::is_zero(a.words[0] | a.words[1] | a.words[2] | a.words[3]);
}
template <class Path>
inline Fp<Path> select(Mask mask, const Fp<Path>& a, const Fp<Path>& b) {
  return {select(mask, a.words, b.words)};
}
// inverse is a^(p−2); of zero it is zero.
template <class Path>
[[gnu::noinline]] Fp<Path> inverse(const Fp<Path>& a) {
  return crypto::internal::power(a, kPrimeLessTwo, Fp<Path>::one());
}

// Fp2 is low + high·u.
template <class Path>
struct Fp2 {
  Fp<Path> low, high;

  static Fp2 one() { return {Fp<Path>::one(), {}}; }
  static Fp2 from_plain(const std::array<Words, 2>& plain) {
    return {Fp<Path>::from_plain(plain[0]), Fp<Path>::from_plain(plain[1])};
  }
};

template <class Path>
inline Fp2<Path> operator+(const Fp2<Path>& a, const Fp2<Path>& b) {
  return {a.low + b.low, a.high + b.high};
}
template <class Path>
inline Fp2<Path> operator-(const Fp2<Path>& a, const Fp2<Path>& b) {
  return {a.low - b.low, a.high - b.high};
}
template <class Path>
inline Fp2<Path> operator-(const Fp2<Path>& a) {
  return {-a.low, -a.high};
}
// The product and the square are calls, not inlined: Fp12 would not fit the instruction cache.
template <class Path>
[[gnu::noinline]] Fp2<Path> operator*(const Fp2<Path>& a, const Fp2<Path>& b) {
  const Fp<Path> lows = a.low * b.low, highs = a.high * b.high;
  const Fp<Path> cross = (a.low + a.high) * (b.low + b.high);
  return {lows - (highs + highs), cross - lows - highs};
}
template <class Path>
[[gnu::noinline]] Fp2<Path> square(const Fp2<Path>& a) {
  const Fp<Path> product = a.low * a.high;
  return {(a.low + a.high) * (a.low - (a.high + a.high)) + product, product + product};
}
template <class Path>
inline Fp2<Path> operator*(const Fp2<Path>& a, const Fp<Path>& b) {
  return {a.low * b, a.high * b};
}
template <class Path>
inline Fp2<Path> times_u(const Fp2<Path>& a) {
  return {-(a.high + a.high), a.low};
}
template <class Path>
inline Fp2<Path> conjugate(const Fp2<Path>& a) {
  return {a.low, -a.high};
}
template <class Path>
inline Mask is_zero(const Fp2<Path>& a) {
  return is_zero(a.low) & is_zero(a.high);
}
template <class Path>
inline Fp2<Path> select(Mask mask, const Fp2<Path>& a, const Fp2<Path>& b) {
  return {select(mask, a.low, b.low), select(mask, a.high, b.high)};
}
// inverse is the conjugate over the norm low² + 2·high²; of zero it is zero.
template <class Path>
Fp2<Path> inverse(const Fp2<Path>& a) {
  const Fp<Path> squared = square(a.high);
  return conjugate(a) * inverse(square(a.low) + squared + squared);
}

template <class Number>
inline Number twice(const Number& a) {
  return a + a;
}
template <class Number>
inline Number thrice(const Number& a) {
  return a + a + a;
}

}  // namespace heqi::crypto::sm9::internal
