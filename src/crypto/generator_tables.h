// generator_tables.h: multiples of a point in affine form, and those of the base point.
#pragma once
#include "odd_digits.h"
#include "projective.h"

namespace heqi::crypto::internal {

// Comb holds [2j + 1][2^(width·i)]P at entries[i][j].
template <std::size_t kWidth>
struct Comb {
  static constexpr std::size_t kRows = digit_count(kWidth);
  static constexpr std::size_t kEntries = std::size_t(1) << (kWidth - 1);
  alignas(64) std::array<std::array<Affine, kEntries>, kRows> entries;
};

inline constexpr std::size_t kBaseWidth = 7;  // 37 additions, 152 KB
inline constexpr std::size_t kKeyWidth = 6;   // 43 additions, 88 KB for each prepared key
inline constexpr std::size_t kBaseNafWidth = 12;
using BaseComb = Comb<kBaseWidth>;
using KeyComb = Comb<kKeyWidth>;
using BaseOdds = std::array<Affine, std::size_t(1) << (kBaseNafWidth - 2)>;

// Both are computed at their first use.
const BaseComb& base_comb();
const BaseOdds& base_odds();  // [2j + 1]G

// fill_key_comb is for a point that is not infinity; not constant time.
void fill_key_comb(KeyComb& comb, const Affine& point);

}  // namespace heqi::crypto::internal
