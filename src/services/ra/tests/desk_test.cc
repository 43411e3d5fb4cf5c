#include <heqi/services/ra/desk.h>

#include <map>
#include <set>

#include <heqi/base/text.h>
#include <heqi/services/ra/schema.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/postgres.h>
#include <heqi/testing/seeded.h>

namespace heqi::services::ra {
namespace {

using base::Code;

// Certifier gives one certificate for each application, as an authority does.
class Certifier final : public Issuer {
 public:
  base::Result<base::Bytes> issue(const Application& application, base::ByteView csr) override {
    if (refusal) return base::fail(*refusal);
    const auto [found, is_new] = given.emplace(application.id, base::to_bytes(csr));
    if (!base::same_bytes(found->second, csr)) return base::fail(Code::conflict);
    return base::to_bytes("certificate of " + application.id);
  }
  std::map<std::string, base::Bytes> given;
  std::optional<Code> refusal;
};

// Archive knows which evidence is kept.
class Archive final : public EvidenceCheck {
 public:
  base::Status check(const Application& application) override {
    if (application.profile == "event" && application.evidence.empty())
      return base::fail(Code::denied, "an event has evidence");
    for (const Evidence& one : application.evidence)
      if (!kept.contains(one.digest)) return base::fail(Code::denied, "evidence is not kept");
    return {};
  }
  std::set<base::Bytes> kept;
};

class Registration : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = *sql::Database::open({.url = testing::usual_database(folder_.path(), "ra.db")});
    const sql::Component components[] = {schema()};
    ASSERT_OK(sql::apply_migrations(*database_, components, clock_));
    desk_.emplace(*database_, certifier_, archive_, policy_of, clock_, random_, log_);
  }
  static base::Result<Policy> policy_of(std::string_view profile) {
    if (profile == "device" || profile == "event") return Policy{.review = Review::automatic};
    if (profile == "person") return Policy{.review = Review::manual};
    if (profile == "organization") return Policy{.review = Review::two_person};
    return base::fail(Code::denied, "no such profile here");
  }
  static Application application(const std::string& profile, const std::string& id = "a1") {
    return {.id = id,
            .applicant = "clerk",
            .holder = "alice",
            .profile = profile,
            .subject = base::to_bytes("subject"),
            .names = {},
            .evidence = {}};
  }
  std::string approved_code(const std::string& id = "a1") {
    EXPECT_EQ(*desk_->submit(application("device", id)), State::approved);
    return *desk_->make_code(id);
  }
  base::Result<base::Bytes> redeem(std::string_view code, const std::string& csr = "csr",
                                   const std::string& id = "a1") {
    return desk_->redeem(id, code, base::to_bytes(csr));
  }

  testing::TemporaryFolder folder_;
  testing::SeededRandom random_{9};
  testing::FakeClock clock_{*base::parse_rfc3339("2026-11-21T08:00:00Z")};
  base::NullLog log_;
  std::unique_ptr<sql::Database> database_;
  Certifier certifier_;
  Archive archive_;
  std::optional<Desk> desk_;
};

TEST_F(Registration, OneOfficerDecidesWhereThePolicyAsksForOne) {
  EXPECT_EQ(*desk_->submit(application("person")), State::submitted);
  EXPECT_EQ(*desk_->waiting(), std::vector<std::string>{"a1"});
  EXPECT_ERROR(desk_->make_code("a1"), Code::conflict);
  EXPECT_EQ(*desk_->approve("a1", "officer"), State::approved);
  EXPECT_TRUE(desk_->waiting()->empty());
  EXPECT_ERROR(desk_->approve("a1", "officer 2"), Code::conflict);
}

TEST_F(Registration, TwoOfficersDecideWhereThePolicyAsksForTwo) {
  EXPECT_EQ(*desk_->submit(application("organization")), State::submitted);
  EXPECT_EQ(*desk_->approve("a1", "officer 1"), State::submitted);
  EXPECT_ERROR(desk_->approve("a1", "officer 1"), Code::conflict);
  EXPECT_ERROR(desk_->make_code("a1"), Code::conflict);
  EXPECT_EQ(*desk_->approve("a1", "officer 2"), State::approved);
}

TEST_F(Registration, OneRefusalIsEnough) {
  ASSERT_OK(desk_->submit(application("organization")));
  ASSERT_OK(desk_->approve("a1", "officer 1"));
  EXPECT_ERROR(desk_->refuse("a1", "officer 2", " "), Code::malformed);
  EXPECT_EQ(*desk_->refuse("a1", "officer 2", "no such company"), State::refused);
  EXPECT_ERROR(desk_->approve("a1", "officer 3"), Code::conflict);
  EXPECT_ERROR(desk_->make_code("a1"), Code::conflict);
}

TEST_F(Registration, NobodyReviewsTheirOwn) {
  ASSERT_OK(desk_->submit(application("person")));
  EXPECT_ERROR(desk_->approve("a1", "clerk"), Code::denied);
  EXPECT_ERROR(desk_->approve("a1", "alice"), Code::denied);
  EXPECT_ERROR(desk_->approve("a1", ""), Code::malformed);
  EXPECT_ERROR(desk_->approve("none", "officer"), Code::not_found);
  EXPECT_EQ(*desk_->state("a1"), State::submitted);
}

TEST_F(Registration, TheSameApplicationTwiceIsOneAndAnotherUnderItsIdIsRefused) {
  ASSERT_OK(desk_->submit(application("person")));
  ASSERT_OK(desk_->approve("a1", "officer"));
  EXPECT_EQ(*desk_->submit(application("person")), State::approved);
  Application other = application("person");
  other.holder = "mallory";
  EXPECT_ERROR(desk_->submit(other), Code::conflict);
  EXPECT_EQ(desk_->get("a1")->holder, "alice");
}

TEST_F(Registration, WhatIsIncompleteOrNotServedIsRefused) {
  EXPECT_ERROR(desk_->submit(application("root")), Code::denied);
  for (std::string Application::*part :
       {&Application::id, &Application::applicant, &Application::holder}) {
    Application lacking = application("device");
    (lacking.*part).clear();
    EXPECT_ERROR(desk_->submit(lacking), Code::malformed);
  }
  Application broken = application("device");
  broken.names = {"a.example\nb.example"};
  EXPECT_ERROR(desk_->submit(broken), Code::malformed);
  broken = application("device");
  broken.evidence = {{"picture", base::Bytes(31, 1)}};
  EXPECT_ERROR(desk_->submit(broken), Code::malformed);
}

// shows: ECP-PKI-6
TEST_F(Registration, AnEventIsApprovedOnlyWithEvidenceThatIsKept) {
  Application event = application("event");
  EXPECT_ERROR(desk_->submit(event), Code::denied);
  event.evidence = {{"handwritten_signature", base::Bytes(32, 7)}};
  EXPECT_ERROR(desk_->submit(event), Code::denied);
  archive_.kept.insert(base::Bytes(32, 7));
  EXPECT_EQ(*desk_->submit(event), State::approved);
  EXPECT_EQ(desk_->get("a1")->evidence.at(0).digest, base::Bytes(32, 7));
  Application two = event;
  two.id = "a2";
  two.evidence.push_back({"picture", base::Bytes(32, 8)});
  EXPECT_ERROR(desk_->submit(two), Code::denied) << "every piece is looked at";
}

TEST_F(Registration, EvidenceIsAskedAgainAtTheReview) {
  Application person = application("person");
  person.evidence = {{"picture", base::Bytes(32, 7)}};
  archive_.kept.insert(base::Bytes(32, 7));
  ASSERT_OK(desk_->submit(person));
  archive_.kept.clear();
  EXPECT_ERROR(desk_->approve("a1", "officer"), Code::denied);
  EXPECT_EQ(*desk_->refuse("a1", "officer", "evidence is gone"), State::refused);
}

TEST_F(Registration, ACodeWorksOnceForOneRequest) {
  const std::string code = approved_code();
  ASSERT_OK(redeem(code));
  EXPECT_EQ(*desk_->state("a1"), State::issued);
  EXPECT_OK(redeem(code)) << "an answer that was lost";
  EXPECT_ERROR(redeem(code, "another csr"), Code::conflict);
  EXPECT_EQ(certifier_.given.size(), 1U);
}

TEST_F(Registration, WrongCodesAreCountedAndTheFifthEndsIt) {
  const std::string code = approved_code();
  for (int i = 0; i < kCodeTriesMax; ++i)
    EXPECT_ERROR(redeem("2222222222222222"), Code::unauthenticated);
  EXPECT_ERROR(redeem(code), Code::identity_code_void);
  EXPECT_TRUE(certifier_.given.empty());
  ASSERT_OK(redeem(*desk_->make_code("a1")));
}

TEST_F(Registration, FourWrongCodesLeaveTheRightOneGood) {
  const std::string code = approved_code();
  for (int i = 1; i < kCodeTriesMax; ++i) EXPECT_ERROR(redeem(""), Code::unauthenticated);
  EXPECT_OK(redeem(code));
}

TEST_F(Registration, ACodeExpiresAndANewOneEndsTheOld) {
  const std::string first = approved_code();
  const std::string second = *desk_->make_code("a1");
  EXPECT_NE(first, second);
  EXPECT_ERROR(redeem(first), Code::unauthenticated);
  clock_.advance(kCodeLifetime);
  EXPECT_ERROR(redeem(second), Code::identity_code_void);
  EXPECT_ERROR(redeem(second, "csr", "none"), Code::identity_code_void);
}

TEST_F(Registration, ACodeIsOfItsApplicationOnly) {
  const std::string of_first = approved_code("a1");
  approved_code("a2");
  EXPECT_ERROR(redeem(of_first, "csr", "a2"), Code::unauthenticated);
  EXPECT_OK(redeem(of_first, "csr", "a1"));
}

TEST_F(Registration, WhatTheIssuerRefusesLeavesTheCodeGood) {
  const std::string code = approved_code();
  certifier_.refusal = Code::invalid_signature;
  EXPECT_ERROR(redeem(code), Code::invalid_signature);
  EXPECT_EQ(*desk_->state("a1"), State::approved);
  certifier_.refusal.reset();
  EXPECT_OK(redeem(code));
}

TEST_F(Registration, OnlyTheHashOfACodeIsKept) {
  const std::string code = approved_code();
  EXPECT_EQ(code.size(), 16U);
  const auto rows = database_->with_snapshot(
      [](sql::Transaction& tx) { return tx.query("SELECT digest FROM ra_codes"); });
  EXPECT_EQ(rows->at(0).bytes(0).size(), 32U);
  EXPECT_EQ(base::text_of(rows->at(0).bytes(0)).find(code), std::string::npos);
}

}  // namespace
}  // namespace heqi::services::ra
