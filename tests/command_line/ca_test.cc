#include <memory>

#include "shell.h"

namespace heqi::program {
namespace {

struct CaCommand : public ::testing::Test {
  // One authority serves all tests: each opening stretches the passphrase for about a second.
  static void SetUpTestSuite() {
    folder = std::make_unique<testing::TemporaryFolder>();
    write(at("pass"), "correct horse battery\n");
    write(at("wrong"), "correct horse batterz\n");
    ASSERT_EQ(init().code, 0);
  }
  static void TearDownTestSuite() { folder.reset(); }
  static std::string at(const std::string& name) { return folder->path() + "/" + name; }
  static Ran init() {
    return run(run_ca, {"init", at("ca"), "--organization", "测试机构", "--url",
                        "http://127.0.0.1:1", "--passphrase-file", at("pass")});
  }
  Ran ca(std::vector<std::string> words, const std::string& pass = "pass") const {
    words.insert(words.end(), {"--passphrase-file", at(pass)});
    return run(run_ca, words);
  }
  void make_request(const std::string& name) const {
    ASSERT_EQ(shell("openssl genpkey -algorithm SM2 -out " + at("key.pem")), 0);
    ASSERT_EQ(shell("openssl req -new -utf8 -key " + at("key.pem") +
                    " -sm3 -sigopt "
                    "distid:1234567812345678 -subj '/C=CN/CN=" +
                    name + "' -out " + at("a.csr")),
              0);
  }
  Ran issue(const std::string& name, const std::string& holder) const {
    return ca({"issue", at("ca"), "--csr", at("a.csr"), "--name", name, "--holder", holder, "--out",
               at("a.pem")});
  }
  Ran inspect(std::vector<std::string> words = {}) const {
    words.insert(words.begin(), {"inspect", at("ca")});
    return run(run_ca, words);
  }
  static inline std::unique_ptr<testing::TemporaryFolder> folder;
};

std::string serial_in(const std::string& json) {
  const std::size_t at = json.find("\"serial\":\"");
  return json.substr(at + 10, json.find('"', at + 10) - at - 10);
}

TEST_F(CaCommand, IssuesForAnOpensslRequestAndRevokes) {
  make_request("张三");
  const Ran issued = issue("张三", "person-1");
  ASSERT_EQ(issued.code, 0) << issued.error;
  const Ran good = inspect({at("a.pem"), "--json"});
  EXPECT_NE(good.out.find("\"standing\":\"good\""), std::string::npos) << good.out << good.error;
  ASSERT_EQ(ca({"revoke", at("ca"), "--serial", serial_in(good.out), "--reason", "1"}).code, 0);
  EXPECT_NE(inspect({at("a.pem"), "--json"}).out.find("\"standing\":\"revoked\""),
            std::string::npos);
  ASSERT_EQ(ca({"crl", at("ca"), "--out", at("crl.der")}).code, 0);
  EXPECT_EQ(shell("openssl crl -inform DER -noout -text -in " + at("crl.der") +
                  " | grep -i 'Key Compromise'"),
            0);
}

TEST_F(CaCommand, OpensslVerifiesTheChain) {
  make_request("张三");
  ASSERT_EQ(issue("张三", "person-1").code, 0);
  for (const char* name : {"root", "issuing"})
    ASSERT_EQ(shell("openssl x509 -inform DER -in " + at("ca/") + name + ".cer -out " + at(name) +
                    ".pem"),
              0);
  // The command hands the distinguishing id to the first certificate only, so it goes link by link.
  const std::string verify = "openssl verify -vfyopt distid:1234567812345678 ";
  EXPECT_EQ(shell(verify + "-CAfile " + at("root.pem") + " " + at("issuing.pem")), 0);
  EXPECT_EQ(shell(verify + "-partial_chain -CAfile " + at("issuing.pem") + " " + at("a.pem")), 0);
  EXPECT_NE(shell(verify + "-partial_chain -CAfile " + at("root.pem") + " " + at("a.pem")), 0);
}

TEST_F(CaCommand, TheSameRequestGetsTheSameCertificate) {
  make_request("张三");
  ASSERT_EQ(issue("张三", "person-1").code, 0);
  const std::string first = serial_in(inspect({at("a.pem"), "--json"}).out);
  ASSERT_EQ(issue("张三", "person-1").code, 0);
  EXPECT_EQ(serial_in(inspect({at("a.pem"), "--json"}).out), first);
}

TEST_F(CaCommand, RefusesARequestInAnotherName) {
  make_request("李四");
  const Ran refused = issue("张三", "person-1");
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.error.find("李四"), std::string::npos) << refused.error;
}

TEST_F(CaCommand, RefusesAnothersKey) {
  make_request("张三");
  ASSERT_EQ(issue("张三", "person-1").code, 0);
  ASSERT_EQ(shell("openssl req -new -utf8 -key " + at("key.pem") +
                  " -sm3 -sigopt "
                  "distid:1234567812345678 -subj '/C=CN/CN=李四' -out " +
                  at("a.csr")),
            0);
  EXPECT_EQ(issue("李四", "person-2").code, 1);
}

TEST_F(CaCommand, AWrongPassphraseOpensNothing) {
  const Ran refused = ca({"crl", at("ca"), "--out", at("crl.der")}, "wrong");
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.error.find("passphrase is wrong"), std::string::npos) << refused.error;
}

TEST_F(CaCommand, AnAuthorityIsNotMadeTwiceInAFolder) {
  EXPECT_EQ(init().code, 1);
  EXPECT_EQ(inspect().code, 0);
}

TEST_F(CaCommand, NoKeyStandsInTheClear) {
  // PKCS#8 or SEC 1 would name the curve: 1.2.156.10197.1.301.
  EXPECT_NE(
      shell("grep -rlaP '\\x06\\x08\\x2a\\x81\\x1c\\xcf\\x55\\x01\\x82\\x2d' " + at("ca/keys")), 0);
  EXPECT_NE(shell("grep -rl 'PRIVATE KEY' " + at("ca")), 0);
}

TEST_F(CaCommand, RefusesWrongArguments) {
  EXPECT_EQ(run(run_ca, {}).code, 2);
  EXPECT_EQ(run(run_ca, {"--help"}).code, 0);
  EXPECT_EQ(run(run_ca, {"isue"}).code, 2);
  EXPECT_EQ(run(run_ca, {"issue", "x"}).code, 2);
  EXPECT_EQ(run(run_ca, {"inspect", at("none")}).code, 1);
  EXPECT_EQ(ca({"revoke", at("ca"), "--serial", "00"}).code, 1);
  EXPECT_EQ(ca({"revoke", at("ca"), "--serial", "zz"}).code, 1);
  EXPECT_EQ(ca({"revoke", at("ca"), "--serial", "00", "--reason", "7"}).code, 1);
}

}  // namespace
}  // namespace heqi::program
