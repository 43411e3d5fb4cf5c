// comb.h: [k]G in eight lanes with the table of lane_comb.h. Each row adds one entry in each lane;
// a look-up reads all the row and picks in registers. Constant time.
#pragma once
#include "../../lane_comb.h"
#include "store.h"

namespace heqi::crypto::internal::ifma {

// picked is values[index] for an index below 64 in each lane.
HEQI_LANES Vector picked(const std::uint64_t* values, Vector index, LaneMask bit4, LaneMask bit5) {
  Vector sixteen[4];
  for (int i = 0; i < 4; ++i)
    sixteen[i] = _mm512_permutex2var_epi64(_mm512_load_si512(values + 16 * i), index,
                                           _mm512_load_si512(values + 16 * i + 8));
  return _mm512_mask_blend_epi64(bit5, _mm512_mask_blend_epi64(bit4, sixteen[0], sixteen[1]),
                                 _mm512_mask_blend_epi64(bit4, sixteen[2], sixteen[3]));
}

HEQI_LANES Affine look_up(const std::uint64_t (&row)[10][kLaneCombEntries], const Digit& digit) {
  const LaneMask bit4 = _mm512_test_epi64_mask(digit.index, all(16));
  const LaneMask bit5 = _mm512_test_epi64_mask(digit.index, all(32));
  Affine out;
  for (int i = 0; i < kLimbs; ++i) {
    out.x.limb[i] = picked(row[i], digit.index, bit4, bit5);
    out.y.limb[i] = picked(row[i + kLimbs], digit.index, bit4, bit5);
  }
  return negated(digit.negative, out);
}

// comb_multiple is [k]G. The sum before row i is an odd multiple of G below 2^(7i), the entry one
// of at least 2^(7i): they are never equal, except modulo n in the last row.
__attribute__((noinline)) static void comb_multiple(const OddScalar& k, const LaneComb& comb,
                                                    Multiple& out) {
  constexpr unsigned kLast = kLaneCombRows - 1;
  static_assert(kLast % 2 == 0);
  SumOfDigits<kLaneCombBits> check;
  const Digit lowest = digit<kLaneCombBits>(k, 0);
  check.add(k, lowest, 0, false);
  Jacobian sum = jacobian_of(look_up(comb.limb[0], lowest));
  for (unsigned row = 1; row < kLast; ++row) {
    // Each addition negates the sum, so that every second entry is taken the other way round.
    const bool is_flipped = row % 2 == 0;
    const Digit next = flipped(digit<kLaneCombBits>(k, row), is_flipped);
    check.add(k, next, row, is_flipped);
    sum = add_negated(sum, look_up(comb.limb[row], next));
  }
  const Digit last = flipped(highest_digit<kLaneCombBits>(k, kLast), true);
  check.add(k, last, kLast, true);
  out.point = add_negated_any(sum, look_up(comb.limb[kLast], last));
  out.right = check.is(k);
}

}  // namespace heqi::crypto::internal::ifma
