// Rare carries show in long runs only: 10^9 chained products and squares of edge numbers for each
// kernel, 10^8 modulo n, 10^7 points, 10^6 inverses. HEQI_RUN_SHARE divides the numbers of rounds.
#include <cstdlib>

#include <gtest/gtest.h>

#include "kernel_check.h"

namespace heqi::crypto::testing_oracle {
namespace {

std::uint64_t rounds(std::uint64_t whole) {
  const char* share = std::getenv("HEQI_RUN_SHARE");
  return share == nullptr ? whole : whole / std::strtoull(share, nullptr, 10);
}

TEST(CurveKernelRuns, Products) {
  for (const auto* kernel : runnable_kernels())
    EXPECT_EQ(count_wrong_products(*kernel, rounds(1'000'000'000), 101), 0u) << kernel->path;
}

TEST(CurveKernelRuns, Squares) {
  for (const auto* kernel : runnable_kernels())
    EXPECT_EQ(count_wrong_squares(*kernel, rounds(1'000'000'000), 102), 0u) << kernel->path;
}

TEST(CurveKernelRuns, ProductsModuloTheOrder) {
  for (const auto* kernel : runnable_kernels())
    EXPECT_EQ(count_wrong_order_products(*kernel, rounds(100'000'000), 103), 0u) << kernel->path;
}

TEST(CurveKernelRuns, SumsDifferencesAndHalves) {
  for (const auto* kernel : runnable_kernels())
    EXPECT_EQ(count_wrong_sums(*kernel, rounds(100'000'000), 104), 0u) << kernel->path;
}

TEST(CurveKernelRuns, Points) {
  for (const auto* kernel : runnable_kernels())
    EXPECT_EQ(count_wrong_points(*kernel, rounds(10'000'000)), 0u) << kernel->path;
}

TEST(CurveKernelRuns, Inverses) {
  EXPECT_EQ(count_wrong_inverses(rounds(1'000'000), 105), 0u);
}

}  // namespace
}  // namespace heqi::crypto::testing_oracle
