// naf.h: a public scalar as the sum of digit·2^i, digits zero or odd, any two digits that are not
// zero at least the width apart.
#pragma once
#include "words.h"

namespace heqi::crypto::internal {

inline constexpr std::size_t kNafWidth = 5;  // of a point that was not prepared

using NafDigits = std::array<std::int16_t, 257>;

// naf_digits gives digits within ±2^(width−1); not constant time.
NafDigits naf_digits(const Words& scalar, std::size_t width);

}  // namespace heqi::crypto::internal
