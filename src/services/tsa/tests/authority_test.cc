#include <heqi/services/tsa/authority.h>

#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>

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

}  // namespace
}  // namespace heqi::services::tsa
