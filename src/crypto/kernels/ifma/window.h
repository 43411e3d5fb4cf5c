// window.h: [k]P in eight lanes with signed windows of five bits; P may be a secret as well.
// Constant time: a look-up blends over all entries.
#pragma once
#include "comb.h"
#include "odd_table.h"

namespace heqi::crypto::internal::ifma {

inline constexpr unsigned kWindowBits = 5, kWindowRows = 52, kWindowEntries = 16;

// window_multiple is [k]P. Before an addition the sum is a multiple of at least 32P, the entry one
// of at most 31P: they are never equal, except modulo n in the last row.
__attribute__((noinline)) static void window_multiple(const OddScalar& k,
                                                      const OddTable<kWindowEntries>& table,
                                                      Multiple& out) {
  SumOfDigits<kWindowBits> check;
  const Digit highest = flipped(highest_digit<kWindowBits>(k, kWindowRows - 1), true);
  check.add(k, highest, kWindowRows - 1, true);
  Jacobian sum = jacobian_of(look_up(table, highest));
  for (unsigned row = kWindowRows - 1; row-- > 0;) {
    for (unsigned i = 0; i < kWindowBits; ++i) sum = doubled(sum);
    // Each addition negates the sum, so that every second entry is taken the other way round.
    const bool is_flipped = row % 2 == 0;
    const Digit next = flipped(digit<kWindowBits>(k, row), is_flipped);
    check.add(k, next, row, is_flipped);
    const Affine entry = look_up(table, next);
    sum = row > 0 ? add_negated(sum, entry) : add_negated_any(sum, entry);
  }
  out.point = sum;
  out.right = check.is(k);
}

}  // namespace heqi::crypto::internal::ifma
