// public_sum.h: sums of many multiples of public points by a kernel of one's choice.
#pragma once
#include "curve_kernel.h"

namespace heqi::crypto::internal {

// PlainTerm is [k]P for a plain k below n.
struct PlainTerm {
  Words k;
  JacobianPoint p;
};

// sum_vartime is [a]G and all terms together.
JacobianPoint sum_vartime(const CurveKernel& kernel, const Words& a,
                          std::span<const PlainTerm> terms);

}  // namespace heqi::crypto::internal
