// main.cc: the tests of the crypto layer on AArch64; with --expect-instructions they also ask for
// the paths of SM3's and SM4's instructions, on a processor that has them.
#include <gmock/gmock.h>
#include <heqi/crypto/dispatch.h>

#include <algorithm>

namespace heqi::crypto {
namespace {

bool g_expected = false;

TEST(Instructions, AreChosenWhereTheProcessorHasThem) {
  EXPECT_EQ(processor().sm3_instructions, g_expected);
  EXPECT_EQ(processor().sm4_instructions, g_expected);
  for (const PrimitivePath& primitive : primitive_paths()) {
    if (primitive.primitive == "sm3") {
      EXPECT_EQ(primitive.chosen, g_expected ? "arm_sm3" : "portable");
    }
    if (primitive.primitive == "sm4") {
      EXPECT_EQ(primitive.chosen, g_expected ? "arm_sm4" : "portable");
    }
    EXPECT_TRUE(primitive.untested.empty());
  }
}

}  // namespace
}  // namespace heqi::crypto

int main(int argc, char** argv) {
  ::testing::InitGoogleMock(&argc, argv);
  heqi::crypto::g_expected =
      std::count(argv, argv + argc, std::string("--expect-instructions")) > 0;
  return RUN_ALL_TESTS();
}
