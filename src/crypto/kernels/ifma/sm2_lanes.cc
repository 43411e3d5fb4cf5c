// sm2_lanes.cc: the multiplications of lane_kernel.h. The vectors of a group share their
// inversions.
#include "window.h"

namespace heqi::crypto::internal::ifma {
namespace {

void base_group(const LaneComb& comb, const LaneScalars* k, std::size_t vectors, Multiple* out) {
  for (std::size_t i = 0; i < vectors; ++i)
    comb_multiple(odd_scalar(load_words(k[i].word)), comb, out[i]);
}

// Prepared is a vector of points on their way to tables. Where one is infinite, G stands in, and
// the product is made infinite at the end.
struct Prepared {
  OddTable<kWindowEntries> table;
  Growing<kWindowEntries> growing;
  LaneMask infinite;
};
void prepare(const LaneComb& comb, const LanePoints& p, Prepared& out) {
  const Affine given = {load_number(p.x), load_number(p.y)};
  out.infinite = both(is_zero(given.x), is_zero(given.y));
  const Affine g = look_up(comb.limb[0], Digit{_mm512_setzero_si512(), 0});
  grow(select(out.infinite, g, given), out.table, out.growing);
}

__attribute__((noinline)) void point_group(const LaneComb& comb, const LaneScalars* k,
                                           const LanePoints* p, std::size_t vectors,
                                           Multiple* out) {
  Prepared prepared[kGroupVectors];
  Number z[kGroupVectors], products[kGroupVectors];
  for (std::size_t i = 0; i < vectors; ++i) {
    prepare(comb, p[i], prepared[i]);
    z[i] = prepared[i].growing.last_z;
  }
  invert_each(z, products, vectors);
  for (std::size_t i = 0; i < vectors; ++i) {
    finish(prepared[i].table, prepared[i].growing, z[i]);
    window_multiple(odd_scalar(load_words(k[i].word)), prepared[i].table, out[i]);
    out[i].point.z = select(prepared[i].infinite, all(Limbs{}), out[i].point.z);
  }
}

}  // namespace

bool base_multiples(const LaneComb& comb, const LaneScalars* k, std::size_t vectors,
                    LanePoints* out) {
  Multiple products[kGroupVectors];
  base_group(comb, k, vectors, products);
  return store(products, vectors, out) == 0xFF;
}

bool multiples(const LaneComb& comb, const LaneScalars* k, const LanePoints* p, std::size_t vectors,
               LanePoints* out) {
  Multiple products[kGroupVectors];
  point_group(comb, k, p, vectors, products);
  return store(products, vectors, out) == 0xFF;
}

bool sums(const LaneComb& comb, const LaneScalars* a, const LaneScalars* b, const LanePoints* p,
          std::size_t vectors, LanePoints* out) {
  Multiple base[kGroupVectors], products[kGroupVectors];
  base_group(comb, a, vectors, base);
  point_group(comb, b, p, vectors, products);
  for (std::size_t i = 0; i < vectors; ++i) {
    base[i].point = add_any(base[i].point, products[i].point);
    base[i].right = both(base[i].right, products[i].right);
  }
  return store(base, vectors, out) == 0xFF;
}

}  // namespace heqi::crypto::internal::ifma
