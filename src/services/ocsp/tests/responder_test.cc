#include <heqi/services/ocsp/responder.h>

#include <heqi/ossl/digest.h>
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
  // CountingSigner counts the signatures.
  class CountingSigner final : public x509::Signer {
   public:
    explicit CountingSigner(x509::Signer& below) : below_(below) {}
    x509::AlgorithmIdentifier algorithm() const override { return below_.algorithm(); }
    base::Result<base::Bytes> sign(base::ByteView message) override {
      ++asked;
      return below_.sign(message);
    }
    int asked = 0;

   private:
    x509::Signer& below_;
  };
  void set(const testing::Credential& of, pki::CertStatus status) {
    Standing& standing = register_.standings[of.certificate.serial()];
    standing = {};
    standing.status = status;
    if (status == pki::CertStatus::revoked) standing.revoked_at = clock_.now();
  }
  base::Result<pki::OcspEvidence> ask_without_nonce(const testing::Credential& of) {
    return ask(of.certificate, {});
  }

  CountingSigner signer_{*authority_.ocsp().signer};
  base::NullLog log_;
  Responder responder_{{.issuer = authority_.issuing().certificate,
                        .responder = authority_.ocsp().certificate,
                        .signer = signer_,
                        .source = register_,
                        .clock = clock_,
                        .log = log_}};
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

TEST_F(Responding, AnAnswerIsGivenAgainUntilTheStandingChanges) {
  const auto alice = authority_.make_person("alice");
  set(alice, pki::CertStatus::good);
  ASSERT_OK(responder_.presign(alice.certificate.serial(), x509::oids::sm3()));
  EXPECT_EQ(signer_.asked, 1);
  for (int i = 0; i < 3; ++i) EXPECT_OK(ask_without_nonce(alice));
  EXPECT_EQ(signer_.asked, 1);
  set(alice, pki::CertStatus::revoked);
  EXPECT_EQ(ask_without_nonce(alice)->answer.status, pki::CertStatus::revoked);
  EXPECT_EQ(signer_.asked, 2);
  clock_.advance(kAnswerReuse);
  EXPECT_OK(ask_without_nonce(alice));
  EXPECT_EQ(signer_.asked, 3);
}

TEST_F(Responding, ANonceIsNeverAnsweredFromWhatWasKept) {
  const auto alice = authority_.make_person("alice");
  set(alice, pki::CertStatus::good);
  ASSERT_OK(ask_without_nonce(alice));
  EXPECT_OK(ask(alice.certificate, {9, 9, 9}));
  EXPECT_OK(ask(alice.certificate, {9, 9, 8}));
  EXPECT_EQ(signer_.asked, 3);
}

TEST_F(Responding, WhatIsUnknownIsNotKept) {
  const auto stranger = authority_.make_person("stranger");
  ASSERT_OK(ask_without_nonce(stranger));
  set(stranger, pki::CertStatus::good);
  EXPECT_EQ(ask_without_nonce(stranger)->answer.status, pki::CertStatus::good);
}

TEST_F(Responding, TheIssuerMayBeNamedByTheHashesOfStockClients) {
  const auto alice = authority_.make_person("alice");
  set(alice, pki::CertStatus::good);
  const pki::FunctionDigester digests(ossl::digest);
  for (const asn1::Oid& hash : {x509::oids::sha1(), x509::oids::sha256(), x509::oids::sm3()}) {
    const auto id = pki::make_cert_id(authority_.issuing().certificate, alice.certificate.serial(),
                                      hash, digests);
    const auto answer = pki::parse_ocsp_answer(
        responder_.answer(pki::encode_ocsp_request({.questions = {*id}, .nonce = {}})));
    ASSERT_OK(answer);
    EXPECT_EQ(answer->body.answers.at(0).status, pki::CertStatus::good) << hash.dotted();
  }
}

TEST_F(Responding, AStepOfTheClockStopsTheSigningUntilItIsSetRight) {
  const auto alice = authority_.make_person("alice");
  set(alice, pki::CertStatus::good);
  ASSERT_OK(ask_without_nonce(alice));
  const base::Time right = clock_.now();
  const int before = signer_.asked;
  for (const int years : {-10, 10}) {
    clock_.jump_to(right + std::chrono::hours(24 * 365) * years);
    EXPECT_ERROR(ask(alice.certificate), base::Code::unavailable);
    EXPECT_ERROR(ask_without_nonce(alice), base::Code::unavailable);
  }
  EXPECT_EQ(signer_.asked, before);
  clock_.jump_to(right);
  EXPECT_OK(ask(alice.certificate));
}

TEST_F(Responding, AResponderWhoseCertificateEndedSignsNothing) {
  const auto alice = authority_.make_person("alice");
  set(alice, pki::CertStatus::good);
  clock_.advance(authority_.ocsp().certificate.not_after() - clock_.now() +
                 std::chrono::seconds(1));
  EXPECT_ERROR(ask(alice.certificate), base::Code::unavailable);
  EXPECT_EQ(signer_.asked, 0);
}

}  // namespace
}  // namespace heqi::services::ocsp
