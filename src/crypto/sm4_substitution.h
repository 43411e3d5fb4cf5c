// sm4_substitution.h: the S-box of SM4 (GB/T 32907 §6.2) as a circuit of AND and XOR over bit
// slices: slice i holds bit i of every byte. S(x) = A·(A·x + C)⁻¹ + C over GF(2^8) modulo x^8 + x^7
// + x^6 + x^5 + x^4 + x^2 + 1; the inverse is taken in the tower GF(((2^2)^2)^2), and A with the
// change of basis is one matrix on either side.
#pragma once
#include <array>
#include <cstdint>
#include <utility>

namespace heqi::crypto::internal {

// Slice is a word of 64 bits, or a vector of such words.
template <class Slice>
using Slices = std::array<Slice, 8>;

// Gf4 is over u² = u + 1, Gf16 over v² = v + u, both with the highest coefficient first.
template <class Slice>
struct Gf4 {
  Slice a1, a0;
};
template <class Slice>
struct Gf16 {
  Gf4<Slice> a1, a0;
};

template <class Slice>
inline Gf4<Slice> operator+(const Gf4<Slice>& a, const Gf4<Slice>& b) {
  return {a.a1 ^ b.a1, a.a0 ^ b.a0};
}
template <class Slice>
inline Gf4<Slice> operator*(const Gf4<Slice>& a, const Gf4<Slice>& b) {
  const Slice high = a.a1 & b.a1, low = a.a0 & b.a0;
  return {((a.a1 ^ a.a0) & (b.a1 ^ b.a0)) ^ low, high ^ low};
}
template <class Slice>
inline Gf4<Slice> square(const Gf4<Slice>& a) {  // also the inverse
  return {a.a1, a.a1 ^ a.a0};
}
template <class Slice>
inline Gf4<Slice> times_u(const Gf4<Slice>& a) {
  return {a.a1 ^ a.a0, a.a1};
}

template <class Slice>
inline Gf16<Slice> operator+(const Gf16<Slice>& a, const Gf16<Slice>& b) {
  return {a.a1 + b.a1, a.a0 + b.a0};
}
template <class Slice>
inline Gf16<Slice> operator*(const Gf16<Slice>& a, const Gf16<Slice>& b) {
  const Gf4<Slice> high = a.a1 * b.a1, low = a.a0 * b.a0;
  return {(a.a1 + a.a0) * (b.a1 + b.a0) + low, low + times_u(high)};
}
template <class Slice>
inline Gf16<Slice> square(const Gf16<Slice>& a) {
  const Gf4<Slice> high = square(a.a1);
  return {high, square(a.a0) + times_u(high)};
}
template <class Slice>
inline Gf16<Slice> inverse(const Gf16<Slice>& a) {
  const Gf4<Slice> norm = times_u(square(a.a1)) + a.a1 * a.a0 + square(a.a0);
  const Gf4<Slice> norm_inverse = square(norm);
  return {a.a1 * norm_inverse, (a.a1 + a.a0) * norm_inverse};
}
// times_m multiplies by the constant m = u·v + 1 of w² = w + m.
template <class Slice>
inline Gf16<Slice> times_m(const Gf16<Slice>& a) {
  const Gf4<Slice> high = times_u(a.a1), low = times_u(a.a0);
  return {high + low + a.a1, times_u(high) + a.a0};
}

// Row i of a matrix is a mask of the slices whose sum is slice i.
inline constexpr std::array<std::uint8_t, 8> kIntoTower = {0x26, 0x72, 0xA4, 0x18,
                                                           0x57, 0x40, 0x84, 0x7F};
inline constexpr std::uint8_t kIntoTowerConstant = 0xEA;
inline constexpr std::array<std::uint8_t, 8> kOutOfTower = {0x55, 0x41, 0x76, 0xD1,
                                                            0x8A, 0x2A, 0x03, 0x2F};
inline constexpr std::uint8_t kOutOfTowerConstant = 0xD3;

template <std::uint8_t kMask, class Slice, std::size_t... kIndex>
inline Slice sum_of(const Slices<Slice>& in, std::index_sequence<kIndex...>) {
  return ((kMask >> kIndex & 1 ? in[kIndex] : Slice{}) ^ ...);
}
template <const std::array<std::uint8_t, 8>& kMatrix, std::uint8_t kConstant, class Slice,
          std::size_t... kRow>
inline Slices<Slice> apply(const Slices<Slice>& in, std::index_sequence<kRow...>) {
  return {(sum_of<kMatrix[kRow]>(in, std::make_index_sequence<8>()) ^
           (kConstant >> kRow & 1 ? ~Slice{} : Slice{}))...};
}

template <class Slice>
inline Slices<Slice> substitute(const Slices<Slice>& in) {
  constexpr auto rows = std::make_index_sequence<8>();
  const Slices<Slice> t = apply<kIntoTower, kIntoTowerConstant>(in, rows);
  const Gf16<Slice> a1{{t[7], t[6]}, {t[5], t[4]}}, a0{{t[3], t[2]}, {t[1], t[0]}};
  const Gf16<Slice> norm_inverse = inverse(times_m(square(a1)) + a1 * a0 + square(a0));
  const Gf16<Slice> b1 = a1 * norm_inverse, b0 = (a1 + a0) * norm_inverse;
  return apply<kOutOfTower, kOutOfTowerConstant>(
      Slices<Slice>{b0.a0.a0, b0.a0.a1, b0.a1.a0, b0.a1.a1, b1.a0.a0, b1.a0.a1, b1.a1.a0, b1.a1.a1},
      rows);
}

// transpose turns eight words of eight bytes into bit slices, and back.
template <class Slice>
inline void transpose(Slices<Slice>& words) {
  const auto exchange = [&words](int distance, std::uint64_t mask) {
    const auto step = static_cast<std::size_t>(distance);
    for (std::size_t i = 0; i < 8; ++i) {
      if ((i & step) != 0) continue;
      const Slice difference = ((words[i] >> distance) ^ words[i + step]) & mask;
      words[i + step] ^= difference;
      words[i] ^= difference << distance;
    }
  };
  exchange(1, 0x5555555555555555);
  exchange(2, 0x3333333333333333);
  exchange(4, 0x0F0F0F0F0F0F0F0F);
}

}  // namespace heqi::crypto::internal
