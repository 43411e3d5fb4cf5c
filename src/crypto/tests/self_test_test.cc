#include <heqi/crypto/self_test.h>
#include <heqi/testing/expect.h>

namespace heqi::crypto {
namespace {

TEST(SelfTest, EveryPrimitiveGivesItsKnownAnswer) {
  EXPECT_OK(run_self_tests());
}

}  // namespace
}  // namespace heqi::crypto
