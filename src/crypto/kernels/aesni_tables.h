// aesni_tables.h: SM4's S-box around AESENCLAST: the matrices as tables for PSHUFB, by which both
// halves of a byte are mapped in the register. Nothing is looked up in memory.
#pragma once
#include "../sm4_affine.h"

namespace heqi::crypto::internal::sm4_vector {

using namespace sm4_affine;

// Nibbles is a map of bytes plus a constant as two tables of sixteen: one for each half.
struct Nibbles {
  alignas(16) std::uint8_t low[16], high[16];
};
consteval Nibbles nibbles_of(const Map& map, std::uint8_t constant) {
  Nibbles out{};
  for (unsigned i = 0; i < 16; ++i) {
    out.low[i] = static_cast<std::uint8_t>(apply(map, static_cast<std::uint8_t>(i)) ^ constant);
    out.high[i] = apply(map, static_cast<std::uint8_t>(i << 4));
  }
  return out;
}
// AESENCLAST leaves SubBytes with its rows shifted; its key takes SubBytes' constant away.
inline constexpr Map kAfterAes = inverse(make_aes_matrix());
inline constexpr Nibbles kInto = nibbles_of(kIntoBasis, 0), kOut = nibbles_of(kOutOfBasis, 0);
inline constexpr Nibbles kKeyInto = nibbles_of(kIntoBasis, kKeyConstant);
inline constexpr Nibbles kSubstitute = nibbles_of(compose(kAfterInverse, kAfterAes), kC);
inline constexpr Nibbles kFirstTable = nibbles_of(compose(kFirst, kAfterAes), 0);
// The middle is added three times, the first part twice: the constant belongs to the middle.
inline constexpr Nibbles kMiddleTable = nibbles_of(compose(kMiddle, kAfterAes), kRoundConstant);

struct Pattern {
  alignas(16) std::uint8_t at[16];
};
// turned undoes the shift of rows and rotates each word to the left by 8·bytes bits.
consteval Pattern turned(unsigned bytes) {
  Pattern out{};
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned row = (i - bytes) & 3, column = i / 4;
    out.at[i] = static_cast<std::uint8_t>(row + 4 * ((column - row) & 3));
  }
  return out;
}
inline constexpr Pattern kTurned[4] = {turned(0), turned(1), turned(2), turned(3)};

}  // namespace heqi::crypto::internal::sm4_vector
