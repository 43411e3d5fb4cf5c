#include "public_sum.h"

#include <vector>

#include "jacobian_point.h"
#include "order.h"
#include "public_sum_lanes.h"

namespace heqi::crypto {
namespace internal {

JacobianPoint sum_vartime(const CurveKernel& kernel, const Words& a,
                          std::span<const PlainTerm> terms) {
  const std::size_t count = terms.size();
  std::vector<PublicTerm> points(count);
  std::vector<std::int8_t> digits(NafDigits{}.size() * count);
  for (std::size_t j = 0; j < count; ++j) {
    points[j].p = terms[j].p;
    const NafDigits naf = naf_digits(terms[j].k, kNafWidth);
    for (std::size_t i = 0; i < naf.size(); ++i)
      digits[i * count + j] = static_cast<std::int8_t>(naf[i]);
  }
  JacobianPoint out;
  kernel.multiply_sum_vartime(out, a, points.data(), digits.data(), count);
  return out;
}

}  // namespace internal

Point mul_sum_vartime(const Scalar& base, std::span<const Term> terms) {
#if !defined(__EMSCRIPTEN__)
  if (terms.size() >= internal::kSumLanesPay)
    if (const std::optional<Point> sum = internal::sum_in_lanes(base, terms)) return *sum;
#endif
  std::vector<internal::PlainTerm> plain;
  plain.reserve(terms.size());
  for (const Term& term : terms)
    plain.push_back({internal::order_to_plain(term.k.words()), internal::to_jacobian(*term.p)});
  return internal::to_point(internal::to_projective(internal::sum_vartime(
      internal::curve_kernel(), internal::order_to_plain(base.words()), plain)));
}

}  // namespace heqi::crypto
