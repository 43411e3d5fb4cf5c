// The multiplications of a joint signature, counted where they are done (docs/adr/0011).
#include <gtest/gtest.h>

#include "curve_kernel.h"
#include "parties.h"

namespace heqi::cosign {
namespace {

using crypto::internal::curve_choice;
using crypto::internal::CurveKernel;
using crypto::internal::JacobianPoint;
using crypto::internal::KeyComb;
using crypto::internal::kPortableCurve;
using crypto::internal::Words;

// Counts are calls of the kernel.
struct Counts {
  int base = 0;          // [k]G
  int variable = 0;      // [k]P
  int base_and_one = 0;  // [a]G + [b]P, a zero included; public
  int two = 0;           // [a]P + [b]Q; public
  int prepared = 0;      // [a]G + [b]P with a table of P; public
  bool operator==(const Counts&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Counts& counts) {
  return out << counts.base << " base, " << counts.variable << " variable, " << counts.base_and_one
             << " base and one, " << counts.two << " two, " << counts.prepared << " prepared";
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
  kernel.multiply_add_vartime = [](JacobianPoint& out, const Words& a, const JacobianPoint& p,
                                   const Words& b, const JacobianPoint& q) {
    ++counted.two;
    kPortableCurve.multiply_add_vartime(out, a, p, b, q);
  };
  kernel.multiply_combs_vartime = [](JacobianPoint& out, const Words& a, const Words& b,
                                     const KeyComb& comb) {
    ++counted.prepared;
    kPortableCurve.multiply_combs_vartime(out, a, b, comb);
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
  curve_choice().install(kernel);
  for (const int n : {1, 3}) {
    Parties parties = make_parties(static_cast<std::uint64_t>(n));
    std::vector<crypto::Digest> digests;
    for (int i = 0; i < n; ++i) digests.push_back(digest_of(parties, std::to_string(i)));

    std::optional<Device> device;
    EXPECT_EQ(count([&] { device.emplace(parties.device()); }), (Counts{.base = 1, .variable = 1}));
    std::optional<base::Result<Opened>> opened;
    EXPECT_EQ(count([&] { opened.emplace(device->open(digests, 1)); }),
              (Counts{.base = 1 + 4 * n}));
    ASSERT_OK(*opened);
    std::optional<base::Result<Answered>> answered;
    EXPECT_EQ(
        count([&] { answered.emplace(parties.server().answer(std::move((**opened).opening))); }),
        (Counts{.base = 1 + 2 * n, .variable = 2 * n, .base_and_one = 1 + 3 * n, .two = 2 * n}));
    ASSERT_OK(*answered);
    std::optional<base::Result<Confirm>> confirmed;
    EXPECT_EQ(
        count([&] {
          confirmed.emplace(device->finish(std::move((**opened).nonces), (**answered).answer));
        }),
        (Counts{.variable = n, .base_and_one = 3 * n}));
    ASSERT_OK(*confirmed);
    EXPECT_EQ(count([&] {
                EXPECT_OK(confirm(parties.server_key.p, (**answered).expected, **confirmed));
              }),
              (Counts{.base_and_one = n}));
  }
  curve_choice().install(kPortableCurve);
}

}  // namespace
}  // namespace heqi::cosign
