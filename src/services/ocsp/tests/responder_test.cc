#include <heqi/services/ocsp/responder.h>

#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>

namespace heqi::services::ocsp {
namespace {

class Register final : public StandingSource {
 public:
  base::Result<Standing> standing(base::ByteView serial) override {
    if (broken) return base::fail(base::Code::storage);
    const auto found = standings.find(base::to_bytes(serial));
    return found == standings.end() ? Standing{} : found->second;
  }
  std::map<base::Bytes, Standing> standings;
  bool broken = false;
};

class Responding : public ::testing::Test {
 protected:
  base::Result<pki::OcspEvidence> ask(const x509::Certificate& certificate,
                                      base::Bytes nonce = {1, 2, 3}) {
    const auto id = pki::make_cert_id(authority_.issuing().certificate, certificate.serial(),
                                      x509::oids::sm3(), digester_);
    HEQI_TRY(const pki::OcspAnswer answer,
             pki::parse_ocsp_answer(responder_.answer(
                 pki::encode_ocsp_request({.questions = {*id}, .nonce = nonce}))));
    return pki::verify_ocsp_answer(answer, authority_.issuing().certificate, certificate.serial(),
                                   {.nonce = nonce, .now = clock_.now(), .valid_at = clock_.now()},
                                   {verifier_, digester_});
  }

  testing::Authority authority_;
  testing::FakeClock clock_{testing::at("2026-11-21T08:00:00Z")};
  Register register_;
  x509::Sm2SignatureVerifier verifier_;
  pki::Sm3Digester digester_;
  Responder responder_{authority_.issuing().certificate, authority_.ocsp().certificate,
                       *authority_.ocsp().signer, register_, clock_};
};

// shows: MSSP-6.2.1-d
TEST_F(Responding, GoodRevokedAndUnknownAreTold) {
  const auto good = authority_.make_person("good"), revoked = authority_.make_person("revoked"),
             unknown = authority_.make_person("unknown");
  register_.standings[good.certificate.serial()] = {
      .status = pki::CertStatus::good, .revoked_at = {}, .reason = {}};
  register_.standings[revoked.certificate.serial()] = {
      .status = pki::CertStatus::revoked,
      .revoked_at = testing::at("2026-11-20T08:00:00Z"),
      .reason = pki::RevocationReason::superseded};
  const auto of_good = ask(good.certificate), of_revoked = ask(revoked.certificate),
             of_unknown = ask(unknown.certificate);
  ASSERT_OK(of_good);
  ASSERT_OK(of_revoked);
  ASSERT_OK(of_unknown);
  EXPECT_EQ(of_good->answer.status, pki::CertStatus::good);
  EXPECT_TRUE(of_good->delegated);
  EXPECT_EQ(of_revoked->answer.status, pki::CertStatus::revoked);
  EXPECT_EQ(of_revoked->answer.reason, pki::RevocationReason::superseded);
  EXPECT_EQ(of_unknown->answer.status, pki::CertStatus::unknown);
}

TEST_F(Responding, AnotherIssuersCertificateIsUnknown) {
  testing::Authority other(99);
  const auto stranger = other.make_person("stranger");
  register_.standings[stranger.certificate.serial()] = {
      .status = pki::CertStatus::good, .revoked_at = {}, .reason = {}};
  const auto id = pki::make_cert_id(other.issuing().certificate, stranger.certificate.serial(),
                                    x509::oids::sm3(), digester_);
  const auto answer = pki::parse_ocsp_answer(
      responder_.answer(pki::encode_ocsp_request({.questions = {*id}, .nonce = {}})));
  ASSERT_OK(answer);
  EXPECT_EQ(answer->body.answers.at(0).status, pki::CertStatus::unknown);
}

TEST_F(Responding, BadRequestsAndABrokenRegisterAreToldInTheStatus) {
  EXPECT_ERROR(pki::parse_ocsp_answer(responder_.answer(base::Bytes{0x30, 0x00})),
               base::Code::unavailable);
  EXPECT_ERROR(pki::parse_ocsp_answer(responder_.answer({})), base::Code::unavailable);
  register_.broken = true;
  EXPECT_ERROR(ask(authority_.make_person("x").certificate), base::Code::unavailable);
}

}  // namespace
}  // namespace heqi::services::ocsp
