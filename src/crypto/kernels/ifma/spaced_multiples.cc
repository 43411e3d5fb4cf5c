// spaced_multiples.cc: many multiples of one point.
#include "spaced.h"

namespace heqi::crypto::internal::ifma {

void spaced_tables(const LanePoints& spaced, SpacedTables& out) {
  OddTable<kSpacedEntries> odds;
  Growing<kSpacedEntries> growing;
  grow(Affine{load_number(spaced.x), load_number(spaced.y)}, odds, growing);
  finish(odds, growing, inverted(growing.last_z));
  // From a lane for each point to a place for each entry.
  for (unsigned entry = 0; entry < kSpacedEntries; ++entry)
    for (int i = 0; i < kLimbs; ++i) {
      alignas(64) std::uint64_t x[kSpacedPoints], y[kSpacedPoints];
      _mm512_store_si512(x, odds.entry[entry].x.limb[i]);
      _mm512_store_si512(y, odds.entry[entry].y.limb[i]);
      for (unsigned j = 0; j < kSpacedPoints; ++j) {
        out.limb[j][i][entry] = x[j];
        out.limb[j][i + kLimbs][entry] = y[j];
      }
    }
}

bool spaced_multiples(const SpacedTables& tables, const LaneScalars* k, std::size_t vectors,
                      LanePoints* out) {
  Multiple products[kGroupVectors];
  LaneMask finite = 0xFF;
  for (std::size_t i = 0; i < vectors; ++i) {
    spaced_multiple(odd_scalar(load_words(k[i].word)), tables, products[i]);
    finite = static_cast<LaneMask>(finite & ~is_zero(products[i].point.z));
  }
  return (store(products, vectors, out) & finite) == 0xFF;
}

}  // namespace heqi::crypto::internal::ifma
