#include <heqi/crypto/self_test.h>
#include <heqi/testing/expect.h>

namespace heqi::crypto {
namespace {

constexpr std::string_view kDeviceAnswers[] = {"SM3",
                                               "HMAC-SM3",
                                               "PBKDF2",
                                               "the KDF of SM2",
                                               "SM4",
                                               "SM4 decryption",
                                               "SM4-CBC",
                                               "SM4-CBC decryption",
                                               "SM4-CTR",
                                               "SM4-GCM",
                                               "SM4-GCM opening",
                                               "SM4-GCM refusal",
                                               "SM2 signing",
                                               "SM2 verification",
                                               "SM2 refusal",
                                               "SM2 encryption",
                                               "SM2 decryption",
                                               "the proof of knowledge",
                                               "the proof's refusal",
                                               "the random generator",
                                               "the health test of the entropy source"};
constexpr std::string_view kNativeAnswers[] = {"SM2 key exchange", "SM9 signing",
                                               "SM9 verification", "SM9 refusal",
                                               "SM9 decryption",   "SM9 refusal of a ciphertext"};

// shows: KEP-16-b
TEST(SelfTest, EveryPrimitiveGivesItsKnownAnswer) {
  EXPECT_OK(run_self_tests());
  EXPECT_OK(run_device_self_tests());
}

// shows-part: KEP-16-d (the error state that follows is the modules')
TEST(SelfTest, EachWrongAnswerFailsTheTestsAndIsNamed) {
  for (const std::string_view answer : kDeviceAnswers) {
    const base::Status done = run_device_self_tests(answer);
    ASSERT_FALSE(done) << answer;
    EXPECT_EQ(done.error().code, base::Code::device_self_test) << answer;
    EXPECT_NE(done.error().detail.find(std::string(answer) + " gave"), std::string::npos);
  }
  for (const std::string_view answer : kNativeAnswers) {
    EXPECT_OK(run_device_self_tests(answer)) << answer;
    EXPECT_ERROR(run_self_tests(answer), base::Code::device_self_test) << answer;
  }
  EXPECT_OK(run_self_tests("no such answer"));
}

}  // namespace
}  // namespace heqi::crypto
