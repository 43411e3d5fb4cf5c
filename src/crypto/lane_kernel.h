// lane_kernel.h: what the kernels in lanes compute: groups of up to four vectors of eight items.
// The items of a vector stand word by word side by side, so that a kernel only loads and stores
// whole vectors.
#pragma once
#include "lane_comb.h"

namespace heqi::crypto::internal {

inline constexpr std::size_t kLanes = 8, kGroupVectors = 4;

// LaneScalars are numbers below n, LanePoints affine points or (0, 0) for infinity: word[j][i] is
// word j of item i.
struct alignas(64) LaneScalars {
  std::uint64_t word[4][kLanes];
};
struct alignas(64) LanePoints {
  std::uint64_t x[4][kLanes], y[4][kLanes];
};

namespace ifma {

// Constant time in scalars and points; vectors is at most kGroupVectors. False where a result is
// not on the curve or a sum took other digits than the scalar's: a fault of the machine.
bool base_multiples(const LaneComb& comb, const LaneScalars* k, std::size_t vectors,
                    LanePoints* out);
bool multiples(const LaneComb& comb, const LaneScalars* k, const LanePoints* p, std::size_t vectors,
               LanePoints* out);
// sums are [a]G + [b]P.
bool sums(const LaneComb& comb, const LaneScalars* a, const LaneScalars* b, const LanePoints* p,
          std::size_t vectors, LanePoints* out);

}  // namespace ifma
}  // namespace heqi::crypto::internal
