// store.h: products to affine points in memory. The vectors of a group share their inversion.
#pragma once
#include "inversion.h"
#include "lanes.h"

namespace heqi::crypto::internal::ifma {

// Multiple is a product, and in which lanes its digits were right.
struct Multiple {
  Jacobian point;
  LaneMask right;
};

HEQI_LANES LaneMask both(LaneMask a, LaneMask b) {
  return static_cast<LaneMask>(a & b);
}

// store_point writes an affine point, (0, 0) in the lanes that are infinite.
HEQI_LANES void store_point(const Affine& point, LaneMask infinite, LanePoints& out) {
  const Number zero = all(Limbs{});
  store_words(words_of(select(infinite, zero, from_montgomery(point.x))), out.x);
  store_words(words_of(select(infinite, zero, from_montgomery(point.y))), out.y);
}

// store answers in which lanes of all vectors the points are on the curve.
__attribute__((noinline)) static LaneMask store(const Multiple* multiples, std::size_t vectors,
                                                LanePoints* out) {
  Number z[kGroupVectors] = {}, products[kGroupVectors];
  for (std::size_t i = 0; i < vectors; ++i)
    z[i] = select(is_zero(multiples[i].point.z), all(kOne), multiples[i].point.z);
  invert_each(z, products, vectors);
  LaneMask right = 0xFF;
  for (std::size_t i = 0; i < vectors; ++i) {
    const Jacobian& point = multiples[i].point;
    const LaneMask infinite = is_zero(point.z);
    const Affine affine = over({point.x, point.y}, z[i]);
    store_point(affine, infinite, out[i]);
    right = both(right,
                 both(multiples[i].right, static_cast<LaneMask>(is_on_curve(affine) | infinite)));
  }
  return right;
}

}  // namespace heqi::crypto::internal::ifma
