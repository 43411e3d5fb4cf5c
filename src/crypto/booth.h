// booth.h: signed windows of five bits: a scalar is the sum of digit·2^(5i), digits in −16…16, all
// found without a branch. The place of a window is public, its digit is not.
#pragma once
#include "words.h"

namespace heqi::crypto::internal {

inline constexpr std::size_t kWindowBits = 5, kWindows = 52, kWindowEntries = 16;

struct Digit {
  std::uint64_t magnitude;  // 0…16
  base::ct::Mask negative;
};

inline Digit booth_digit(const Words& scalar, std::size_t window) {
  // Six bits from 5·window − 1 up; the bit below the scalar is zero.
  std::uint64_t bits = 0;
  if (window == 0) {
    bits = scalar[0] << 1;
  } else {
    const std::size_t at = kWindowBits * window - 1, word = at / 64, shift = at % 64;
    bits = scalar[word] >> shift;
    if (shift > 58 && word < 3) bits |= scalar[word + 1] << (64 - shift);
  }
  bits &= 63;
  const base::ct::Mask negative = base::ct::mask_from_bit(bits >> 5);
  const std::uint64_t folded = base::ct::select(negative, 63 - bits, bits);
  return {(folded >> 1) + (folded & 1), negative};
}

}  // namespace heqi::crypto::internal
