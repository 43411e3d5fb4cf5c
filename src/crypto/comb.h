// comb.h: the table of the base point: row i, entry j is [(j + 1)·2^(5i)]G.
#pragma once
#include "booth.h"
#include "projective.h"

namespace heqi::crypto::internal {

using Comb = std::array<std::array<Affine, kWindowEntries>, kWindows>;

// generator_comb is computed at its first use.
const Comb& generator_comb();

}  // namespace heqi::crypto::internal
