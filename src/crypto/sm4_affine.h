// sm4_affine.h: the linear algebra that lets instructions made for AES compute SM4's S-box (GB/T
// 32907 §6.2), S(x) = A·(A·x + C)⁻¹ + C over GF(2^8) modulo x^8 + x^7 + x^6 + x^5 + x^4 + x^2 + 1.
//
// The kernels keep each byte of the state as P·byte, where P = φ·A and φ is an isomorphism into the
// field of AES. The argument of the inversion is then the state itself, and the matrices behind the
// inversion merge with the round's linear map L: of L's word, byte i is
//   M0·b(i) + M1·b(i-1) + M1·b(i-2) + (M0 + M1)·b(i-3),   M0 = 1 + (<< 2), M1 = rotl 2.
// All of it is computed by the compiler; nothing here runs.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace heqi::crypto::internal::sm4_affine {

// Map is a linear map of bytes: entry i is the image of bit i.
using Map = std::array<std::uint8_t, 8>;

consteval std::uint8_t apply(const Map& map, std::uint8_t byte) {
  std::uint8_t out = 0;
  for (std::size_t i = 0; i < 8; ++i)
    if ((byte >> i & 1) != 0) out = static_cast<std::uint8_t>(out ^ map[i]);
  return out;
}
consteval Map compose(const Map& outer, const Map& inner) {
  Map out{};
  for (std::size_t i = 0; i < 8; ++i) out[i] = apply(outer, inner[i]);
  return out;
}
consteval Map sum(const Map& a, const Map& b) {
  Map out{};
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(a[i] ^ b[i]);
  return out;
}
consteval Map inverse(const Map& map) {
  Map out{};
  for (std::size_t i = 0; i < 8; ++i)
    for (unsigned byte = 0; byte < 256; ++byte)
      if (apply(map, static_cast<std::uint8_t>(byte)) == 1U << i)
        out[i] = static_cast<std::uint8_t>(byte);
  return out;
}
// rows_of is the form that GF2P8AFFINEQB takes: the mask of result bit i in byte 7 - i.
consteval std::uint64_t rows_of(const Map& map) {
  std::uint64_t out = 0;
  for (std::size_t row = 0; row < 8; ++row)
    for (std::size_t i = 0; i < 8; ++i)
      out |= std::uint64_t(map[i] >> row & 1) << (8 * (7 - row) + i);
  return out;
}

consteval std::uint8_t rotate_left(std::uint8_t byte, unsigned count) {
  return static_cast<std::uint8_t>(byte << count | byte >> (8 - count));
}
consteval std::uint8_t multiply(std::uint8_t a, std::uint8_t b, unsigned modulus) {
  unsigned out = 0, shifted = a;
  for (unsigned i = 0; i < 8; ++i) {
    if ((b >> i & 1) != 0) out ^= shifted;
    shifted <<= 1;
    if ((shifted & 0x100) != 0) shifted ^= modulus;
  }
  return static_cast<std::uint8_t>(out);
}

inline constexpr unsigned kAesModulus = 0x11B;
inline constexpr std::uint8_t kC = 0xD3;

// make_a is the circulant matrix A.
consteval Map make_a() {
  Map out{};
  for (unsigned i = 0; i < 8; ++i) out[i] = rotate_left(0xCB, i);
  return out;
}
// make_isomorphism takes x to a root of SM4's polynomial in the field of AES.
consteval Map make_isomorphism() {
  for (unsigned root = 2; root < 256; ++root) {
    Map powers{};
    std::uint8_t power = 1;
    unsigned value = 0;
    for (unsigned i = 0; i <= 8; ++i) {
      if (i < 8) powers[i] = power;
      if ((0x1F5 >> i & 1) != 0) value ^= power;
      power = multiply(power, static_cast<std::uint8_t>(root), kAesModulus);
    }
    if (value == 0) return powers;
  }
  return {};
}
consteval Map make_shift_left(unsigned count) {
  Map out{};
  for (unsigned i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(1U << i << count);
  return out;
}
consteval Map make_rotation(unsigned count) {
  Map out{};
  for (unsigned i = 0; i < 8; ++i) out[i] = rotate_left(static_cast<std::uint8_t>(1U << i), count);
  return out;
}
// make_aes_matrix is the linear part of SubBytes, whose constant is 0x63.
consteval Map make_aes_matrix() {
  Map out{};
  for (unsigned i = 0; i < 8; ++i) out[i] = rotate_left(0x1F, i);
  return out;
}

inline constexpr Map kA = make_a();
inline constexpr Map kIsomorphism = make_isomorphism();
inline constexpr Map kIntoBasis = compose(kIsomorphism, kA);  // P
inline constexpr Map kOutOfBasis = inverse(kIntoBasis);
// kKeyConstant is φ(C): it is added to every byte of a round key.
inline constexpr std::uint8_t kKeyConstant = apply(kIsomorphism, kC);

// The S-box alone: out of the inverse in AES's field.
inline constexpr Map kAfterInverse = compose(kA, inverse(kIsomorphism));

// The round: with y the inverse, byte i of the new word gains kFirst·y(i) + kMiddle·y(i-1) +
// kMiddle·y(i-2) + kLast·y(i-3) + kRoundConstant.
inline constexpr Map kM0 = sum(make_shift_left(0), make_shift_left(2));
inline constexpr Map kM1 = make_rotation(2);
inline constexpr Map kFirst = compose(kIntoBasis, compose(kM0, kAfterInverse));
inline constexpr Map kMiddle = compose(kIntoBasis, compose(kM1, kAfterInverse));
inline constexpr Map kLast = sum(kFirst, kMiddle);
// The four matrices of L add up to M1, which is what a word of four equal bytes sees.
inline constexpr std::uint8_t kRoundConstant = apply(kIntoBasis, apply(kM1, kC));

}  // namespace heqi::crypto::internal::sm4_affine
