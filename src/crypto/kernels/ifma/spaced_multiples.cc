// spaced_multiples.cc: many multiples of one point.
#include "spaced.h"

namespace heqi::crypto::internal::ifma {

namespace {

// transpose makes eight columns of eight rows: pairs of words, then pairs of pairs, then halves.
HEQI_LANES void transpose(const Vector (&row)[8], Vector (&column)[8]) {
  const Vector even_words = _mm512_setr_epi64(0, 8, 2, 10, 4, 12, 6, 14);
  const Vector odd_words = _mm512_setr_epi64(1, 9, 3, 11, 5, 13, 7, 15);
  const Vector even_pairs = _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13);
  const Vector odd_pairs = _mm512_setr_epi64(2, 3, 6, 7, 10, 11, 14, 15);
  for (int odd = 0; odd < 2; ++odd) {
    Vector pair[4];
    for (int i = 0; i < 4; ++i)
      pair[i] =
          _mm512_permutex2var_epi64(row[2 * i], odd == 0 ? even_words : odd_words, row[2 * i + 1]);
    for (int half = 0; half < 2; ++half) {
      const Vector picks = half == 0 ? even_pairs : odd_pairs;
      const Vector top = _mm512_permutex2var_epi64(pair[0], picks, pair[1]);
      const Vector bottom = _mm512_permutex2var_epi64(pair[2], picks, pair[3]);
      column[odd + 2 * half] = _mm512_permutex2var_epi64(top, even_pairs, bottom);
      column[odd + 2 * half + 4] = _mm512_permutex2var_epi64(top, odd_pairs, bottom);
    }
  }
}

// spread takes one limb of entries `from` on from a lane for each point to a place for each entry.
template <class Limb>
HEQI_LANES void spread(const Limb& limb, unsigned from, unsigned at, SpacedTables& out) {
  Vector row[8], column[8];
  for (unsigned i = 0; i < 8; ++i) row[i] = limb(from + i);
  transpose(row, column);
  for (unsigned j = 0; j < kSpacedPoints; ++j)
    _mm512_store_si512(out.limb[j][at] + from, column[j]);
}

}  // namespace

void spaced_tables(const LanePoints& spaced, SpacedTables& out) {
  OddTable<kSpacedEntries> odds;
  Growing<kSpacedEntries> growing;
  grow(Affine{load_number(spaced.x), load_number(spaced.y)}, odds, growing);
  finish(odds, growing, inverted(growing.last_z));
  for (unsigned from = 0; from < kSpacedEntries; from += 8)
    for (unsigned i = 0; i < kLimbs; ++i) {
      spread([&](unsigned entry) { return odds.entry[entry].x.limb[i]; }, from, i, out);
      spread([&](unsigned entry) { return odds.entry[entry].y.limb[i]; }, from, i + kLimbs, out);
    }
}

bool spaced_multiples(const SpacedTables& tables, const LaneScalars* k, std::size_t vectors,
                      LanePoints* out) {
  Multiple products[kGroupVectors];
  for (std::size_t i = 0; i < vectors; ++i) {
    spaced_multiple(odd_scalar(load_words(k[i].word)), tables, products[i]);
    products[i].right =
        both(products[i].right, static_cast<LaneMask>(~is_zero(products[i].point.z)));
  }
  return store(products, vectors, out) == 0xFF;
}

}  // namespace heqi::crypto::internal::ifma
