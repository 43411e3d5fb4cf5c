#include <sys/stat.h>

#include "shell.h"

namespace heqi::program {
namespace {

struct SignCommand : public ::testing::Test {
  std::string at(const std::string& name) const { return folder.path() + "/" + name; }
  int openssl_verifies(const std::string& file) const {
    return shell("openssl dgst -sm3 -verify " + at("pub.pem") +
                 " -sigopt distid:1234567812345678 -signature " + at(file) + ".sig " + at(file));
  }
  void make_key() {
    ASSERT_EQ(run(run_sign, {"--new-key", at("key.pem"), "--public", at("pub.pem")}).code, 0);
  }
  testing::TemporaryFolder folder;
};

TEST_F(SignCommand, OpensslAgreesWithASignatureOfANewKey) {
  make_key();
  write(at("a.txt"), "合同正文");
  const Ran ran = run(run_sign, {"--key", at("key.pem"), at("a.txt")});
  ASSERT_EQ(ran.code, 0) << ran.error;
  EXPECT_NE(ran.out.find("a.txt.sig"), std::string::npos);
  EXPECT_EQ(openssl_verifies("a.txt"), 0);
  write(at("a.txt"), "合同正文。");
  EXPECT_NE(openssl_verifies("a.txt"), 0);
}

TEST_F(SignCommand, SignsAnEmptyAndALargeFile) {
  make_key();
  write(at("empty"), "");
  write(at("large"), std::string(3'000'000, 'x'));
  ASSERT_EQ(run(run_sign, {"--key", at("key.pem"), at("empty"), at("large"), "--json"}).code, 0);
  EXPECT_EQ(openssl_verifies("empty"), 0);
  EXPECT_EQ(openssl_verifies("large"), 0);
}

TEST_F(SignCommand, TakesAKeyThatOpensslMade) {
  ASSERT_EQ(shell("openssl genpkey -algorithm SM2 -out " + at("key.pem")), 0);
  ASSERT_EQ(shell("openssl pkey -in " + at("key.pem") + " -pubout -out " + at("pub.pem")), 0);
  write(at("a.txt"), "text");
  ASSERT_EQ(run(run_sign, {"--key", at("key.pem"), at("a.txt")}).code, 0);
  EXPECT_EQ(openssl_verifies("a.txt"), 0);
}

TEST_F(SignCommand, ANewKeyIsReadableByItsOwnerOnlyAndReplacesNone) {
  make_key();
  struct stat status {};
  ASSERT_EQ(::stat(at("key.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const Ran again = run(run_sign, {"--new-key", at("key.pem")});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.error.find("is there already"), std::string::npos) << again.error;
}

TEST_F(SignCommand, RefusesWhatIsNoUsableKey) {
  write(at("a.txt"), "text");
  EXPECT_EQ(run(run_sign, {"--key", at("none.pem"), at("a.txt")}).code, 1);
  write(at("not.pem"), "not a key");
  EXPECT_EQ(run(run_sign, {"--key", at("not.pem"), at("a.txt")}).code, 1);
  ASSERT_EQ(shell("openssl ecparam -name prime256v1 -genkey -noout -out " + at("p256.pem")), 0);
  const Ran other = run(run_sign, {"--key", at("p256.pem"), at("a.txt")});
  EXPECT_EQ(other.code, 1);
  EXPECT_NE(other.error.find("SM2"), std::string::npos) << other.error;
  ASSERT_EQ(
      shell("openssl genpkey -algorithm SM2 -aes-128-cbc -pass pass:x -out " + at("locked.pem")),
      0);
  EXPECT_NE(run(run_sign, {"--key", at("locked.pem"), at("a.txt")}).error.find("encrypted"),
            std::string::npos);
}

TEST_F(SignCommand, RefusesArgumentsThatDoNotGoTogether) {
  EXPECT_EQ(run(run_sign, {}).code, 2);
  EXPECT_EQ(run(run_sign, {"--key", "k"}).code, 2);
  EXPECT_EQ(run(run_sign, {"--key", "k", "--new-key", "n", "f"}).code, 2);
  EXPECT_EQ(run(run_sign, {"--key", "k", "--out", "o", "f", "g"}).code, 2);
  EXPECT_EQ(run(run_sign, {"--ky", "k"}).code, 2);
  EXPECT_EQ(run(run_sign, {"--help"}).code, 0);
}

}  // namespace
}  // namespace heqi::program
