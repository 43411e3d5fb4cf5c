// What an ECDSA authority publishes, judged by openssl ocsp, crl, ts and verify.
#include <heqi/base/text.h>
#include <heqi/http/request.h>

#include "served_authority.h"

namespace heqi::demo {
namespace {

class Published : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house() = std::make_unique<ServedAuthority>("p256"); }
  static void TearDownTestSuite() { house().reset(); }
  static std::unique_ptr<ServedAuthority>& house() {
    static std::unique_ptr<ServedAuthority> value;
    return value;
  }
  static std::string at(const std::string& name) { return house()->at(name); }
  // issue makes name.pem through the command line, while the server runs.
  static std::string issue(const std::string& name) {
    shell("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + at("k.pem") +
          " && openssl req -new -key " + at("k.pem") + " -subj '/C=CN/CN=" + name + "' -out " +
          at("c.csr"));
    const Ran made = house()->ca("issue", "--csr " + at("c.csr") + " --name " + name +
                                              " --holder " + name + " --out " + at(name + ".pem") +
                                              " --passphrase-file " + at("pass"));
    EXPECT_EQ(made.status, 0) << made.output;
    return serial_of(name);
  }
  static std::string serial_of(const std::string& name) {
    const std::string line =
        shell("openssl x509 -noout -serial -in " + at(name + ".pem")).output;  // serial=41…
    return std::string(base::trim(line.substr(line.find('=') + 1)));
  }
  static std::string ocsp(const std::string& name, const std::string& more = "") {
    return shell("openssl ocsp " + more + " -issuer " + at("issuing.pem") + " -cert " +
                 at(name + ".pem") + " -url " + house()->plain_url() + "/ocsp -CAfile " +
                 at("chain.pem"))
        .output;
  }
  static Ran verify(const std::string& name) {
    return shell("curl -s " + house()->plain_url() +
                 "/crl/issuing.crl | openssl crl -inform DER "
                 "-out " +
                 at("crl.pem") + " && curl -s " + house()->plain_url() +
                 "/crl/root.crl | openssl crl -inform DER -out " + at("root-crl.pem") + " && cat " +
                 at("crl.pem") + " " + at("root-crl.pem") + " > " + at("crls.pem") +
                 " && openssl verify -crl_check_all -CAfile " + at("chain.pem") + " -CRLfile " +
                 at("crls.pem") + " " + at(name + ".pem"));
  }
};

// shows: ECP-PKI-4, ECP-PKI-5
TEST_F(Published, OpensslHearsOfTheStandingAtOnce) {
  const std::string serial = issue("alice");
  EXPECT_NE(ocsp("alice").find(": good"), std::string::npos) << ocsp("alice");
  EXPECT_NE(ocsp("alice").find("Response verify OK"), std::string::npos);
  EXPECT_NE(ocsp("alice", "-no_nonce").find(": good"), std::string::npos);
  EXPECT_NE(ocsp("alice", "-sha256").find(": good"), std::string::npos);
  EXPECT_EQ(verify("alice").status, 0) << verify("alice").output;

  ASSERT_EQ(house()->ca("suspend", "--serial " + serial).status, 0);
  EXPECT_NE(ocsp("alice", "-no_nonce").find("certificateHold"), std::string::npos);
  EXPECT_NE(verify("alice").output.find("revoked"), std::string::npos);
  ASSERT_EQ(house()->ca("release", "--serial " + serial).status, 0);
  EXPECT_NE(ocsp("alice", "-no_nonce").find(": good"), std::string::npos);
  EXPECT_EQ(verify("alice").status, 0);

  ASSERT_EQ(house()
                ->ca("revoke", "--serial " + serial + " --reason 1 --passphrase-file " + at("pass"))
                .status,
            0);
  EXPECT_NE(ocsp("alice").find("keyCompromise"), std::string::npos) << ocsp("alice");
  EXPECT_NE(verify("alice").output.find("revoked"), std::string::npos);
}

// A question whose base64 has slashes: some clients escape them in the path, others do not.
TEST_F(Published, AQuestionInThePathIsAnswered) {
  issue("frank");
  std::string question;
  for (int i = 0; i < 50 && question.find('/') == std::string::npos; ++i) {
    shell("openssl ocsp -issuer " + at("issuing.pem") + " -cert " + at("frank.pem") + " -reqout " +
          at("q.der"));
    question = base::to_base64(read(at("q.der")));
  }
  ASSERT_NE(question.find('/'), std::string::npos) << "a nonce with a slash";
  for (const std::string& path : {question, http::percent_encoded(question)}) {
    shell("curl -s --path-as-is " + house()->plain_url() + "/ocsp/" + path + " -o " + at("a.der"));
    const std::string told = shell("openssl ocsp -no_nonce -respin " + at("a.der") + " -reqin " +
                                   at("q.der") + " -issuer " + at("issuing.pem") + " -cert " +
                                   at("frank.pem") + " -CAfile " + at("chain.pem"))
                                 .output;
    EXPECT_NE(told.find("Response verify OK"), std::string::npos) << told;
    EXPECT_NE(told.find(": good"), std::string::npos) << told;
  }
  EXPECT_NE(shell("curl -sf " + house()->plain_url() + "/crl/issuing%2Fcrl").status, 0);
}

TEST_F(Published, OpensslReadsAndVerifiesTheDeltaList) {
  const std::string serial = issue("bob");
  shell("curl -s " + house()->plain_url() + "/crl/issuing.crl -o " + at("full.crl"));
  ASSERT_EQ(house()->ca("revoke", "--serial " + serial + " --passphrase-file " + at("pass")).status,
            0);
  const Ran delta = shell("curl -s " + house()->plain_url() + "/crl/issuing-delta.crl -o " +
                          at("delta.crl") + " && openssl crl -inform DER -in " + at("delta.crl") +
                          " -noout -text -verify -CAfile " + at("chain.pem"));
  EXPECT_NE(delta.output.find("verify OK"), std::string::npos) << delta.output;
  EXPECT_NE(delta.output.find("Delta CRL Indicator: critical"), std::string::npos);
  EXPECT_NE(delta.output.find(serial), std::string::npos);
}

TEST_F(Published, OpensslIsStampedByTheService) {
  write(at("data"), base::bytes_of("a contract"));
  const Ran stamped =
      shell("openssl ts -query -data " + at("data") + " -sha256 -cert -out " + at("q.tsq") +
            " && curl -s -H 'Content-Type: application/timestamp-query' --data-binary @" +
            at("q.tsq") + " " + house()->plain_url() + "/tsa -o " + at("a.tsr") +
            " && openssl ts -verify -data " + at("data") + " -in " + at("a.tsr") + " -CAfile " +
            at("root.pem") + " -untrusted " + at("issuing.pem"));
  EXPECT_EQ(stamped.status, 0) << stamped.output;
}

// shows: ECP-PKI-2
TEST_F(Published, OpensslAcceptsTheCertificatesUnderStrictRules) {
  const std::string first = issue("carol"), second = issue("dave");
  EXPECT_NE(first, second);
  for (const char* name : {"carol", "dave", "ocsp", "tsa"})
    EXPECT_EQ(shell("openssl verify -x509_strict -CAfile " + at("chain.pem") + " " +
                    at(std::string(name) + ".pem"))
                  .status,
              0)
        << name;
  EXPECT_NE(
      shell("openssl verify -x509_strict -CAfile " + at("root.pem") + " " + at("carol.pem")).status,
      0);
}

TEST_F(Published, ARequestThatIsNotSignedByItsKeyIsRefused) {
  issue("erin");
  shell("openssl req -in " + at("c.csr") + " -outform DER -out " + at("c.der"));
  base::Bytes forged = read(at("c.der"));
  forged.back() ^= 1;
  write(at("c.der"), forged);
  const Ran refused =
      house()->ca("issue", "--csr " + at("c.der") +
                               " --name erin --holder erin --passphrase-file " + at("pass"));
  EXPECT_EQ(refused.status, 1);
}

}  // namespace
}  // namespace heqi::demo
