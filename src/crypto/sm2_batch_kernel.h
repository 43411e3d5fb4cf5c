// sm2_batch_kernel.h: multiplications of many points at once, the part of the batch operations that
// has more than one path. Numbers are plain (not in Montgomery form) and below their modulus.
#pragma once
#include "choice.h"
#include "curve_kernel.h"
#include "lane_kernel.h"

namespace heqi::crypto::internal {

// PlainScalar is a number below n, least significant word first.
struct PlainScalar {
  std::uint64_t word[4];
};
// PlainPoint is a point in affine coordinates; (0, 0), which is not on the curve, is infinity.
struct PlainPoint {
  std::uint64_t x[4], y[4];
};

// Sm2BatchKernel computes out[i] for i below count, of any size. A function answers false where a
// result is not on the curve or a multiplication of G took other digits than those of k, which only
// a fault of the machine can bring about; out is then of no use. A point that is given is on the
// curve or infinity.
struct Sm2BatchKernel {
  std::string_view path;
  bool (*runs)(const Processor&);
  // multiply_base is [k]G, multiply [k]P; constant time in k and P.
  bool (*multiply_base)(const PlainScalar* k, std::size_t count, PlainPoint* out);
  bool (*multiply)(const PlainScalar* k, const PlainPoint* p, std::size_t count, PlainPoint* out);
  // multiply_add_vartime is [a]G + [b]P for public values.
  bool (*multiply_add_vartime)(const PlainScalar* a, const PlainScalar* b, const PlainPoint* p,
                               std::size_t count, PlainPoint* out);
  // multiply_one is [k]P for one P other than infinity, of which 2^(kSpacing·j)·P are given;
  // constant time. False also where a product is infinity or of a k that it cannot do
  // (lane_kernel.h); null where there are no lanes.
  bool (*multiply_one)(const PlainScalar* k, std::size_t count, const PlainPoint* spaced,
                       PlainPoint* out) = nullptr;
  // sum_vartime adds up what stands in each lane, as lane_kernel.h says; null where there are none.
  bool (*sum_vartime)(LaneTerms* terms, std::size_t vectors, LaneSums& out) = nullptr;
};

// multiply_base_in_groups is what a batch kernel on a curve kernel does with most of its scalars: a
// function like base_multiples_portable gets them in groups, and its results are looked at.
bool multiply_base_in_groups(BaseTree tree, const PlainScalar* k, std::size_t count,
                             PlainPoint* out);

extern const Sm2BatchKernel kSm2BatchPortable;
#if defined(__x86_64__)
extern const Sm2BatchKernel kSm2BatchIfma, kSm2BatchMulx;
#endif

// sm2_batch_choice is the primitive "sm2_batch".
Choice<Sm2BatchKernel>& sm2_batch_choice();
inline const Sm2BatchKernel& sm2_batch_kernel() {
  return sm2_batch_choice().kernel();
}

}  // namespace heqi::crypto::internal
