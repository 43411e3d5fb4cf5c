#include <heqi/crypto/dispatch.h>
#include <heqi/testing/expect.h>

#if defined(__x86_64__)
#include "lane_check.h"

namespace heqi::crypto::testing_oracle {
namespace {

TEST(LaneOracle, KnowsARightProductFromAWrongOne) {
  // 2^260·2^260·2^−260 = 2^260 and 0·x = 0, p included; everything else is wrong.
  EXPECT_TRUE(LaneOracle::is_product(kLaneOne, kLaneOne, kLaneOne));
  EXPECT_TRUE(LaneOracle::is_product(kLaneOne, kLanePrime, {}));
  EXPECT_TRUE(LaneOracle::is_product({}, kLaneOne, kLanePrime));
  EXPECT_TRUE(LaneOracle::is_product({1}, kLaneOne, {1}));
  for (std::size_t i = 0; i < 5; ++i)
    for (int bit = 0; bit < 52; bit += 3) {
      LaneNumber wrong = kLaneOne;
      wrong[i] ^= std::uint64_t{1} << bit;
      EXPECT_FALSE(LaneOracle::is_product(kLaneOne, kLaneOne, wrong)) << i << " " << bit;
    }
  EXPECT_FALSE(LaneOracle::is_product({1}, kLaneOne, {kLimbEnd + 1})) << "too long a limb";
}

TEST(LaneKernel, ProductsSquaresAndInversesOfEdgeNumbersAreThoseOfLongDivision) {
  if (!processor().avx512_ifma)
    GTEST_SKIP()
        << "this processor has no AVX-512 IFMA, so its path is not tested here; run on one that "
           "has (Intel Ice Lake, AMD Zen 4 or later)";
  EXPECT_EQ(count_wrong_lane_products(200'000, 1), 0u);
  EXPECT_EQ(count_wrong_lane_squares(200'000, 2), 0u);
  EXPECT_EQ(count_wrong_lane_inverses(2'000, 3), 0u);
}

}  // namespace
}  // namespace heqi::crypto::testing_oracle
#endif
