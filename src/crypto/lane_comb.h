// lane_comb.h: the table of the base point for kernels that work in lanes. Row i holds the odd
// multiples (2j + 1)·2^(7i)·G for j in 0…63, each limb's 64 values side by side: x in limbs 0…4 of
// 52 bits, y in 5…9, in Montgomery form with the radix 2^260.
#pragma once
#include <cstddef>
#include <cstdint>

namespace heqi::crypto::internal {

inline constexpr std::size_t kLaneCombBits = 7, kLaneCombRows = 37, kLaneCombEntries = 64;

struct alignas(64) LaneComb {
  std::uint64_t limb[kLaneCombRows][10][kLaneCombEntries];
};

// lane_comb is computed at its first use.
const LaneComb& lane_comb();

}  // namespace heqi::crypto::internal
