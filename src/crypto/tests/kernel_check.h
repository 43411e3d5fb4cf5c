// kernel_check.h: runs a curve kernel beside its oracles, for the fast sample and the long runs.
#pragma once
#include <vector>

#include "../curve_kernel.h"
#include "../inversion.h"
#include "../jacobian_point.h"
#include "../order.h"
#include "division_oracle.h"

namespace heqi::crypto::testing_oracle {

inline std::vector<const internal::CurveKernel*> runnable_kernels() {
  std::vector<const internal::CurveKernel*> out;
#if defined(__x86_64__)
  if (internal::kMulxCurve.runs(processor())) out.push_back(&internal::kMulxCurve);
#endif
  out.push_back(&internal::kPortableCurve);
  return out;
}

// Each check counts what differs from the oracle in rounds chained operations.
inline std::uint64_t count_wrong_products(const internal::CurveKernel& kernel, std::uint64_t rounds,
                                          std::uint64_t seed) {
  const DivisionOracle oracle(internal::kPrime);
  EdgeNumbers numbers(internal::kPrime, seed);
  Number result{};
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    const Number a = numbers.next(result), b = numbers.next(a);
    result = kernel.field_multiply({a}, {b}).words;
    wrong += oracle.is_product(a, b, result) ? 0u : 1u;
  }
  return wrong;
}

inline std::uint64_t count_wrong_squares(const internal::CurveKernel& kernel, std::uint64_t rounds,
                                         std::uint64_t seed) {
  const DivisionOracle oracle(internal::kPrime);
  EdgeNumbers numbers(internal::kPrime, seed);
  Number result{};
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    const Number a = numbers.next(result);
    result = kernel.field_square({a}).words;
    wrong += oracle.is_product(a, a, result) ? 0u : 1u;
  }
  return wrong;
}

inline std::uint64_t count_wrong_order_products(const internal::CurveKernel& kernel,
                                                std::uint64_t rounds, std::uint64_t seed) {
  const DivisionOracle oracle(internal::kOrder);
  EdgeNumbers numbers(internal::kOrder, seed);
  Number result{};
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    const Number a = numbers.next(result), b = numbers.next(a);
    result = kernel.order_multiply(a, b);
    wrong += oracle.is_product(a, b, result) ? 0u : 1u;
  }
  return wrong;
}

inline std::uint64_t count_wrong_sums(const internal::CurveKernel& kernel, std::uint64_t rounds,
                                      std::uint64_t seed) {
  const DivisionOracle oracle(internal::kPrime);
  EdgeNumbers numbers(internal::kPrime, seed);
  Number result{};
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    const Number a = numbers.next(result), b = numbers.next(a);
    const Number sum = kernel.field_add({a}, {b}).words,
                 difference = kernel.field_subtract({a}, {b}).words,
                 half = kernel.field_half({a}).words;
    wrong += oracle.is_sum(a, b, sum) ? 0u : 1u;
    wrong += oracle.is_difference(a, b, difference) ? 0u : 1u;
    wrong +=
        oracle.is_sum(half, half, a) && DivisionOracle::is_below(half, internal::kPrime) ? 0u : 1u;
    result = i % 2 == 0 ? sum : difference;
  }
  return wrong;
}

// same_point compares Jacobian with homogeneous coordinates without dividing.
inline bool same_point(const internal::JacobianPoint& p, const internal::Projective& q) {
  const internal::Field zz = square(p.z);
  return (p.x * q.z).words == (q.x * zz).words && (p.y * q.z).words == (q.y * (zz * p.z)).words &&
         is_zero(p.z) == is_zero(q.z);
}

// count_wrong_points walks over the curve by doubling and by adding, beside the complete formulas
// in homogeneous coordinates.
inline std::uint64_t count_wrong_points(const internal::CurveKernel& kernel, std::uint64_t rounds) {
  internal::Projective step = internal::generator(), walk = double_point(step);
  internal::JacobianPoint p = internal::to_jacobian(walk);
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    if (i % 2 == 0) {
      kernel.double_point(p);
      walk = double_point(walk);
    } else {
      const internal::Projective before = walk;
      kernel.add_points(p, internal::to_jacobian(step));
      walk = walk + step;
      step = before;
    }
    wrong += same_point(p, walk) ? 0u : 1u;
  }
  return wrong;
}

// Residue is a number modulo n in Montgomery form.
struct Residue {
  internal::Words words;
};
inline Residue operator*(const Residue& a, const Residue& b) {
  return {internal::order_multiply(a.words, b.words)};
}
inline Residue square(const Residue& a) {
  return a * a;
}

// count_wrong_inverses takes Fermat's little theorem for the oracle, on both moduli.
inline std::uint64_t count_wrong_inverses(std::uint64_t rounds, std::uint64_t seed) {
  constexpr internal::Words p_exponent = {internal::kPrime[0] - 2, internal::kPrime[1],
                                          internal::kPrime[2], internal::kPrime[3]};
  constexpr internal::Words n_exponent = {internal::kOrder[0] - 2, internal::kOrder[1],
                                          internal::kOrder[2], internal::kOrder[3]};
  constexpr internal::Words n_one = internal::minus(internal::kOrder);
  EdgeNumbers p_numbers(internal::kPrime, seed), n_numbers(internal::kOrder, seed);
  Number a{}, b{};
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    a = p_numbers.next(a);
    b = n_numbers.next(b);
    const internal::Field p_inverse = inverse(internal::Field{a});
    const Scalar n_inverse = Scalar::from_words(b).inverse();
    wrong += p_inverse.words ==
                     internal::power(internal::Field{a}, p_exponent, internal::Field::one()).words
                 ? 0u
                 : 1u;
    wrong += n_inverse.words() == internal::power(Residue{b}, n_exponent, Residue{n_one}).words
                 ? 0u
                 : 1u;
    a = p_inverse.words;
    b = n_inverse.words();
  }
  return wrong;
}

}  // namespace heqi::crypto::testing_oracle
