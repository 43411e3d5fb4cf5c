// heqi sign with keys in a token: SoftHSM 2, a token in software that other people wrote.
#include <filesystem>

#include "pkcs11_uri.h"
#include "shell.h"

namespace heqi::program {
namespace {

constexpr const char* kLibraries[] = {"/usr/lib/softhsm/libsofthsm2.so",
                                      "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"};
const std::string kLease = std::string(HEQI_EXAMPLES) + "/lease.pdf";

struct TokenKey : public ::testing::Test {
  void SetUp() override {
    for (const char* one : kLibraries)
      if (library.empty() && std::filesystem::exists(one)) library = one;
    if (library.empty())
      GTEST_SKIP() << "no softhsm2, so that no token is asked: ./dev packages test installs it";
    std::filesystem::create_directory(at("tokens"));
    write(at("conf"), "directories.tokendir = " + at("tokens") + "\nlog.level = ERROR\n");
    ASSERT_EQ(::setenv("SOFTHSM2_CONF", at("conf").c_str(), 1), 0);
    ASSERT_EQ(
        shell("softhsm2-util --init-token --free --label heqi --so-pin 87654321 --pin 123456"), 0);
    write(at("pin"), "123456\n");
    write(at("wrong"), "654321\n");
  }
  void TearDown() override { ::unsetenv("SOFTHSM2_CONF"); }

  std::string at(const std::string& name) const { return folder.path() + "/" + name; }

  // make_key lets openssl make a key and its certificate, and puts the key into the token.
  void make_key(const std::string& name, const std::string& kind, const std::string& id) {
    ASSERT_EQ(shell("openssl req -x509 -nodes " + kind + " -keyout " + at(name + ".key") +
                    " -out " + at(name + ".pem") + " -days 3650 -subj /CN=" + name +
                    " -addext keyUsage=critical,digitalSignature,nonRepudiation"),
              0);
    ASSERT_EQ(shell("openssl pkcs8 -topk8 -nocrypt -in " + at(name + ".key") + " -out " +
                    at(name + ".p8")),
              0);
    ASSERT_EQ(shell("softhsm2-util --import " + at(name + ".p8") +
                    " --token heqi --pin 123456 --label " + name + " --id " + id),
              0);
    // What signs is the token: the file is gone.
    std::filesystem::remove(at(name + ".key"));
    std::filesystem::remove(at(name + ".p8"));
  }

  std::string uri(const std::string& of) const {
    return "pkcs11:token=heqi;" + of + "?module-path=" + library;
  }
  Ran sign(const std::string& key, const std::string& certificate,
           const std::string& pin = "pin") const {
    return run(run_sign, {"--key", key, "--certificate", at(certificate), "--password-file",
                          at(pin), "--out", at("out.pdf"), kLease});
  }
  void expect_refused(const Ran& ran, const std::string& words) const {
    EXPECT_NE(ran.code, 0);
    EXPECT_NE(ran.error.find(words), std::string::npos) << ran.error;
    EXPECT_FALSE(std::filesystem::exists(at("out.pdf")));
  }
  void expect_signed(const std::string& certificate) const {
    const Ran verified =
        run(run_verify, {"--trust", at(certificate), "--lang", "en", "--json", at("out.pdf")});
    EXPECT_NE(verified.out.find("\"integrity\":\"intact\",\"signature\":\"valid\""),
              std::string::npos)
        << verified.out.substr(0, 2000);
    if (shell("command -v pdfsig") == 0) {
      EXPECT_EQ(shell("pdfsig -nocert " + at("out.pdf") + " | grep -q 'Signature is Valid'"), 0);
    }
    std::filesystem::remove(at("out.pdf"));
  }

  testing::TemporaryFolder folder;
  std::string library;
};

// shows-part: ECP-DOC-1 (keys in a token)
// shows-part: ZSA37-DEP-e (mobile signatures; the services' keys in heqi-module)
TEST_F(TokenKey, RsaAndEcdsaKeysOfATokenSignInsidePdfFiles) {
  make_key("alice", "-newkey rsa:2048 -sha256", "01");
  make_key("bob", "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha256", "02");
  make_key("carol", "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384", "03");
  const std::pair<const char*, std::string> keys[] = {
      {"alice", "object=alice"}, {"bob", "object=bob;type=private"}, {"carol", "id=%03"}};
  for (const auto& [name, of] : keys) {
    SCOPED_TRACE(name);
    const Ran ran = sign(uri(of), std::string(name) + ".pem");
    ASSERT_EQ(ran.code, 0) << ran.error;
    expect_signed(std::string(name) + ".pem");
  }
}

TEST_F(TokenKey, WhatTheTokenRefusesLeavesNothingBehind) {
  make_key("alice", "-newkey rsa:2048 -sha256", "01");
  make_key("bob", "-newkey rsa:2048 -sha256", "02");
  ASSERT_EQ(shell("openssl req -x509 -nodes -newkey sm2 -sm3 -keyout " + at("sm2.key") + " -out " +
                  at("sm2.pem") + " -days 10 -subj /CN=sm2"),
            0);
  expect_refused(sign(uri("object=alice"), "alice.pem", "wrong"), "C_Login");
  expect_refused(sign(uri("object=nobody"), "alice.pem"), "no such private key");
  expect_refused(sign(uri("object=alice;id=%02"), "alice.pem"), "no such private key");
  expect_refused(sign(uri("object=alice"), "bob.pem"), "not the certificate's");
  expect_refused(sign(uri("object=alice"), "sm2.pem"), "SM2");
  expect_refused(sign("pkcs11:token=other;object=alice?module-path=" + library, "alice.pem"),
                 "no token");
  expect_refused(sign("pkcs11:object=alice?module-path=/nowhere.so", "alice.pem"), "no library");
  // Every one of them closed the token again: the next one signs.
  const Ran ran = sign(uri("object=alice"), "alice.pem");
  ASSERT_EQ(ran.code, 0) << ran.error;
  expect_signed("alice.pem");
}

TEST(Pkcs11Uri, NamesAKeyOrIsRefused) {
  const auto read = parse_pkcs11_uri(
      "pkcs11:token=My%20card;serial=12;object=sign;id=%01%fF?module-path=/usr/lib/a.so");
  ASSERT_OK(read);
  EXPECT_EQ(read->token, "My card");
  EXPECT_EQ(read->serial, "12");
  EXPECT_EQ(read->object, "sign");
  EXPECT_EQ(read->id, (base::Bytes{0x01, 0xFF}));
  EXPECT_EQ(read->module_path, "/usr/lib/a.so");
  for (const char* wrong :
       {"pkcs11:object=a", "pkcs11:token=a?module-path=/a.so", "pkcs11:object=a?module-path=a.so",
        "pkcs11:object=a;object=b?module-path=/a.so", "pkcs11:object?module-path=/a.so",
        "pkcs11:object=%4?module-path=/a.so", "pkcs11:object=%zz?module-path=/a.so",
        "pkcs11:object=a;type=public?module-path=/a.so", "pkcs11:object=a;slot=1?module-path=/a.so",
        "pkcs12:object=a?module-path=/a.so", "pkcs11:?module-path=/a.so", "pkcs11:"}) {
    SCOPED_TRACE(wrong);
    EXPECT_ERROR(parse_pkcs11_uri(wrong), base::Code::malformed);
  }
  for (const char* with_pin : {"pkcs11:object=a?module-path=/a.so&pin-value=123456",
                               "pkcs11:object=a?pin-source=file:/pin&module-path=/a.so"})
    EXPECT_ERROR(parse_pkcs11_uri(with_pin), base::Code::denied);
}

}  // namespace
}  // namespace heqi::program
