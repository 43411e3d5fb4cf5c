// lanes.h: plain numbers to limbs and back, and the digits of scalars. Constant time.
#pragma once
#include "../../lane_kernel.h"
#include "point.h"

namespace heqi::crypto::internal::ifma {

// Words holds eight numbers of 256 bits.
struct Words {
  Vector word[4];
};

HEQI_LANES Words load_words(const std::uint64_t (&rows)[4][kLanes]) {
  Words out;
  for (int j = 0; j < 4; ++j) out.word[j] = _mm512_load_si512(rows[j]);
  return out;
}
HEQI_LANES void store_words(const Words& words, std::uint64_t (&rows)[4][kLanes]) {
  for (int j = 0; j < 4; ++j) _mm512_store_si512(rows[j], words.word[j]);
}

HEQI_LANES Number limbs_of(const Words& a) {
  const Vector* w = a.word;
  const Vector mask = all(kLimbMask);
  return {{_mm512_and_si512(w[0], mask),
           _mm512_and_si512(_mm512_or_si512(down(w[0], 52), up(w[1], 12)), mask),
           _mm512_and_si512(_mm512_or_si512(down(w[1], 40), up(w[2], 24)), mask),
           _mm512_and_si512(_mm512_or_si512(down(w[2], 28), up(w[3], 36)), mask), down(w[3], 16)}};
}
HEQI_LANES Words words_of(const Number& a) {
  const Vector* l = a.limb;
  return {{_mm512_or_si512(l[0], up(l[1], 52)), _mm512_or_si512(down(l[1], 12), up(l[2], 40)),
           _mm512_or_si512(down(l[2], 24), up(l[3], 28)),
           _mm512_or_si512(down(l[3], 36), up(l[4], 16))}};
}

HEQI_LANES Number load_number(const std::uint64_t (&rows)[4][kLanes]) {
  return folded(multiply(limbs_of(load_words(rows)), all(kRadixSquared)));
}

// OddScalar is k where k is odd, else n − k, which then is odd, with all its digits negated.
struct OddScalar {
  Words words;
  LaneMask negated;
};
inline constexpr std::uint64_t kOrderWords[4] = {0x53BBF40939D54123, 0x7203DF6B21C6052B,
                                                 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFEFFFFFFFF};

HEQI_LANES OddScalar odd_scalar(const Words& k) {
  const LaneMask even = _mm512_testn_epi64_mask(k.word[0], all(1));
  OddScalar out{{}, even};
  Vector borrow = _mm512_setzero_si512();
  for (int j = 0; j < 4; ++j) {
    const Vector order = all(kOrderWords[j]);
    const Vector subtrahend = _mm512_add_epi64(k.word[j], borrow);
    const Vector difference = _mm512_sub_epi64(order, subtrahend);
    // The second question is for a word of ones to which the borrow was added.
    const LaneMask wrapped = static_cast<LaneMask>(_mm512_cmplt_epu64_mask(order, subtrahend) |
                                                   _mm512_cmplt_epu64_mask(subtrahend, borrow));
    borrow = _mm512_maskz_mov_epi64(wrapped, all(1));
    out.words.word[j] = _mm512_mask_blend_epi64(even, k.word[j], difference);
  }
  return out;
}

// An odd number is the sum of digit·2^(kBits·i) with odd digits of both signs: a digit is given by
// the kBits bits above its lowest, which counts as one. Entry (2j + 1) of a table stands at j.
struct Digit {
  Vector index;  // 0…2^(kBits − 1) − 1
  LaneMask negative;
};

// bits_from is the scalar from bit `at` on; its lowest 64 bits at most.
HEQI_LANES Vector bits_from(const Words& scalar, unsigned at) {
  const unsigned word = at / 64;
  const int shift = static_cast<int>(at % 64);
  if (word > 3) return _mm512_setzero_si512();
  const Vector low = down(scalar.word[word], shift);
  if (word == 3) return low;
  return _mm512_or_si512(low, up(up(scalar.word[word + 1], 1), 63 - shift));
}

// digit is number `row` of the digits below the highest one.
template <unsigned kBits>
HEQI_LANES Digit digit(const OddScalar& scalar, unsigned row) {
  constexpr std::uint64_t kIndexMask = (std::uint64_t(1) << (kBits - 1)) - 1;
  const Vector bits = bits_from(scalar.words, kBits * row + 1);
  const LaneMask negative = _mm512_testn_epi64_mask(bits, all(kIndexMask + 1));
  const Vector index = _mm512_mask_xor_epi64(bits, negative, bits, all(kIndexMask));
  return {_mm512_and_si512(index, all(kIndexMask)),
          static_cast<LaneMask>(negative ^ scalar.negated)};
}
// highest_digit is what the digits below `row` leave; it is positive.
template <unsigned kBits>
HEQI_LANES Digit highest_digit(const OddScalar& scalar, unsigned row) {
  return {bits_from(scalar.words, kBits * row + 1), scalar.negated};
}

HEQI_LANES Digit flipped(const Digit& digit, bool is_flipped) {
  return {digit.index, static_cast<LaneMask>(digit.negative ^ (is_flipped ? 0xFF : 0))};
}

// SumOfDigits adds up the digits that were used, so that a loop that ended early or took others is
// found. As many digits as fit a signed word with their weights make one part.
template <unsigned kBits>
struct SumOfDigits {
  static constexpr unsigned kDigits = 63 / kBits;
  static constexpr int kWidth = static_cast<int>(kBits * kDigits);
  Vector part[5] = {};

  // add takes digit number row; is_flipped where it was used the other way round.
  __attribute__((always_inline)) void add(const OddScalar& scalar, const Digit& digit, unsigned row,
                                          bool is_flipped) {
    const Vector size =
        up(digit.index + digit.index + all(1), static_cast<int>(row % kDigits * kBits));
    const auto negative =
        static_cast<LaneMask>(digit.negative ^ scalar.negated ^ (is_flipped ? 0xFF : 0));
    Vector& sum = part[row / kDigits];
    sum = _mm512_mask_sub_epi64(sum + size, negative, sum, size);
  }
  // is says in which lanes the sum is the scalar.
  __attribute__((always_inline)) LaneMask is(const OddScalar& scalar) const {
    Vector ordered[5], carry = _mm512_setzero_si512();
    for (int i = 0; i < 5; ++i) {
      const Vector whole = part[i] + carry;
      ordered[i] = whole & all((std::uint64_t(1) << kWidth) - 1);
      carry = down_signed(whole, kWidth);
    }
    Vector difference = carry;
    for (int j = 0; j < 4; ++j) {
      const int offset = j * (64 - kWidth);
      difference |=
          (down(ordered[j], offset) | up(ordered[j + 1], kWidth - offset)) ^ scalar.words.word[j];
    }
    return _mm512_testn_epi64_mask(difference, difference);
  }
};

}  // namespace heqi::crypto::internal::ifma
