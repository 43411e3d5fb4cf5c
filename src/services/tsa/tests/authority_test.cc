#include <heqi/services/tsa/authority.h>

#include <cstdlib>

#include <heqi/base/file_store.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signer.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>

namespace heqi::services::tsa {
namespace {

class NoTime final : public TimeSource {
 public:
  base::Result<base::Time> now() override { return base::fail(base::Code::time_untrusted); }
  std::optional<base::Duration> accuracy() const override { return std::nullopt; }
};

class Stamping : public ::testing::Test {
 protected:
  base::Result<pki::TimeStampEvidence> stamp(Authority& authority, std::string_view data) {
    const auto request = pki::make_time_stamp_request(base::bytes_of(data), {7, 7, 7});
    HEQI_TRY(
        const base::Bytes token,
        pki::parse_time_stamp_answer(authority.answer(pki::encode_time_stamp_request(request))));
    trust_ = house_.trust();
    pki::TokenCheck check;
    check.nonce = {7, 7, 7};
    check.policies = {test_policy()};
    check.trust = &trust_;
    check.path.revocation = pki::RevocationMode::ignore;
    check.certificates = check.path.intermediates = house_.chain();
    return pki::verify_time_stamp_token(token, base::bytes_of(data), check, {verifier_, digester_});
  }

  testing::Authority house_;
  pki::TrustStore trust_;
  testing::FakeClock clock_{testing::at("2026-11-21T08:00:00.5Z")};
  SystemTimeSource system_{clock_};
  testing::SeededRandom random_{5};
  base::NullLog log_;
  x509::Sm2SignatureVerifier verifier_;
  pki::Sm3Digester digester_;
  Authority authority_{
      house_.tsa().certificate, *house_.tsa().signer, system_, test_policy(), random_, log_};
};

TEST_F(Stamping, ATokenBindsTheDataToTheTime) {
  const auto evidence = stamp(authority_, "contract");
  ASSERT_OK(evidence);
  EXPECT_EQ(evidence->info.time, clock_.now());
  EXPECT_FALSE(evidence->info.accuracy.has_value());  // the test source makes no claim
  EXPECT_EQ(evidence->path->status, pki::PathStatus::trusted) << evidence->path->reason;
}

// shows: ECP-TS-2
TEST_F(Stamping, TimeNeverGoesBack) {
  ASSERT_OK(stamp(authority_, "one"));
  clock_.jump_to(clock_.now() - std::chrono::seconds(1));
  EXPECT_ERROR(stamp(authority_, "two"), base::Code::denied);
  clock_.advance(std::chrono::seconds(2));
  EXPECT_OK(stamp(authority_, "three"));
}

// shows-part: ECP-CON-8 (the authority's refusal; that the signature is then not completed is shown
// by the contract service)
TEST_F(Stamping, WithoutTrustedTimeThereIsNoToken) {
  NoTime none;
  Authority without(house_.tsa().certificate, *house_.tsa().signer, none, test_policy(), random_,
                    log_);
  EXPECT_ERROR(stamp(without, "contract"), base::Code::denied);
}

TEST_F(Stamping, BadRequestsAndOtherPoliciesAreRefused) {
  auto request = pki::make_time_stamp_request(base::bytes_of("x"), {});
  request.policy = synchronised_policy();
  EXPECT_ERROR(
      pki::parse_time_stamp_answer(authority_.answer(pki::encode_time_stamp_request(request))),
      base::Code::denied);
  EXPECT_ERROR(pki::parse_time_stamp_answer(authority_.answer(base::Bytes{0x30})),
               base::Code::denied);
  EXPECT_ERROR(pki::parse_time_stamp_answer(authority_.answer({})), base::Code::denied);
}

TEST_F(Stamping, ImprintsOfWeakHashesAreRefused) {
  pki::TimeStampRequest request = pki::make_time_stamp_request(base::bytes_of("x"), {});
  request.hash_algorithm = x509::oids::sha1();
  request.imprint = *ossl::digest(x509::oids::sha1(), base::bytes_of("x"));
  EXPECT_ERROR(
      pki::parse_time_stamp_answer(authority_.answer(pki::encode_time_stamp_request(request))),
      base::Code::denied);
}

// shows: ECP-TS-2
TEST_F(Stamping, AStepOfTheClockStampsNothingUntilItIsSetRight) {
  ASSERT_OK(stamp(authority_, "one"));
  const base::Time right = clock_.now();
  for (const int years : {10, -10}) {
    clock_.jump_to(right + std::chrono::hours(24 * 365) * years);
    EXPECT_ERROR(stamp(authority_, "two"), base::Code::denied);
  }
  clock_.jump_to(right);
  EXPECT_OK(stamp(authority_, "three")) << "what was refused moved nothing";
}

TEST_F(Stamping, NothingIsStampedOutsideTheCertificatesOwnTime) {
  clock_.advance(house_.tsa().certificate.not_after() - clock_.now() + std::chrono::seconds(1));
  Authority late(house_.tsa().certificate, *house_.tsa().signer, system_, test_policy(), random_,
                 log_);
  EXPECT_ERROR(stamp(late, "contract"), base::Code::denied);
}

TEST_F(Stamping, OrderedTokensAreEachLaterThanTheOneBefore) {
  const base::SystemClock real;
  SystemTimeSource source(real);
  Authority ordered({.certificate = house_.tsa().certificate,
                     .signer = *house_.tsa().signer,
                     .time = source,
                     .policies = {{.id = test_policy(), .order = Policy::Order::by_time},
                                  {.id = synchronised_policy()}},
                     .random = random_,
                     .log = log_});
  base::Time last{};
  for (int i = 0; i < 20; ++i) {
    const auto token = pki::parse_time_stamp_answer(ordered.answer(
        pki::encode_time_stamp_request(pki::make_time_stamp_request(base::bytes_of("x"), {}))));
    ASSERT_OK(token);
    const auto info = pki::parse_tst_info(*pki::parse_signed_data(*token)->content);
    EXPECT_TRUE(info->ordering);
    EXPECT_TRUE(info->policy == test_policy()) << "the first serves who names none";
    EXPECT_GT(info->time, last);
    last = info->time;
  }
  auto request = pki::make_time_stamp_request(base::bytes_of("x"), {});
  request.policy = synchronised_policy();
  const auto token =
      pki::parse_time_stamp_answer(ordered.answer(pki::encode_time_stamp_request(request)));
  ASSERT_OK(token);
  EXPECT_FALSE(pki::parse_tst_info(*pki::parse_signed_data(*token)->content)->ordering);
}

TEST_F(Stamping, AClockThatStandsStillGivesNoSecondOrderedToken) {
  Authority ordered({.certificate = house_.tsa().certificate,
                     .signer = *house_.tsa().signer,
                     .time = system_,
                     .policies = {{.id = test_policy(), .order = Policy::Order::by_time}},
                     .random = random_,
                     .log = log_});
  ASSERT_OK(stamp(ordered, "one"));
  EXPECT_ERROR(stamp(ordered, "two"), base::Code::denied);
}

// RsaStamping is an authority with an RSA or ECDSA key, whose tokens the openssl program judges.
class OtherKeys : public Stamping, public ::testing::WithParamInterface<ossl::KeyKind> {
 protected:
  static x509::Certificate self_signed(const ossl::KeyPair& key) {
    return *x509::make_certificate(
        {.serial = base::Bytes(16, 0x41),
         .issuer = *x509::Name::make({{x509::oids::common_name(), "TSA"}}),
         .not_before = testing::at("2026-01-01T00:00:00Z"),
         .not_after = testing::at("2046-01-01T00:00:00Z"),
         .subject = *x509::Name::make({{x509::oids::common_name(), "TSA"}}),
         .public_key = key.public_key,
         .extensions = {x509::make_key_usage({x509::KeyUsageBit::digital_signature}),
                        x509::make_time_stamping_usage()}},
        *key.signer);
  }
  int openssl(const std::string& arguments) const {
    return std::system(
        ("cd " + folder_.path() + " && openssl " + arguments + " >/dev/null 2>&1").c_str());
  }
  void write(const std::string& name, base::ByteView content) const {
    ASSERT_OK(base::write_file(folder_.path() + "/" + name, content));
  }
  testing::TemporaryFolder folder_;
};

TEST_P(OtherKeys, OpensslAsksAndVerifies) {
  if (openssl("version") != 0)
    GTEST_SKIP() << "the openssl program is not installed: ./dev packages test installs it";
  const ossl::KeyPair key = *ossl::parse_private_key_pem(ossl::make_key_pem(GetParam())->expose());
  const x509::Certificate certificate = self_signed(key);
  const base::SystemClock real;
  SystemTimeSource source(real);
  Authority authority(certificate, *key.signer, source, test_policy(), random_, log_);
  write("data", base::bytes_of("a contract"));
  write("other", base::bytes_of("another contract"));
  write("tsa.pem", base::bytes_of(x509::to_pem(certificate)));
  for (const std::string hash : {"-sha256", "-sha512", "-sm3"}) {
    ASSERT_EQ(openssl("ts -query -data data " + hash + " -cert -out request"), 0);
    const auto request = base::read_file(folder_.path() + "/request", 4096);
    write("answer", authority.answer(*request));
    const std::string verify = "ts -verify -in answer -CAfile tsa.pem ";
    EXPECT_EQ(openssl(verify + "-data data"), 0) << hash;
    EXPECT_EQ(openssl(verify + "-queryfile request"), 0) << hash;
    EXPECT_NE(openssl(verify + "-data other"), 0) << hash;
  }
}
INSTANTIATE_TEST_SUITE_P(Stamping, OtherKeys,
                         ::testing::Values(ossl::KeyKind::rsa2048, ossl::KeyKind::p256));

}  // namespace
}  // namespace heqi::services::tsa
