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

// LaneNumbers are eight field elements as the kernel keeps them: limbs of 52 bits, below 16p, with
// the factor 2^260.
struct alignas(64) LaneNumbers {
  std::uint64_t limb[5][kLanes];
};

// SpacedTables are P, 3P, … 31P for each of the eight points 2^(35j)·P, limbs as in LaneComb.
inline constexpr unsigned kSpacedPoints = 8, kSpacing = 35, kSpacedEntries = 16;
struct alignas(64) SpacedTables {
  std::uint64_t limb[kSpacedPoints][10][kSpacedEntries];
};

// LaneTerms are eight [k]P of a sum of public values, with room for the odd multiples of the
// points, none of which is infinity. A short k is odd and below 2^132, a long one below n and not
// zero.
inline constexpr unsigned kLongTermRows = 64, kShortTermRows = 33;
struct alignas(64) LaneTerms {
  LaneTerms() {}  // leaves the room as it is
  LaneScalars k;
  LanePoints p;
  unsigned rows;  // of digits: one of the above
  alignas(64) unsigned char room[8576];
};
// LaneSums are eight points in Jacobian coordinates.
struct alignas(64) LaneSums {
  std::uint64_t x[4][kLanes], y[4][kLanes], z[4][kLanes];
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

// spaced_tables takes the points 2^(35j)·P of one P, not infinity; spaced_multiples are [k]P.
// Constant time in k and P. False as above, and where a product is infinity: where k is zero, or
// one of a few values at which equal points meet. The products are to be made otherwise then.
void spaced_tables(const LanePoints& spaced, SpacedTables& out);
bool spaced_multiples(const SpacedTables& tables, const LaneScalars* k, std::size_t vectors,
                      LanePoints* out);

// sum_vartime adds up what stands in each lane, long terms before short ones, the first one long.
// False where a sum was infinity or one of two equal points, once or at the end.
bool sum_vartime(LaneTerms* terms, std::size_t vectors, LaneSums& out);

// Single steps, for tests: a·b·2^−260 and a·a·2^−260 modulo p, below (A·B/16 + 1)·p for factors
// below A·p and B·p, and the inverse of a·2^−260 times 2^260.
void field_multiply(const LaneNumbers& a, const LaneNumbers& b, LaneNumbers& out);
void field_square(const LaneNumbers& a, LaneNumbers& out);
void field_invert(const LaneNumbers& a, LaneNumbers& out);

}  // namespace ifma
}  // namespace heqi::crypto::internal
