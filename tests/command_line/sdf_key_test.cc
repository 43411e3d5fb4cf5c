// Keys of SM2 in a server's cipher device (GM/T 0018): a simulator in the device's place.
#include "sdf_key.h"

#include <filesystem>

#include <heqi/testing/authority.h>

#include "seal_desk.h"
#include "signing_key.h"

namespace heqi::program {
namespace {

using base::Code;

struct DeviceOfAServer : public SealDesk {
  void SetUp() override {
    SealDesk::SetUp();
    std::filesystem::create_directory(at("device"));
    ASSERT_EQ(::setenv("HEQI_SDF_FOLDER", at("device").c_str(), 1), 0);
    // What signs is the device: the files of the persons' keys are in it, and nowhere else.
    unsigned index = 0;
    for (const char* name : {"alice", "mallory", "maker"}) {
      std::filesystem::rename(at(std::string(name) + ".key"),
                              at("device/" + std::to_string(++index) + ".key"));
      write(at("device/" + std::to_string(index) + ".password"), kPassword);
    }
    write(at("password"), std::string(kPassword) + "\n");
    write(at("wrong"), "12345678\n");
  }
  void TearDown() override { ::unsetenv("HEQI_SDF_FOLDER"); }
  std::string uri(int index, const std::string& password = "password") const {
    return "sdf:library=" HEQI_SDF_SIMULATOR ";index=" + std::to_string(index) +
           (password.empty() ? "" : "?password-file=" + at(password));
  }
  void break_it(const std::string& fault) { write(at("device/fault"), fault); }
  base::Result<SigningKey> open(const std::string& key) {
    return open_signing_key({key, at("alice.pem")}, {});
  }
  Ran sign(const std::string& from, const std::string& to, const std::string& key,
           std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--key", key, "--certificate", at("alice.pem"), "--out", at(to),
                             HEQI_EXAMPLES + ("/" + from)});
    return run(run_sign, more);
  }
  void expect_valid(const std::string& file) {
    const Ran verified = verify_file(at(file));
    EXPECT_NE(verified.out.find("\"signature\":\"valid\""), std::string::npos)
        << verified.out.substr(0, 2'000);
  }

  static constexpr std::string_view kPassword = "device password";
};

// shows-part: ZSA37-DEP-e (mobile signatures; the services' keys in heqi-module)
TEST_F(DeviceOfAServer, SignsAndSealsPdfAndOfdByTheNameOfTheKeyAlone) {
  ASSERT_EQ(sign("lease.pdf", "a.pdf", uri(1)).code, 0);
  expect_valid("a.pdf");
  ASSERT_EQ(sign("lease.ofd", "a.ofd", uri(1)).code, 0);
  expect_valid("a.ofd");
  // A seal, made by the maker's key in the device, and used by Alice's.
  const Ran made =
      run(run_seal, {"make", "--picture", at("picture.png"), "--name", "合契科技有限公司", "--id",
                     "11010800000001", "--signers", at("alice.one"), "--key", uri(3),
                     "--certificate", at("maker.pem"), "--out", at("seal.esl")});
  ASSERT_EQ(made.code, 0) << made.error;
  const Ran sealed =
      sign("lease.ofd", "sealed.ofd", uri(1), {"--seal", at("seal.esl"), "--box", "1:20,20,40,40"});
  ASSERT_EQ(sealed.code, 0) << sealed.error;
  expect_valid("sealed.ofd");
  // The password may come from elsewhere than from the URI.
  EXPECT_EQ(sign("lease.pdf", "b.pdf", uri(1, ""), {"--password-file", at("password")}).code, 0);
}

TEST_F(DeviceOfAServer, RefusesWithTheReasonAndWritesNothing) {
  const auto refused = [&](const Ran& ran, const std::string& words) {
    EXPECT_NE(ran.code, 0);
    EXPECT_NE(ran.error.find(words), std::string::npos) << ran.error;
    EXPECT_FALSE(std::filesystem::exists(at("out.pdf")));
  };
  refused(sign("lease.pdf", "out.pdf", uri(1, "wrong")), "AccessRight");
  refused(sign("lease.pdf", "out.pdf", uri(1, ""), {"--password-file", at("wrong")}), "denied");
  refused(sign("lease.pdf", "out.pdf", uri(1, "nowhere")), "nowhere");
  refused(sign("lease.pdf", "out.pdf", uri(7)), "[not_found]");
  refused(sign("lease.pdf", "out.pdf", uri(2)), "not of this key");
  refused(sign("lease.pdf", "out.pdf",
               "sdf:library=/nowhere.so;index=1?password-file=" + at("password")),
          "no library");
  refused(sign("lease.pdf", "out.pdf",
               "sdf:library=/lib/x86_64-linux-gnu/libm.so.6;index=1"
               "?password-file=" +
                   at("password")),
          "");
  break_it("closed");
  refused(sign("lease.pdf", "out.pdf", uri(1)), "SDF_OpenDevice");
  break_it("narrow");
  refused(sign("lease.pdf", "out.pdf", uri(1)), "64");
  break_it("dead");
  refused(sign("lease.pdf", "out.pdf", uri(1)), "SDF_InternalSign_ECC");
  break_it("signature");
  refused(sign("lease.pdf", "out.pdf", uri(1)), "does not hold");
  break_it("");
  EXPECT_EQ(sign("lease.pdf", "out.pdf", uri(1)).code, 0);
}

TEST_F(DeviceOfAServer, ALostSessionIsOpenedAnewAndAWrongSignatureNeverGivenOut) {
  auto key = open(uri(1));
  ASSERT_OK(key);
  const auto sign_once = [&] { return key->signer->sign(base::bytes_of("a lease")); };
  ASSERT_OK(sign_once());
  break_it("session");
  EXPECT_OK(sign_once());
  break_it("dead");
  EXPECT_ERROR(sign_once(), Code::unavailable);
  break_it("signature");
  EXPECT_ERROR(sign_once(), Code::unavailable);
  break_it("narrow");
  EXPECT_ERROR(sign_once(), Code::unsupported);
  break_it("");
  EXPECT_OK(sign_once());
  std::filesystem::remove(at("device/1.key"));
  EXPECT_ERROR(sign_once(), Code::not_found);
}

TEST_F(DeviceOfAServer, UrisAreReadStrictly) {
  const auto good = parse_sdf_uri("sdf:library=/a%20b.so;index=12?password-file=/p");
  ASSERT_OK(good);
  EXPECT_EQ(good->library, "/a b.so");
  EXPECT_EQ(good->index, 12u);
  EXPECT_EQ(good->password_file, "/p");
  for (const char* bad :
       {"sdf:", "sdf:library=/a", "sdf:index=1", "sdf:library=a.so;index=1",
        "sdf:library=/a;index=0", "sdf:library=/a;index=-1", "sdf:library=/a;index=1x",
        "sdf:library=/a;index=99999999999", "sdf:library=/a;index=1;index=2",
        "sdf:library=/a;index=1;what=1", "pkcs11:library=/a;index=1"})
    EXPECT_ERROR(parse_sdf_uri(bad), Code::malformed) << bad;
  EXPECT_ERROR(parse_sdf_uri("sdf:library=/a;index=1?password=x"), Code::denied);
  EXPECT_ERROR(parse_sdf_uri("sdf:library=/a;index=1?pin=x"), Code::denied);
  EXPECT_TRUE(asks_for_password("sdf:library=/a;index=1"));
  EXPECT_FALSE(asks_for_password("sdf:library=/a;index=1?password-file=/p"));
}

// shows-part: ZSA37-DEP-e (mobile signatures; the services' keys in heqi-module)
TEST_F(DeviceOfAServer, AnAuthorityIssuesWithKeysThatItsFolderNamesInTheDevice) {
  std::filesystem::create_directories(at("ca/keys"));
  const std::pair<const char*, int> keys[] = {{"issuing", 1}, {"ocsp", 2}};
  for (const auto& [name, index] : keys)
    write(at(std::string("ca/keys/") + name + ".uri"), uri(index) + "\n");
  write(at("pass"), "correct horse battery\n");
  const auto ca = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--passphrase-file", at("pass")});
    return run(run_ca, words);
  };
  const Ran made = ca({"init", at("ca"), "--organization", "Test", "--url", "http://127.0.0.1:1"});
  ASSERT_EQ(made.code, 0) << made.error;
  EXPECT_FALSE(std::filesystem::exists(at("ca/keys/issuing.sealed")));
  EXPECT_TRUE(std::filesystem::exists(at("ca/keys/root.sealed")));
  ASSERT_EQ(shell("openssl genpkey -algorithm SM2 -out " + at("k.pem") +
                  " && openssl req -new -key " + at("k.pem") +
                  " -sm3 -sigopt distid:1234567812345678 -subj /C=CN/CN=anna -out " + at("a.csr")),
            0);
  const auto issue = [&](const std::string& holder) {
    return ca({"issue", at("ca"), "--csr", at("a.csr"), "--name", "anna", "--holder", holder,
               "--out", at("a.pem")});
  };
  break_it("signature");
  EXPECT_NE(issue("anna").code, 0);
  EXPECT_FALSE(std::filesystem::exists(at("a.pem")));
  break_it("");
  const Ran issued = issue("anna");
  ASSERT_EQ(issued.code, 0) << issued.error;
  EXPECT_EQ(
      shell("openssl x509 -inform DER -in " + at("ca/issuing.cer") + " -out " + at("issuing.pem") +
            " && openssl verify -vfyopt distid:1234567812345678 -partial_chain -CAfile " +
            at("issuing.pem") + " " + at("a.pem")),
      0);
  EXPECT_EQ(ca({"crl", at("ca"), "--out", at("crl.der")}).code, 0);
  write(at("ca/keys/issuing.uri"), uri(9));
  EXPECT_NE(ca({"crl", at("ca"), "--out", at("crl.der")}).code, 0);
  write(at("ca/keys/issuing.uri"), "no URI");
  EXPECT_NE(ca({"crl", at("ca"), "--out", at("crl.der")}).code, 0);
}

}  // namespace
}  // namespace heqi::program
