// What an authority does on a bad day: the kill switch, many revocations at once, a wrong clock;
// on both engines, with two nodes.
#include <heqi/services/ca/register.h>
#include <heqi/testing/engines.h>

#include "installation.h"

namespace heqi::services::ca {
namespace {

using base::Code;
using pki::RevocationReason;

constexpr auto kYear = std::chrono::hours(24 * 365);

// TwoNodes are two processes' worth of one authority over one database.
template <class Engine>
class TwoNodes : public Installation {
 protected:
  void SetUp() override {
    Installation::SetUp();
    auto url = engine_.make_url();
    if (!url) GTEST_SKIP() << "skipped: " << url.error().detail;
    for (int i = 0; i < 2; ++i) {
      databases_.push_back(*sql::Database::open({.url = *url}));
      const sql::Component components[] = {schema()};
      ASSERT_OK(sql::apply_migrations(*databases_.back(), components, clock_));
      nodes_.push_back(std::make_unique<Authority>(
          *databases_.back(), hierarchy_.issuing, issuing_.signer,
          AuthorityOptions{.locations = locations_}, clock_, random_, log_));
    }
  }
  // fill issues and publishes count certificates on the first node.
  void fill(int count, const std::string& prefix = "holder") {
    for (int i = 0; i < count; ++i) {
      Key key(random_);
      const std::string id = prefix + std::to_string(i);
      const auto made = nodes_[0]->issue(application(id, id, key));
      ASSERT_OK(made);
      ASSERT_OK(nodes_[0]->publish(made->serial()));
    }
  }
  Register register_of(std::size_t node) {
    return Register(*databases_[node], *nodes_[node], clock_, log_);
  }

  Engine engine_;
  std::vector<std::unique_ptr<sql::Database>> databases_;
  std::vector<std::unique_ptr<Authority>> nodes_;
};
TYPED_TEST_SUITE(TwoNodes, testing::Engines, testing::EngineName);

TYPED_TEST(TwoNodes, AHaltStopsIssuingEverywhereAtOnceAndNothingElse) {
  this->fill(1);
  ASSERT_OK(this->nodes_[0]->kill_switch().halt("officer", "weak keys"));
  const auto refused = this->nodes_[1]->issue(this->application("r", "alice", this->alice_));
  ASSERT_ERROR(refused, Code::ca_halted);
  EXPECT_NE(refused.error().detail.find("officer"), std::string::npos);
  EXPECT_NE(refused.error().detail.find("weak keys"), std::string::npos);
  const auto known = this->register_of(1).find({.holder = "holder0"}, {}, 10);
  ASSERT_OK(known);
  EXPECT_OK(this->nodes_[1]->revoke(known->at(0).serial, RevocationReason::superseded));
  EXPECT_OK(this->nodes_[1]->crl());
  EXPECT_OK(this->nodes_[1]->delta_crl());
  ASSERT_OK(this->nodes_[1]->kill_switch().release("officer", "mended"));
  EXPECT_OK(this->nodes_[0]->issue(this->application("r", "alice", this->alice_)));
  const auto events = this->nodes_[0]->kill_switch().events();
  ASSERT_EQ(events->size(), 2U);
  EXPECT_EQ(events->at(0).kind, KillSwitch::Event::Kind::released);
  EXPECT_ERROR(this->nodes_[0]->kill_switch().halt("", "x"), Code::malformed);
  EXPECT_ERROR(this->nodes_[0]->kill_switch().halt("x", " "), Code::malformed);
}

TYPED_TEST(TwoNodes, ARevocationIsSeenOnTheOtherNodeAtOnce) {
  this->fill(1);
  const base::Bytes serial = this->register_of(0).find({}, {}, 1)->at(0).serial;
  EXPECT_EQ(this->nodes_[1]->standing(serial)->state, Standing::State::good);
  EXPECT_EQ(pki::find_revoked(*pki::parse_crl(*this->nodes_[1]->crl()), serial), nullptr);
  ASSERT_OK(this->nodes_[0]->revoke(serial, RevocationReason::key_compromise));
  EXPECT_EQ(this->nodes_[1]->standing(serial)->state, Standing::State::revoked);
  EXPECT_NE(pki::find_revoked(*pki::parse_crl(*this->nodes_[1]->crl()), serial), nullptr);
}

TYPED_TEST(TwoNodes, ThePredicateFindsAndEndsWhatItSaysAndNoMore) {
  this->fill(7, "early");
  const base::Time between = this->clock_.now() + std::chrono::minutes(30);
  this->clock_.advance(std::chrono::hours(1));
  this->fill(5, "late");
  Register books = this->register_of(1);
  EXPECT_EQ(*books.count({}), 12);
  EXPECT_EQ(*books.count({.recorded_from = between}), 5);
  EXPECT_EQ(*books.count({.recorded_to = between}), 7);
  EXPECT_EQ(*books.count({.profile = Profile::event}), 0);
  EXPECT_EQ(*books.count({.subject_part = "EARLY"}), 7);
  EXPECT_EQ(*books.count({.subject_part = "%"}), 0) << "no wildcard of the caller's";
  EXPECT_EQ(*books.count({.subject_part = "early_"}), 0);
  EXPECT_EQ(*books.count({.state = "revoked"}), 0);
  EXPECT_EQ(*books.count({.valid_at = between}), 7);
  EXPECT_EQ(*books.count({.valid_at = this->clock_.now()}), 12);
  EXPECT_EQ(*books.count({.valid_at = between + 2 * kYear}), 0);
  const auto first = books.find({}, {}, 8);
  const auto second = books.find({}, first->back().serial, 8);
  EXPECT_EQ(first->size() + second->size(), 12U);
  EXPECT_OK(x509::parse_certificate(*books.certificate(first->front().serial)));
  EXPECT_ERROR(books.certificate(base::Bytes{1}), Code::not_found);

  EXPECT_ERROR(books.revoke_all({}, RevocationReason::superseded), Code::malformed);
  EXPECT_ERROR(books.revoke_all({.state = "published"}, RevocationReason::certificate_hold),
               Code::malformed);
  EXPECT_EQ(*books.revoke_all({.recorded_from = between}, RevocationReason::superseded), 5);
  EXPECT_EQ(*books.revoke_all({.recorded_from = between}, RevocationReason::superseded), 0);
  EXPECT_EQ(*books.count({.state = "revoked"}), 5);
  const pki::Crl list = *pki::parse_crl(*this->nodes_[0]->crl());
  EXPECT_EQ(list.body.revoked.size(), 5U);
}

TYPED_TEST(TwoNodes, ManyAreRevokedWithTheirPairs) {
  this->fill(2);
  const base::Bytes serial = this->register_of(0).find({.holder = "holder0"}, {}, 1)->at(0).serial;
  const auto pair = this->nodes_[0]->issue_encryption(
      {.request_id = "p", .signature_serial = serial, .public_key = this->alice_.info});
  ASSERT_OK(pair);
  ASSERT_OK(this->nodes_[0]->publish(pair->serial()));
  EXPECT_EQ(*this->register_of(0).revoke_all({.profile = Profile::encryption},
                                             RevocationReason::key_compromise),
            2);
  EXPECT_EQ(this->nodes_[1]->standing(serial)->state, Standing::State::revoked);
}

class WrongClock : public Installation {};

TEST_F(WrongClock, AStepOfTenYearsStopsAllSigningUntilItIsSetRight) {
  ASSERT_OK(authority_->issue(application("r0", "alice", alice_)));
  ASSERT_OK(authority_->crl());
  CountingSigner counting(issuing_.signer);
  Authority watched(*database_, hierarchy_.issuing, counting, {.locations = locations_}, clock_,
                    random_, log_);
  for (const auto step : {-10 * kYear, 10 * kYear, -std::chrono::hours(1), std::chrono::hours(9)}) {
    clock_.jump_to(kNow + step);
    Key key(random_);
    const auto refused = watched.issue(application("r1", "bob", key));
    EXPECT_ERROR(refused, Code::time_untrusted);
    EXPECT_NE(refused.error().detail.find("set it right"), std::string::npos);
    EXPECT_ERROR(watched.crl(), Code::time_untrusted);
    EXPECT_ERROR(watched.delta_crl(), Code::time_untrusted);
  }
  EXPECT_EQ(counting.asked(), 0);
  clock_.jump_to(kNow);
  Key key(random_);
  EXPECT_OK(watched.issue(application("r1", "bob", key)));
}

TEST_F(WrongClock, AStartWithAClockBehindWhatIsRecordedSignsNothing) {
  ASSERT_OK(authority_->issue(application("r0", "alice", alice_)));
  ASSERT_OK(authority_->crl());
  clock_.jump_to(kNow - std::chrono::minutes(4));
  Authority behind(*database_, hierarchy_.issuing, issuing_.signer, {.locations = locations_},
                   clock_, random_, log_);
  Key key(random_);
  EXPECT_OK(behind.issue(application("r1", "bob", key))) << "nodes may differ by minutes";
  ASSERT_OK(authority_->revoke(behind.issue(application("r1", "bob", key))->serial(),
                               RevocationReason::superseded));
  EXPECT_ERROR(behind.crl(), Code::time_untrusted) << "a list is never older than the last one";
  clock_.jump_to(kNow - std::chrono::hours(3));
  Authority far(*database_, hierarchy_.issuing, issuing_.signer, {.locations = locations_}, clock_,
                random_, log_);
  Key other(random_);
  const auto refused = far.issue(application("r2", "carol", other));
  EXPECT_ERROR(refused, Code::time_untrusted);
}

TEST_F(WrongClock, AnAuthorityWhoseCertificateEndedSaysSo) {
  clock_.advance(10 * kYear + std::chrono::hours(24));
  const auto refused = authority_->issue(application("r1", "alice", alice_));
  EXPECT_ERROR(refused, Code::expired);
  EXPECT_NE(refused.error().detail.find("certify its key anew"), std::string::npos);
  clock_.jump_to(kNow - kYear);
  Authority early(*database_, hierarchy_.issuing, issuing_.signer, {.locations = locations_},
                  clock_, random_, log_);
  EXPECT_ERROR(early.issue(application("r1", "alice", alice_)), Code::time_untrusted);
}

}  // namespace
}  // namespace heqi::services::ca
