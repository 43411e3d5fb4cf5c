// The multiplications of a joint signature, counted where they are done (docs/adr/0011).
#include <gtest/gtest.h>
#include <heqi/crypto/curve_batch.h>

#include "curve_kernel.h"
#include "parties.h"
#include "sm2_batch_kernel.h"

namespace heqi::cosign {
namespace {

using crypto::internal::curve_choice;
using crypto::internal::CurveKernel;
using crypto::internal::JacobianPoint;
using crypto::internal::kPortableCurve;
using crypto::internal::kSm2BatchPortable;
using crypto::internal::PlainPoint;
using crypto::internal::PlainScalar;
using crypto::internal::PublicTerm;
using crypto::internal::sm2_batch_choice;
using crypto::internal::Sm2BatchKernel;
using crypto::internal::Words;

// Counts are multiplications, whatever path makes them.
struct Counts {
  int base = 0;          // [k]G
  int variable = 0;      // [k]P
  int of_one = 0;        // [k]P of one point, with its tables
  int base_and_one = 0;  // [a]G + [b]P, a zero included; public
  int sums = 0;          // [a]G and many [k]P at once; public
  int terms = 0;         // [k]P in such sums
  bool operator==(const Counts&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Counts& counts) {
  return out << counts.base << " base, " << counts.variable << " variable, " << counts.of_one
             << " of one point, " << counts.base_and_one << " base and one, " << counts.sums
             << " sums of " << counts.terms << " terms";
}

Counts counted;

CurveKernel counting_kernel() {
  CurveKernel kernel = kPortableCurve;
  kernel.path = "counting";
  kernel.multiply_base = [](JacobianPoint& out, const Words& k) {
    ++counted.base;
    return kPortableCurve.multiply_base(out, k);
  };
  kernel.multiply = [](JacobianPoint& out, const Words& k, const JacobianPoint& p) {
    ++counted.variable;
    kPortableCurve.multiply(out, k, p);
  };
  kernel.multiply_base_add_vartime = [](JacobianPoint& out, const Words& a, const Words& b,
                                        const JacobianPoint& p) {
    ++counted.base_and_one;
    kPortableCurve.multiply_base_add_vartime(out, a, b, p);
  };
  kernel.multiply_sum_vartime = [](JacobianPoint& out, const Words& a, PublicTerm* terms,
                                   const std::int8_t* digits, std::size_t count) {
    ++counted.sums;
    counted.terms += static_cast<int>(count);
    kPortableCurve.multiply_sum_vartime(out, a, terms, digits, count);
  };
  return kernel;
}

Sm2BatchKernel counting_batch_kernel() {
  Sm2BatchKernel kernel = kSm2BatchPortable;
  kernel.path = "counting";
  kernel.multiply_base = [](const PlainScalar* k, std::size_t count, PlainPoint* out) {
    counted.base += static_cast<int>(count);
    return kSm2BatchPortable.multiply_base(k, count, out);
  };
  kernel.multiply = [](const PlainScalar* k, const PlainPoint* p, std::size_t count,
                       PlainPoint* out) {
    counted.variable += static_cast<int>(count);
    return kSm2BatchPortable.multiply(k, p, count, out);
  };
  kernel.multiply_one = [](const PlainScalar* k, std::size_t count, const PlainPoint* spaced,
                           PlainPoint* out) {
    counted.of_one += static_cast<int>(count);
    const std::vector<PlainPoint> points(count, spaced[0]);
    return kSm2BatchPortable.multiply(k, points.data(), count, out);
  };
  kernel.multiply_add_vartime = [](const PlainScalar* a, const PlainScalar* b, const PlainPoint* p,
                                   std::size_t count, PlainPoint* out) {
    counted.base_and_one += static_cast<int>(count);
    return kSm2BatchPortable.multiply_add_vartime(a, b, p, count, out);
  };
  return kernel;
}

// count gives what step has called.
template <class Step>
Counts count(const Step& step) {
  counted = {};
  step();
  return counted;
}

TEST(JointCounts, AreThoseOfTheRecord) {
  static const CurveKernel kernel = counting_kernel();
  static const Sm2BatchKernel batch_kernel = counting_batch_kernel();
  curve_choice().install(kernel);
  sm2_batch_choice().install(batch_kernel);
  for (const int n : {1, 2, 9, 12}) {
    // Where lanes pay, [b]U is made there.
    const bool lanes = n >= static_cast<int>(crypto::kLanesPay);
    const bool tables = n >= static_cast<int>(crypto::kTablesPay);
    Parties parties = make_parties(static_cast<std::uint64_t>(n));
    std::vector<crypto::Digest> digests;
    for (int i = 0; i < n; ++i) digests.push_back(digest_of(parties, std::to_string(i)));

    std::optional<Device> device;
    EXPECT_EQ(count([&] { device.emplace(parties.device()); }), (Counts{.base = 1, .variable = 1}));
    std::optional<base::Result<Opened>> opened;
    EXPECT_EQ(count([&] { opened.emplace(device->open(digests, 1)); }),
              (Counts{.base = 2 + 2 * n}));
    ASSERT_OK(*opened);
    std::optional<base::Result<Answered>> answered;
    EXPECT_EQ(
        count([&] { answered.emplace(parties.server().answer(std::move((**opened).opening))); }),
        (Counts{.base = 1 + n,
                .variable = tables  ? 2 * n
                            : lanes ? 3 * n
                                    : 2 * n,
                .of_one = tables ? n : 0,
                .base_and_one = lanes ? 0 : n,
                .sums = 2,
                .terms = (3 + 2 * n) + (2 + 2 * n)}));
    ASSERT_OK(*answered);
    std::optional<base::Result<Confirm>> confirmed;
    EXPECT_EQ(
        count([&] {
          confirmed.emplace(device->finish(std::move((**opened).nonces), (**answered).answer));
        }),
        (Counts{.variable = tables ? 0 : n,
                .of_one = tables ? n : 0,
                .sums = 2,
                .terms = (2 + 2 * n) + (1 + n)}));
    ASSERT_OK(*confirmed);
    EXPECT_EQ(count([&] {
                EXPECT_OK(confirm(parties.server_key.p, (**answered).expected, **confirmed,
                                  parties.server_random));
              }),
              (lanes ? Counts{.sums = 1, .terms = 1 + n} : Counts{.base_and_one = n}));
  }
  curve_choice().install(kPortableCurve);
  sm2_batch_choice().install(kSm2BatchPortable);
}

}  // namespace
}  // namespace heqi::cosign
