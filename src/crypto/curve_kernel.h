// curve_kernel.h: the operations on points of sm2p256v1 that a processor can do in its own way. A
// scalar is plain (not in Montgomery form) and below n.
#pragma once
#include "choice.h"
#include "generator_tables.h"
#include "jacobian.h"
#include "naf.h"

namespace heqi::crypto::internal {

using JacobianPoint = Jacobian<Field>;

// PublicTerm is one point of a sum of multiples, with room for its odd multiples.
struct PublicTerm {
  JacobianPoint p;
  std::array<Cached<Field>, std::size_t(1) << (kNafWidth - 2)> odds;
};

struct CurveKernel {
  std::string_view path;
  bool (*runs)(const Processor&);

  // Constant time. multiply_base gives k back as the sum of the digits whose multiples it added: a
  // loop that ended early or took other digits shows there (docs/adr/0010).
  Words (*multiply_base)(JacobianPoint& out, const Words& k);
  void (*multiply)(JacobianPoint& out, const Words& k, const JacobianPoint& p);
  // For public values: [a]G + [b]P, [a]G + the sum of all [k]P, and [a]G + [b]P with a prepared P.
  // The digits of k for terms[j] at 2^i are digits[i·count + j]; the kernel fills in the odds.
  void (*multiply_base_add_vartime)(JacobianPoint& out, const Words& a, const Words& b,
                                    const JacobianPoint& p);
  void (*multiply_sum_vartime)(JacobianPoint& out, const Words& a, PublicTerm* terms,
                               const std::int8_t* digits, std::size_t count);
  void (*multiply_combs_vartime)(JacobianPoint& out, const Words& a, const Words& b,
                                 const KeyComb& comb);

  // Single steps of what the above is made of, for tests and for callers that need few.
  Field (*field_multiply)(const Field& a, const Field& b);
  Field (*field_square)(const Field& a);
  Field (*field_add)(const Field& a, const Field& b);
  Field (*field_subtract)(const Field& a, const Field& b);
  Field (*field_half)(const Field& a);
  Words (*order_multiply)(const Words& a, const Words& b);
  void (*double_point)(JacobianPoint& p);
  void (*add_points)(JacobianPoint& p, const JacobianPoint& q);  // neither infinity nor p = ±q
};

// curve_choice is the primitive "sm2".
Choice<CurveKernel>& curve_choice();
inline const CurveKernel& curve_kernel() {
  return curve_choice().kernel();
}

extern const CurveKernel kPortableCurve;

// base_multiples_portable puts [k]G into out[i] for each of count scalars, at most kBaseGroup, and
// the digits' sum into used[i], as multiply_base gives it; (0, 0) is infinity. Constant time.
inline constexpr std::size_t kBaseGroup = 32;
using BaseTree = void (*)(Affine* out, Words* used, const Words* k, std::size_t count);
void base_multiples_portable(Affine* out, Words* used, const Words* k, std::size_t count);

#if defined(__x86_64__)
extern const CurveKernel kMulxCurve;
void base_multiples_mulx(Affine* out, Words* used, const Words* k, std::size_t count);
#endif

}  // namespace heqi::crypto::internal
