// spaced.h: [k]P in eight lanes for one P and many k, with tables of 2^(35j)·P, j in 0…7, which all
// lanes share: a look-up reads the whole table and picks in registers. Constant time.
#pragma once
#include "odd_table.h"
#include "store.h"

namespace heqi::crypto::internal::ifma {

inline constexpr unsigned kSpacedBits = 5, kSpacedRows = 52;  // of digits, 7 for each point

HEQI_LANES Affine look_up(const std::uint64_t (&table)[10][kSpacedEntries], const Digit& digit) {
  const auto limb = [&](const std::uint64_t* values) {
    return _mm512_permutex2var_epi64(_mm512_load_si512(values), digit.index,
                                     _mm512_load_si512(values + 8));
  };
  Affine out;
  for (int i = 0; i < kLimbs; ++i) {
    out.x.limb[i] = limb(table[i]);
    out.y.limb[i] = limb(table[i + kLimbs]);
  }
  return negated(digit.negative, out);
}

// spaced_multiple is [k]P, or infinity where two equal points met on the way: Z then stays zero.
// That takes a k that is congruent to a sum of a few digits, one of about 2^10 values.
__attribute__((noinline)) static void spaced_multiple(const OddScalar& k,
                                                      const SpacedTables& tables, Multiple& out) {
  SumOfDigits<kSpacedBits> check;
  Jacobian sum;
  bool is_first = true, is_flipped = false;  // each addition negates the sum
  for (unsigned i = kSpacing / kSpacedBits; i-- > 0;) {
    for (unsigned j = 0; !is_first && j < kSpacedBits; ++j) sum = doubled(sum);
    for (unsigned j = 0; j < kSpacedPoints; ++j) {
      const unsigned row = kSpacing / kSpacedBits * j + i;
      if (row >= kSpacedRows) break;
      const Digit plain =
          row + 1 == kSpacedRows ? highest_digit<kSpacedBits>(k, row) : digit<kSpacedBits>(k, row);
      const Digit next = flipped(plain, is_flipped);
      check.add(k, next, row, is_flipped);
      const Affine entry = look_up(tables.limb[j], next);
      sum = is_first ? jacobian_of(entry) : add_negated(sum, entry);
      is_flipped = !is_first && !is_flipped;
      is_first = false;
    }
  }
  static_assert((kSpacedRows - 1) % 2 == 1);
  sum.y = carried(primes<3>() - sum_of(sum.y));
  out.point = sum;
  out.right = check.is(k);
}

}  // namespace heqi::crypto::internal::ifma
