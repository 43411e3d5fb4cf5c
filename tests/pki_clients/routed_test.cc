// An authority that has some of its profiles certified by another organisation's, as the operator
// sets it: two served authorities, and curl with openssl as the holder.
#include <filesystem>

#include <heqi/base/text.h>

#include "external_authorities.h"
#include "served_authority.h"

namespace heqi::demo {
namespace {

using base::Code;

class Routed : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    own() = std::make_unique<ServedAuthority>("sm2");
    partner() = std::make_unique<ServedAuthority>("sm2");
    own()->stop();
    std::filesystem::create_directories(own()->at("ca/external/codes"));
    std::filesystem::copy(partner()->at("ca/root.cer"), own()->at("ca/external/root.cer"));
    std::filesystem::copy(partner()->at("ca/tls/root.pem"), own()->at("ca/external/tls.pem"));
    write(own()->at("ca/external/partner.toml"),
          base::bytes_of("url = \"" + partner()->tls_url() +
                         "\"\nprofiles = \"device, server\"\nroot = \"root.cer\"\n"
                         "tls_root = \"tls.pem\"\ncodes = \"codes\"\n"));
    own()->start_again();
  }
  static void TearDownTestSuite() {
    own().reset();
    partner().reset();
  }
  static std::unique_ptr<ServedAuthority>& own() {
    static std::unique_ptr<ServedAuthority> value;
    return value;
  }
  static std::unique_ptr<ServedAuthority>& partner() {
    static std::unique_ptr<ServedAuthority> value;
    return value;
  }
  void SetUp() override {
    HEQI_NEEDS_PROGRAM("curl");
    HEQI_NEEDS_PROGRAM("openssl");
  }
  static void make_request(const std::string& common_name) {
    const Ran made = shell("openssl genpkey -algorithm SM2 -out " + own()->at("key.pem") +
                           " && openssl req -new -utf8 -key " + own()->at("key.pem") +
                           " -sigopt distid:1234567812345678 -sm3 -subj '/C=CN/CN=" + common_name +
                           "' -outform DER | base64 > " + own()->at("csr.b64"));
    ASSERT_EQ(made.status, 0) << made.output;
  }
  // enrol asks the own authority and gives the HTTP status; the certificate is in got.pem.
  static std::string enrol(const std::string& user, const std::string& code) {
    const Ran ran =
        shell("curl -s --cacert " + own()->at("ca/tls/root.pem") + " -u '" + user + ":" + code +
              "' -H 'Content-Type: application/pkcs10' --data-binary @" + own()->at("csr.b64") +
              " -o " + own()->at("answer") + " -w '%{http_code}' " + own()->tls_url() +
              "/.well-known/est/simpleenroll");
    shell("base64 -d " + own()->at("answer") + " | openssl pkcs7 -inform DER -print_certs -out " +
          own()->at("got.pem"));
    return ran.output;
  }
  static std::string answer() { return std::string(base::text_of(read(own()->at("answer")))); }
  static bool leads_to(const ServedAuthority& authority) {
    return shell("openssl verify -vfyopt distid:1234567812345678 -partial_chain -CAfile " +
                 authority.at("issuing.pem") + " " + own()->at("got.pem"))
               .status == 0;
  }
  // lasts tells whether the certificate is valid for that many hours from now.
  static bool lasts(int hours) {
    return shell("openssl x509 -noout -checkend " + std::to_string(hours * 3600) + " -in " +
                 own()->at("got.pem"))
               .status == 0;
  }
  static void put_code(const std::string& id, const std::string& code) {
    write(own()->at("ca/external/codes/" + id), base::bytes_of(code + "\n"));
  }
};

// shows: ECP-KEY-2
TEST_F(Routed, ADeviceIsCertifiedByThePartnerAPersonAndAnEventByOneself) {
  put_code("d1", partner()->code_for("d1", "device", "meter-1"));
  const std::string device = own()->code_for("d1", "device", "meter-1");
  make_request("meter-1");
  ASSERT_EQ(enrol("d1", device), "200") << answer();
  EXPECT_TRUE(leads_to(*partner()));
  EXPECT_FALSE(leads_to(*own()));
  EXPECT_TRUE(lasts(24 * 364) && !lasts(24 * 366));
  EXPECT_EQ(own()->ca("find", "--holder d1").output.find("meter-1"), std::string::npos);
  EXPECT_NE(partner()->ca("find", "--holder d1").output, "");

  EXPECT_EQ(
      own()->ca("apply", "--id p1 --profile person --holder p1 --name Alice --who clerk").status,
      0);
  EXPECT_NE(own()->ca("code", "--id p1").status, 0) << "not reviewed";
  const std::string person = own()->code_for("p1", "person", "Alice");
  make_request("Alice");
  ASSERT_EQ(enrol("p1", person), "200") << answer();
  EXPECT_TRUE(leads_to(*own()));
  EXPECT_TRUE(lasts(24 * 364) && !lasts(24 * 366));

  write(own()->at("strokes"), base::bytes_of("handwriting"));
  const std::string event =
      own()->code_for("e1", "event", "Alice", "--evidence " + own()->at("strokes"));
  make_request("Alice");
  ASSERT_EQ(enrol("e1", event), "200") << answer();
  EXPECT_TRUE(leads_to(*own()));
  EXPECT_TRUE(lasts(22) && !lasts(25));
}

TEST_F(Routed, TheCertificateIsKeptHereAndGivenAgainWithoutThePartner) {
  put_code("d2", partner()->code_for("d2", "device", "meter-2"));
  const std::string code = own()->code_for("d2", "device", "meter-2");
  make_request("meter-2");
  partner()->stop();
  EXPECT_EQ(enrol("d2", code), "503") << answer();
  partner()->start_again();
  ASSERT_EQ(enrol("d2", code), "200") << answer();
  const base::Bytes first = read(own()->at("got.pem"));
  partner()->stop();
  EXPECT_EQ(enrol("d2", code), "200") << answer();
  EXPECT_EQ(read(own()->at("got.pem")), first);
  make_request("meter-2");
  EXPECT_EQ(enrol("d2", code), "409") << answer();
  partner()->start_again();
}

TEST_F(Routed, WithoutTheRightCodeOfThePartnerTheHoldersOwnStaysGood) {
  const std::string theirs = partner()->code_for("d3", "device", "meter-3");
  const std::string code = own()->code_for("d3", "device", "meter-3");
  make_request("meter-3");
  EXPECT_EQ(enrol("d3", code), "503");
  EXPECT_NE(answer().find("no code of the authority partner"), std::string::npos) << answer();
  put_code("d3", "2222222222222222");
  EXPECT_EQ(enrol("d3", code), "503") << answer();
  EXPECT_EQ(enrol("d3", "2222222222222222"), "401") << answer();
  put_code("d3", theirs);
  EXPECT_EQ(enrol("d3", code), "200") << answer();
}

// shows-part: ECP-KEY-2 (what another authority added is not taken)
TEST_F(Routed, NamesThatWereNotApprovedHereAreNotTaken) {
  put_code("s1", partner()->code_for("s1", "server", "a.example", "--dns a.example,b.example"));
  const std::string code = own()->code_for("s1", "server", "a.example", "--dns a.example");
  make_request("a.example");
  EXPECT_NE(enrol("s1", code), "200");
  EXPECT_NE(answer().find("a name that was not approved"), std::string::npos) << answer();
}

base::Result<program::ExternalSettings> settings(std::string_view text) {
  return program::parse_external_settings("/etc/heqi", "partner.toml", text);
}

TEST(ExternalSettings, PathsAreBesideTheFile) {
  const auto read = settings(
      "url = \"https://ca.example\"\nprofiles = \"device,person\"\nroot = \"root.cer\"\n"
      "user = \"desk\"\ncode_file = \"/run/secrets/partner\"\n");
  ASSERT_OK(read);
  EXPECT_EQ(read->name, "partner");
  EXPECT_EQ(read->root, "/etc/heqi/root.cer");
  EXPECT_EQ(read->code_file, "/run/secrets/partner");
  EXPECT_EQ(read->profiles, (std::vector<std::string>{"device", "person"}));
}

TEST(ExternalSettings, WhatIsMissingContradictoryOrUnservedIsRefusedByName) {
  const std::string url = "url = \"https://ca.example\"\n", profiles = "profiles = \"device\"\n",
                    root = "root = \"r\"\n", codes = "codes = \"c\"\n";
  EXPECT_OK(settings(url + profiles + root + codes));
  EXPECT_ERROR(settings(profiles + root + codes), Code::not_found);
  EXPECT_ERROR(settings(url + root + codes), Code::not_found);
  EXPECT_ERROR(settings(url + profiles + codes), Code::not_found);
  for (const std::string& wrong :
       {url + profiles + root, url + profiles + root + codes + "user = \"u\"\ncode_file = \"f\"\n",
        url + profiles + root + "user = \"u\"\n",
        url + profiles + root + codes + "code_file = \"f\"\n",
        "url = \"http://ca.example\"\n" + profiles + root + codes,
        url + "profiles = \"event\"\n" + root + codes, url + "profiles = \"root\"\n" + root + codes,
        url + "profiles = \"encryption\"\n" + root + codes,
        url + "profiles = \"\"\n" + root + codes, url + profiles + root + codes + "other = 1\n"}) {
    const auto read = settings(wrong);
    EXPECT_ERROR(read, Code::malformed) << wrong;
    ASSERT_FALSE(read);
    EXPECT_TRUE(read.error().detail.starts_with("partner.toml: ")) << wrong;
  }
}

TEST(ExternalSettings, AFolderThatIsNotThereIsNotMade) {
  const testing::TemporaryFolder folder;
  const base::SystemClock clock;
  EXPECT_ERROR(program::ExternalAuthorities::open(folder.path() + "/none", clock), Code::not_found);
  EXPECT_OK(program::ExternalAuthorities::open("", clock));
}

}  // namespace
}  // namespace heqi::demo
