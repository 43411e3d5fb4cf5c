// odd_digits.h: an odd scalar k below 2^256 as the sum of digit·2^(width·i) with odd digits between
// −2^width and 2^width: no digit is zero, so no addition is left out. Digit i is
// ((k >> width·i) mod 2^(width+1) | 1) − 2^width; the last one, which takes what is left, is
// (k >> width·i) | 1. The place of a digit is public, its value is not.
#pragma once
#include "order.h"
#include "words.h"

namespace heqi::crypto::internal {

constexpr std::size_t digit_count(std::size_t width) {
  return (256 + width - 1) / width;
}

// OddDigit is ±(2·index + 1).
struct OddDigit {
  std::uint64_t index;
  base::ct::Mask negative;
};

template <std::size_t kWidth>
inline OddDigit odd_digit(const Words& k, std::size_t i) {
  const std::size_t at = kWidth * i, word = at / 64, shift = at % 64;
  std::uint64_t bits = k[word] >> shift;
  if (shift > 63 - kWidth && word < 3) bits |= k[word + 1] << (64 - shift);
  constexpr std::uint64_t kLow = (std::uint64_t(1) << kWidth) - 1;
  if (i + 1 == digit_count(kWidth)) return {(bits & kLow) >> 1, 0};
  const base::ct::Mask negative = ~base::ct::mask_from_bit(bits >> kWidth);
  return {((bits ^ negative) & kLow) >> 1, negative};
}

// OddScalar is k or n − k, whichever is odd; k is below n. For k = 0 it is n.
struct OddScalar {
  Words words;
  base::ct::Mask negated;
};

inline OddScalar make_odd(const Words& k) {
  std::uint64_t borrow = 0;
  const Words other = subtract(kOrder, k, borrow);
  const base::ct::Mask even = ~base::ct::mask_from_bit(k[0]);
  return {select(even, other, k), even};
}

}  // namespace heqi::crypto::internal
