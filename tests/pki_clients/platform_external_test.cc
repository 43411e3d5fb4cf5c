// heqi serve with an authority of somebody else's: its desk applies, reviews and gives codes, the
// partner certifies, and the holder asks the platform with curl and openssl.
#include <filesystem>

#include <heqi/base/text.h>

#include "platform.h"
#include "served_authority.h"

namespace heqi::demo {
namespace {

class PlatformWithPartner : public ::testing::Test {
 protected:
  void SetUp() override {
    HEQI_NEEDS_PROGRAM("curl");
    HEQI_NEEDS_PROGRAM("openssl");
    ASSERT_OK(platform.start());
    std::filesystem::create_directories(external + "/codes");
    std::filesystem::copy(partner.at("ca/root.cer"), external + "/root.cer");
    std::filesystem::copy(partner.at("ca/tls/root.pem"), external + "/tls.pem");
    write(external + "/partner.toml",
          base::bytes_of("url = \"" + partner.tls_url() +
                         "\"\nprofiles = \"device\"\nroot = \"root.cer\"\n"
                         "tls_root = \"tls.pem\"\ncodes = \"codes\"\n"));
    ASSERT_OK(platform.serve_again("external_authorities", external));
    officer = platform.token();
    const auto added = platform.add_user("clerk@heqi.invalid", "operator");
    ASSERT_OK(added);
    clerk = *added;
  }
  Answer desk(const std::string& as, const std::string& path, const std::string& body = {}) {
    platform.act_as(as);
    auto answer = platform.ask("POST", "/api/v1/ca/applications" + path,
                               base::to_bytes(base::bytes_of(body)));
    EXPECT_OK(answer);
    return answer ? *std::move(answer) : Answer{};
  }
  // code_for is the way of an application at the platform's desk up to its code.
  std::string code_for(const std::string& id, const std::string& profile) {
    const Answer applied =
        desk(clerk, "",
             R"({"id":")" + id + R"(","profile":")" + profile + R"(","holder":")" + id +
                 R"(","subject":{"common_name":")" + id + R"("}})");
    EXPECT_EQ(applied.status, 201) << applied.text("detail");
    if (applied.text("state") == "submitted") desk(officer, "/" + id + "/approve");
    return desk(clerk, "/" + id + "/code").text("code");
  }
  // enrol gives the HTTP status of the platform's EST; the certificate is in got.pem.
  std::string enrol(const std::string& id, const std::string& code) {
    const Ran made = shell("openssl genpkey -algorithm SM2 -out " + at("key.pem") +
                           " && openssl req -new -utf8 -key " + at("key.pem") +
                           " -sigopt distid:1234567812345678 -sm3 -subj '/C=CN/CN=" + id +
                           "' -outform DER | base64 > " + at("csr.b64"));
    EXPECT_EQ(made.status, 0) << made.output;
    const Ran ran = shell("curl -s --cacert " + at("p/data/tls/root.pem") + " -u '" + id + ":" +
                          code + "' -H 'Content-Type: application/pkcs10' --data-binary @" +
                          at("csr.b64") + " -o " + at("answer") + " -w '%{http_code}' " +
                          platform.url() + "/.well-known/est/simpleenroll");
    shell("base64 -d " + at("answer") + " | openssl pkcs7 -inform DER -print_certs -out " +
          at("got.pem"));
    return ran.output;
  }
  bool is_of_the_partner() {
    return shell("openssl verify -vfyopt distid:1234567812345678 -partial_chain -CAfile " +
                 partner.at("issuing.pem") + " " + at("got.pem"))
               .status == 0;
  }
  std::string at(const std::string& name) const { return platform.folder() + "/" + name; }

  ServedAuthority partner{"sm2"};
  Platform platform;
  std::string external = platform.folder() + "/external";
  std::string officer, clerk;
};

// shows-part: ECP-KEY-2 (under heqi serve: the partner's profile only)
TEST_F(PlatformWithPartner, CertifiesDevicesThereAndServersHere) {
  write(external + "/codes/meter-1",
        base::bytes_of(partner.code_for("meter-1", "device", "meter-1") + "\n"));
  const std::string code = code_for("meter-1", "device");
  ASSERT_FALSE(code.empty());
  EXPECT_EQ(enrol("meter-1", "2222222222222222"), "401");
  ASSERT_EQ(enrol("meter-1", code), "200")
      << base::text_of(read(at("answer"))) << base::text_of(read(at("platform.log")));
  EXPECT_TRUE(is_of_the_partner());
  EXPECT_NE(partner.ca("find", "--holder meter-1").output, "");

  const std::string own = code_for("person-1", "person");
  ASSERT_EQ(enrol("person-1", own), "200") << base::text_of(read(at("answer")));
  EXPECT_FALSE(is_of_the_partner());

  // The partner has given no code for this one, so it is certified nowhere.
  EXPECT_EQ(enrol("meter-2", code_for("meter-2", "device")), "503");
  EXPECT_NE(std::string(base::text_of(read(at("answer")))).find("no code of the authority partner"),
            std::string::npos);
  partner.stop();
  write(external + "/codes/meter-3", base::bytes_of("3333333333333333\n"));
  EXPECT_EQ(enrol("meter-3", code_for("meter-3", "device")), "503");

  // A setting that names no folder is refused at the start.
  EXPECT_FALSE(platform.serve_again("external_authorities", external + "/nowhere"));
  EXPECT_NE(std::string(base::text_of(read(at("platform.log")))).find("nowhere"),
            std::string::npos);
}

}  // namespace
}  // namespace heqi::demo
