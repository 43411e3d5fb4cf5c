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

// DigitSum adds digits up again, each at its own place: as many as fit a word in one.
template <std::size_t kWidth>
class DigitSum {
 public:
  void add(const OddDigit& digit, std::size_t i) {
    const std::uint64_t value = ((2 * digit.index + 1) ^ digit.negative) - digit.negative;
    parts_[i / kInPart] += value << (kWidth * (i % kInPart));
  }
  // scalar is the sum modulo 2^256, or n less it where negated is set.
  Words scalar(base::ct::Mask negated) const {
    Words sum{};
    for (std::size_t part = kParts; part-- > 0;) {
      const std::uint64_t sign = 0 - (parts_[part] >> 63);
      std::uint64_t carry = 0;
      sum = internal::add(times_part(sum), {parts_[part], sign, sign, sign}, carry);
    }
    std::uint64_t borrow = 0;
    return select(negated, subtract(kOrder, sum, borrow), sum);
  }

 private:
  // A part is a signed number below 2^(kWidth·kInPart).
  static constexpr std::size_t kInPart = 63 / kWidth, kShift = kWidth * kInPart;
  static constexpr std::size_t kParts = (digit_count(kWidth) + kInPart - 1) / kInPart;

  static Words times_part(const Words& a) {
    return {a[0] << kShift, a[1] << kShift | a[0] >> (64 - kShift),
            a[2] << kShift | a[1] >> (64 - kShift), a[3] << kShift | a[2] >> (64 - kShift)};
  }

  std::uint64_t parts_[kParts] = {};
};

}  // namespace heqi::crypto::internal
