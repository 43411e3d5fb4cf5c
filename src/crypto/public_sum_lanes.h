// public_sum_lanes.h: a sum of many multiples of public points by the kernel in lanes.
#pragma once
#include <optional>

#include <heqi/crypto/curve.h>

namespace heqi::crypto::internal {

// kSumLanesPay: with fewer terms the empty lanes cost more than the others spare.
inline constexpr std::size_t kSumLanesPay = 8;

// sum_in_lanes is [base]G and all terms together; empty where this processor has no lanes, or the
// terms make two equal points meet, which is for complete formulas.
std::optional<Point> sum_in_lanes(const Scalar& base, std::span<const Term> terms);

}  // namespace heqi::crypto::internal
