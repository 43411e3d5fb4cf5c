// The authority of another organisation, over EST: `heqi ca enrol`, and a registration desk that
// has it certify what was approved here.
#include <heqi/base/text.h>
#include <heqi/http/client.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/services/ra/schema.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>

#include "est_client.h"
#include "served_authority.h"

namespace heqi::demo {
namespace {

using base::Code;

class OsslDigester final : public pki::Digester {
 public:
  base::Result<base::Bytes> digest(const asn1::Oid& algorithm, base::ByteView data) const override {
    return ossl::digest(algorithm, data);
  }
};

class AllKept final : public services::ra::EvidenceCheck {
 public:
  base::Status check(const services::ra::Application&) override { return {}; }
};

class External : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house() = std::make_unique<ServedAuthority>("sm2"); }
  static void TearDownTestSuite() { house().reset(); }
  static std::unique_ptr<ServedAuthority>& house() {
    static std::unique_ptr<ServedAuthority> value;
    return value;
  }
  // request is a CSR of the subject that heqi ca apply makes of a name.
  base::Bytes request(const std::string& name) {
    x509::SoftwareSm2Signer signer(key_.clone(), random_);
    return *x509::make_csr({.subject = subject(name),
                            .public_key = x509::make_public_key_info(key_.public_key()),
                            .extensions = {}},
                           signer);
  }
  static x509::Name subject(const std::string& name) {
    return *x509::Name::make({{x509::oids::country(), "CN"}, {x509::oids::common_name(), name}});
  }
  Ran enrol(const std::string& user, const std::string& code, const std::string& root) {
    write(house()->at("code"), base::bytes_of(code + "\n"));
    return shell(std::string(HEQI_PROGRAM) + " ca enrol " + house()->tls_url() + " --csr " +
                 house()->at("csr.der") + " --user " + user + " --code-file " +
                 house()->at("code") + " --root " + root + " --tls-root " +
                 house()->at("ca/tls/root.pem") + " --out " + house()->at("got.pem"));
  }
  program::EstClient client(const std::string& root_file) {
    const x509::Certificate root = *x509::parse_certificate(read(root_file));
    return {house()->tls_url() + "/.well-known/est",
            pki::TrustStore({root}),
            fetch_,
            {*verifier_, digests_},
            clock_};
  }

  base::SystemRandom random_;  // a key is one holder's, and the authority is all tests'
  crypto::PrivateKey key_ = *crypto::PrivateKey::generate(random_);
  base::SystemClock clock_;
  std::unique_ptr<x509::SignatureVerifier> verifier_ = ossl::make_signature_verifier();
  OsslDigester digests_;
  http::CurlFetch fetch_{
      {.trusted_pem = std::string(base::text_of(read(house()->at("ca/tls/root.pem"))))}};
};

TEST_F(External, TheOwnClientEnrolsAnSm2Key) {
  const std::string code = house()->code_for("x1", "device", "meter-1");
  write(house()->at("csr.der"), request("meter-1"));
  const Ran wrong = enrol("x1", "2222222222222222", house()->at("ca/root.cer"));
  EXPECT_EQ(wrong.status, 1);
  EXPECT_NE(wrong.output.find("refuses the code"), std::string::npos) << wrong.output;
  const Ran ran = enrol("x1", code, house()->at("ca/root.cer"));
  ASSERT_EQ(ran.status, 0) << ran.output;
  const auto got = x509::parse_certificates_pem(base::text_of(read(house()->at("got.pem"))));
  ASSERT_OK(got);
  EXPECT_EQ(got->front().public_key(), x509::make_public_key_info(key_.public_key()));
}

TEST_F(External, WhatLeadsToAnotherRootIsNotTaken) {
  const std::string code = house()->code_for("x2", "device", "meter-2");
  write(house()->at("csr.der"), request("meter-2"));
  const Ran ran = enrol("x2", code, house()->at("ca/issuing.cer"));
  EXPECT_EQ(ran.status, 0) << ran.output;  // an issuing certificate may be the anchor
  const std::string other = house()->code_for("x3", "device", "meter-3");
  key_ = *crypto::PrivateKey::generate(random_);
  write(house()->at("csr.der"), request("meter-3"));
  const Ran refused = enrol("x3", other, house()->at("ca/tsa.cer"));
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.output.find("no trusted chain"), std::string::npos) << refused.output;
}

// shows-part: ECP-KEY-2 (a second authority; long-term and event certificates are shown elsewhere)
TEST_F(External, ADeskHasAnotherAuthorityCertifyWhatItApproved) {
  const std::string code = house()->code_for("partner-7", "device", "meter-7");
  const testing::TemporaryFolder folder;
  const auto database = *sql::Database::open({.url = "sqlite:" + folder.path() + "/ra.db"});
  const sql::Component components[] = {services::ra::schema()};
  ASSERT_OK(sql::apply_migrations(*database, components, clock_));
  program::EstClient est = client(house()->at("ca/root.cer"));
  program::ExternalIssuer issuer(
      est, [&](const services::ra::Application&) -> base::Result<program::EstCredentials> {
        return program::EstCredentials{"partner-7",
                                       base::SecretBytes::copy_of(base::bytes_of(code))};
      });
  AllKept evidence;
  base::NullLog log;
  services::ra::Desk desk(
      *database, issuer, evidence,
      [](std::string_view) -> base::Result<services::ra::Policy> {
        return services::ra::Policy{.review = services::ra::Review::manual};
      },
      clock_, random_, log);
  services::ra::Application asked{.id = "own-1",
                                  .applicant = "clerk",
                                  .holder = "meter-7",
                                  .profile = "device",
                                  .subject = base::to_bytes(subject("meter-7").der()),
                                  .names = {},
                                  .evidence = {}};
  ASSERT_OK(desk.submit(asked));
  ASSERT_OK(desk.approve("own-1", "officer"));
  const std::string own_code = *desk.make_code("own-1");
  EXPECT_ERROR(desk.redeem("own-1", own_code, request("somebody-else")), Code::denied);
  const auto der = desk.redeem("own-1", own_code, request("meter-7"));
  ASSERT_OK(der);
  const auto certificate = x509::parse_certificate(*der);
  ASSERT_OK(certificate);
  EXPECT_EQ(certificate->subject(), subject("meter-7"));
  const Ran found = house()->ca("find", "--holder partner-7");  // in the other one's register
  EXPECT_NE(found.output.find(base::to_hex(certificate->serial())), std::string::npos)
      << found.output;
}

}  // namespace
}  // namespace heqi::demo
