#include <heqi/crypto/self_test.h>
#include <heqi/testing/expect.h>

namespace heqi::crypto {
namespace {

TEST(SelfTest, EveryPrimitiveGivesItsKnownAnswer) {
  EXPECT_OK(run_self_tests());
}

TEST(SelfTest, TheListNamesEachPrimitiveOnceWithItsPath) {
  EXPECT_GE(implementations().size(), 8u);
  for (const Implementation& implementation : implementations())
    EXPECT_EQ(implementation_of(implementation.primitive), implementation.path);
  EXPECT_EQ(implementation_of("SM2"), "portable");
  EXPECT_EQ(implementation_of("ROT13"), "");
}

}  // namespace
}  // namespace heqi::crypto
