// odd_table.h: the odd multiples of a point, in affine form, in eight lanes. Constant time: a
// look-up blends over all entries.
#pragma once
#include "inversion.h"
#include "lanes.h"

namespace heqi::crypto::internal::ifma {

// OddTable is P, 3P, … (2·kEntries − 1)P.
template <unsigned kEntries>
struct OddTable {
  Affine entry[kEntries];
};

// Growing is a table before its inversion: entry j lies over the denominator z[j], and z[j + 1] is
// z[j]·step[j].
template <unsigned kEntries>
struct Growing {
  Number step[kEntries - 1];
  Number last_z;
};

// grow fills the table with points that are not affine yet. P and 2P are brought to one
// denominator; then each addition of points with a common denominator also gives 2P over the sum's
// (N. Meloni, WAIFI 2007). p is not infinity; no two points of an addition are equal or opposite.
template <unsigned kEntries>
__attribute__((noinline)) static void grow(const Affine& p, OddTable<kEntries>& table,
                                           Growing<kEntries>& growing) {
  const Number xx = squared(p.x), yy = squared(p.y);       // 1.1p
  const Number yyyy = carried(shifted<3>(square(yy)));     // 8.6p
  const Number s = folded(shifted<2>(multiply(p.x, yy)));  // 4·x·y²
  const Sum one = sum_of(all(kOne));
  const Sum slope1 = sum_of(xx) - one + primes<1>();          // x² − 1
  const Number slope = carried(slope1 + shifted<1>(slope1));  // 6.3p
  Affine twice;                                               // 2P over z = 2y
  twice.x = folded(square(slope) - shifted<1>(sum_of(s)) + primes<3>());
  twice.y = folded(multiply(slope, carried(sum_of(s) - sum_of(twice.x) + primes<2>())) -
                   sum_of(yyyy) + primes<9>());
  Number z = folded(shifted<1>(sum_of(p.y)));
  Affine odd = {s, folded(sum_of(yyyy))};  // P over the same z
  table.entry[0] = p;
  for (unsigned j = 1; j < kEntries; ++j) {
    const Number h = carried(sum_of(twice.x) - sum_of(odd.x) + primes<2>());  // 3p
    const Number r = carried(sum_of(twice.y) - sum_of(odd.y) + primes<2>());  // 3p
    const Number h2 = squared(h);                                             // 1.6p
    const Sum u = multiply(twice.x, h2), v = multiply(odd.x, h2);             // 1.1p
    const Number scaled_x = folded(u);
    const Number scaled_y = folded(multiply(twice.y, carried(u - v + primes<2>())));
    odd.x = folded(square(r) - u - v + primes<3>());
    odd.y = folded(multiply(r, carried(u - sum_of(odd.x) + primes<2>())) - sum_of(scaled_y) +
                   primes<2>());
    twice = {scaled_x, scaled_y};
    z = z * h;
    table.entry[j] = odd;
    // The first denominator is that of P itself, one.
    growing.step[j - 1] = j == 1 ? z : h;
  }
  growing.last_z = z;
}

// finish makes the entries affine, from 1/last_z.
template <unsigned kEntries>
__attribute__((noinline)) static void finish(OddTable<kEntries>& table,
                                             const Growing<kEntries>& growing, Number z_inverse) {
  for (unsigned j = kEntries; --j > 0;) {
    table.entry[j] = over(table.entry[j], z_inverse);
    z_inverse = z_inverse * growing.step[j - 1];
  }
}

template <unsigned kEntries>
HEQI_LANES Affine look_up(const OddTable<kEntries>& table, const Digit& digit) {
  Affine out = table.entry[0];
  for (unsigned j = 1; j < kEntries; ++j)
    out = select(_mm512_cmpeq_epi64_mask(digit.index, all(j)), table.entry[j], out);
  return negated(digit.negative, out);
}

}  // namespace heqi::crypto::internal::ifma
