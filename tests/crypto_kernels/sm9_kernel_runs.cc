// The field of SM9 on each path against long division: 10^9 chained products and squares of edge
// numbers, 10^8 sums and differences. HEQI_RUN_SHARE divides the numbers of rounds.
#include <cstdlib>

#include <gtest/gtest.h>

#include "division_oracle.h"
#include "sm9/kernel.h"

namespace heqi::crypto::sm9 {
namespace {

using testing_oracle::DivisionOracle;
using testing_oracle::EdgeNumbers;
using testing_oracle::Number;

std::uint64_t rounds(std::uint64_t whole) {
  const char* share = std::getenv("HEQI_RUN_SHARE");
  return share == nullptr ? whole : whole / std::strtoull(share, nullptr, 10);
}

std::vector<const internal::Kernel*> runnable_kernels() {
  std::vector<const internal::Kernel*> out;
  auto& choice = internal::kernels();
  const auto runnable = choice.describe().runnable;
  for (const std::string_view path : runnable)
    if (choice.choose(path)) out.push_back(&choice.kernel());
  (void)choice.choose(runnable.front());
  return out;
}

// count_wrong runs check, which says whether a result is right and leaves it for the next operands.
template <class Check>
std::uint64_t count_wrong(std::uint64_t count, std::uint64_t seed, Check check) {
  const DivisionOracle oracle(internal::kPrime);
  EdgeNumbers numbers(internal::kPrime, seed);
  Number last{};
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Number a = numbers.next(last), b = numbers.next(a);
    if (!check(oracle, a, b, last)) ++wrong;
  }
  return wrong;
}

TEST(Sm9KernelRuns, Products) {
  for (const auto* kernel : runnable_kernels()) {
    const auto check = [kernel](const DivisionOracle& oracle, const Number& a, const Number& b,
                                Number& out) {
      kernel->multiply(out, a, b);
      return oracle.is_product(a, b, out);
    };
    EXPECT_EQ(count_wrong(rounds(1'000'000'000), 111, check), 0u) << kernel->path;
  }
}

TEST(Sm9KernelRuns, Squares) {
  for (const auto* kernel : runnable_kernels()) {
    const auto check = [kernel](const DivisionOracle& oracle, const Number& a, const Number&,
                                Number& out) {
      kernel->multiply(out, a, a);
      return oracle.is_product(a, a, out);
    };
    EXPECT_EQ(count_wrong(rounds(1'000'000'000), 112, check), 0u) << kernel->path;
  }
}

TEST(Sm9KernelRuns, SumsAndDifferences) {
  for (const auto* kernel : runnable_kernels()) {
    const auto check = [kernel](const DivisionOracle& oracle, const Number& a, const Number& b,
                                Number& out) {
      Number difference;
      kernel->add(out, a, b);
      kernel->subtract(difference, a, b);
      return oracle.is_sum(a, b, out) && oracle.is_difference(a, b, difference);
    };
    EXPECT_EQ(count_wrong(rounds(100'000'000), 113, check), 0u) << kernel->path;
  }
}

}  // namespace
}  // namespace heqi::crypto::sm9
