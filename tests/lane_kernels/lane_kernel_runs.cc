// The field in eight lanes: 10^9 chained products and squares of edge numbers, 10^6 inverses.
// HEQI_RUN_SHARE divides the numbers of rounds.
#include <heqi/crypto/dispatch.h>

#include <cstdlib>

#include <gtest/gtest.h>

#if defined(__x86_64__)
#include "lane_check.h"

namespace heqi::crypto::testing_oracle {
namespace {

std::uint64_t rounds(std::uint64_t whole) {
  const char* share = std::getenv("HEQI_RUN_SHARE");
  return share == nullptr ? whole : whole / std::strtoull(share, nullptr, 10);
}

class LaneKernelRuns : public testing::Test {
 protected:
  void SetUp() override {
    if (!processor().avx512_ifma)
      GTEST_SKIP()
          << "this processor has no AVX-512 IFMA, so its path is not tested here; run on one that "
             "has (Intel Ice Lake, AMD Zen 4 or later)";
  }
};

TEST_F(LaneKernelRuns, Products) {
  EXPECT_EQ(count_wrong_lane_products(rounds(1'000'000'000), 201), 0u);
}
TEST_F(LaneKernelRuns, Squares) {
  EXPECT_EQ(count_wrong_lane_squares(rounds(1'000'000'000), 202), 0u);
}
TEST_F(LaneKernelRuns, Inverses) {
  EXPECT_EQ(count_wrong_lane_inverses(rounds(1'000'000), 203), 0u);
}

}  // namespace
}  // namespace heqi::crypto::testing_oracle
#endif
