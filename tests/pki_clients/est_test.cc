// Enrolment over secure transport (RFC 7030) with curl and openssl, which is all that a client
// needs, SM2 and ECDSA; and with strongSwan's client.
#include <heqi/base/text.h>

#include "served_authority.h"

namespace heqi::demo {
namespace {

class Est : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    HEQI_NEEDS_PROGRAM("curl");
    HEQI_NEEDS_PROGRAM("openssl");
    house_.emplace(GetParam());
    if (is_sm2()) {
      new_key_ = "openssl genpkey -algorithm SM2 -out ";
      distinguishing_ = " -sigopt distid:1234567812345678 -sm3";
    }
  }
  bool is_sm2() const { return std::string(GetParam()) == "sm2"; }
  void make_request(const std::string& common_name) {
    shell(new_key_ + house_->at("key.pem"));
    const Ran made =
        shell("openssl req -new -utf8 -key " + house_->at("key.pem") + distinguishing_ +
              " -subj '/C=CN/CN=" + common_name + "' -outform DER -out " + house_->at("csr.der") +
              " && base64 " + house_->at("csr.der") + " > " + house_->at("csr.b64"));
    ASSERT_EQ(made.status, 0) << made.output;
  }
  // enrol posts the request and returns the HTTP status; the answer's certificate is in got.pem.
  std::string enrol(const std::string& user, const std::string& path = "simpleenroll") {
    const Ran ran = shell("curl -s --cacert " + house_->at("ca/tls/root.pem") + " -u '" + user +
                          "' -H 'Content-Type: application/pkcs10' --data-binary @" +
                          house_->at("csr.b64") + " -o " + house_->at("answer") +
                          " -w '%{http_code}' " + house_->tls_url() + "/.well-known/est/" + path);
    shell("base64 -d " + house_->at("answer") + " | openssl pkcs7 -inform DER -print_certs -out " +
          house_->at("got.pem"));
    return ran.output;
  }
  std::optional<ServedAuthority> house_;
  std::string new_key_ = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ";
  std::string distinguishing_ = " -sha256";
};

TEST_P(Est, AStockClientEnrolsWithTheCodeOfItsApplication) {
  const std::string code = house_->code_for("d1", "device", "meter-7");
  make_request("meter-7");
  ASSERT_EQ(enrol("d1:" + code), "200") << base::text_of(read(house_->at("answer")));
  const Ran verified =
      shell("openssl verify " + std::string(is_sm2() ? "-vfyopt distid:1234567812345678 " : "") +
            "-partial_chain -CAfile " + house_->at("issuing.pem") + " " + house_->at("got.pem"));
  EXPECT_EQ(verified.status, 0) << verified.output;
  const Ran key = shell("openssl x509 -in " + house_->at("got.pem") +
                        " -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum && "
                        "openssl pkey -in " +
                        house_->at("key.pem") + " -pubout -outform DER | sha256sum");
  EXPECT_EQ(key.output.substr(0, 64), key.output.substr(key.output.find('\n') + 1, 64));
  // The same request again gets the same certificate, another one nothing.
  const base::Bytes first = read(house_->at("got.pem"));
  EXPECT_EQ(enrol("d1:" + code), "200");
  EXPECT_EQ(read(house_->at("got.pem")), first);
  make_request("meter-7");
  EXPECT_EQ(enrol("d1:" + code), "409");
}

TEST_P(Est, WrongCodesNamesAndFormsAreRefused) {
  const std::string code = house_->code_for("d2", "device", "meter-8");
  make_request("meter-8");
  EXPECT_EQ(enrol("d2:2222222222222222"), "401");
  EXPECT_EQ(enrol("none:" + code), "401");
  EXPECT_EQ(enrol(":"), "401");
  make_request("another-name");
  EXPECT_EQ(enrol("d2:" + code), "403");
  make_request("meter-8");
  write(house_->at("csr.b64"), base::bytes_of("bm8gcmVxdWVzdA=="));
  EXPECT_EQ(enrol("d2:" + code), "400");
  make_request("meter-8");
  EXPECT_EQ(enrol("d2:" + code, "simplereenroll"), "200");
}

TEST_P(Est, TheChainIsGivenAndTheSwitchStopsEnrolmentWhileItIsServed) {
  const Ran chain =
      shell("curl -s --cacert " + house_->at("ca/tls/root.pem") + " " + house_->tls_url() +
            "/.well-known/est/cacerts | base64 -d | openssl pkcs7 -inform DER "
            "-print_certs | grep -c BEGIN");
  EXPECT_EQ(chain.output, "2\n");
  const std::string code = house_->code_for("d3", "device", "meter-9");
  make_request("meter-9");
  EXPECT_EQ(house_->ca("kill-switch", "--halt 'weak keys' --who officer").status, 0);
  EXPECT_EQ(enrol("d3:" + code), "503");
  EXPECT_EQ(house_->ca("kill-switch", "--release mended --who officer").status, 0);
  EXPECT_EQ(enrol("d3:" + code), "200");
}

// strongSwan's pki makes its key and its request itself, with a subject in other string types.
TEST(EstOfOthers, StrongSwanObtainsACertificateAndNoneWithAWrongCode) {
  HEQI_NEEDS_PROGRAM("pki");
  const ServedAuthority house("p256");
  const std::string code = house.code_for("d1", "device", "meter-7");
  const auto enrol = [&](const std::string& said) {
    return shell("pki --est --url " + house.tls_url() + " --cacert " + house.at("ca/tls/root.pem") +
                 " --cacert " + house.at("root.pem") + " --userpass 'd1:" + said + "' --in " +
                 house.at("csr.der") + " > " + house.at("got.der"));
  };
  const Ran made = shell("pki --gen --type ecdsa --size 256 > " + house.at("key.der") +
                         " && pki --req --type priv --in " + house.at("key.der") +
                         " --dn 'C=CN, CN=meter-7' > " + house.at("csr.der"));
  ASSERT_EQ(made.status, 0) << made.output;
  EXPECT_NE(enrol("2222222222222222").status, 0);
  EXPECT_TRUE(read(house.at("got.der")).empty());
  const Ran enrolled = enrol(code);
  ASSERT_EQ(enrolled.status, 0) << enrolled.output;
  const Ran verified = shell("openssl x509 -inform DER -in " + house.at("got.der") + " -out " +
                             house.at("got.pem") + " && openssl verify -partial_chain -CAfile " +
                             house.at("issuing.pem") + " " + house.at("got.pem"));
  EXPECT_EQ(verified.status, 0) << verified.output;
  const auto public_key = [&](const std::string& command) {
    return shell(command +
                 " 2>/dev/null | openssl pkey -pubin -inform DER -outform DER | sha256sum")
        .output;
  };
  EXPECT_EQ(public_key("pki --pub --type priv --in " + house.at("key.der")),
            public_key("pki --pub --type x509 --in " + house.at("got.der")));
}

INSTANTIATE_TEST_SUITE_P(Authorities, Est, ::testing::Values("p256", "sm2"));

}  // namespace
}  // namespace heqi::demo
