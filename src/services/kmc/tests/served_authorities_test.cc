#include <heqi/services/kmc/served_authorities.h>

#include <heqi/services/kmc/centre.h>
#include <heqi/services/kmc/schema.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/postgres.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/enveloped_key.h>

namespace heqi::services::kmc {
namespace {

using base::Code;

class Served : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = *sql::Database::open({.url = testing::usual_database(folder_.path(), "kmc.db")});
    const sql::Component components[] = {schema()};
    ASSERT_OK(sql::apply_migrations(*database_, components, clock_));
    centre_.emplace(*database_, vault_, clock_, random_, log_);
    authorities_.emplace(*database_, clock_, log_);
  }
  base::Result<Delivery> make(const std::string& authority, const std::string& id) {
    return centre_->make_for(authority, id, "alice", device_.public_key());
  }
  base::Result<std::string> ask(const std::string& authority, const std::string& id) {
    return centre_->ask_recovery_for(
        authority,
        {.key_id = id, .asked_by = "desk", .reason = "lost", .receiver = new_device_.public_key()});
  }
  std::int64_t made_for(const std::string& authority) {
    const auto all = authorities_->list();
    EXPECT_OK(all);
    for (const ServedAuthority& one : *all)
      if (one.id == authority) return one.keys_made;
    return -1;
  }

  testing::TemporaryFolder folder_;
  testing::SeededRandom random_{5};
  testing::FakeClock clock_{*base::parse_rfc3339("2026-11-21T08:00:00Z")};
  base::NullLog log_;
  keys::WrappingKey wrapping_{crypto::Sm4Key(std::span<const std::uint8_t, 16>(
      reinterpret_cast<const std::uint8_t*>("0123456789abcdef"), 16))};
  WrappingVault vault_{wrapping_, random_};
  std::unique_ptr<sql::Database> database_;
  std::optional<Centre> centre_;
  std::optional<ServedAuthorities> authorities_;
  crypto::PrivateKey device_ = *crypto::PrivateKey::generate(random_),
                     new_device_ = *crypto::PrivateKey::generate(random_);
};

// shows-part: ZSA37-DEP-f (at the centre; mutant: tests/mutants/ZSA37-DEP-f.served)
TEST_F(Served, NobodyGetsAKeyWhomNoAdministratorNamed) {
  EXPECT_ERROR(make("ca-1", "k"), Code::denied);
  ASSERT_OK(authorities_->serve("ca-1", 10, "user:1"));
  EXPECT_ERROR(make("ca-2", "k"), Code::denied);
  ASSERT_OK(make("ca-1", "k"));
  ASSERT_OK(authorities_->end("ca-1", "user:1", "the contract has ended"));
  EXPECT_ERROR(make("ca-1", "k"), Code::denied) << "not even what it has had";
  EXPECT_ERROR(ask("ca-1", "k"), Code::denied);
  ASSERT_OK(authorities_->serve("ca-1", 10, "user:1"));
  EXPECT_OK(make("ca-1", "k"));
}

TEST_F(Served, TheSameRequestGetsTheSamePairAndCountsOnce) {
  ASSERT_OK(authorities_->serve("ca-1", 2, "user:1"));
  const auto first = make("ca-1", "k"), second = make("ca-1", "k");
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_TRUE(first->public_key == second->public_key);
  EXPECT_EQ(made_for("ca-1"), 1);
  EXPECT_ERROR(centre_->make_for("ca-1", "k", "mallory", device_.public_key()), Code::conflict);
  EXPECT_ERROR(centre_->make_for("ca-1", "k", "alice", new_device_.public_key()), Code::conflict);
  EXPECT_EQ(made_for("ca-1"), 1);
}

TEST_F(Served, NoMoreKeysAreMadeThanWereAgreed) {
  ASSERT_OK(authorities_->serve("ca-1", 1, "user:1"));
  ASSERT_OK(make("ca-1", "k1"));
  EXPECT_ERROR(make("ca-1", "k2"), Code::limit_exceeded);
  EXPECT_OK(make("ca-1", "k1")) << "what is made already is given again";
  ASSERT_OK(authorities_->serve("ca-1", 2, "user:1"));
  EXPECT_OK(make("ca-1", "k2"));
  EXPECT_EQ(made_for("ca-1"), 2);
  for (const std::int64_t wrong : {std::int64_t{0}, std::int64_t{-1}, kServedKeysMax + 1})
    EXPECT_ERROR(authorities_->serve("ca-1", wrong, "user:1"), Code::malformed);
}

// shows-part: ZSA37-DEP-f (at the centre; mutant: tests/mutants/ZSA37-DEP-f.owner)
TEST_F(Served, AuthoritiesDoNotReachEachOthersKeysNorTheCentresOwn) {
  for (const char* one : {"ca-1", "ca-2"}) ASSERT_OK(authorities_->serve(one, 10, "user:1"));
  const auto first = make("ca-1", "k"), second = make("ca-2", "k");
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_FALSE(first->public_key == second->public_key);
  const auto own = centre_->make("k", "alice", device_.public_key());
  ASSERT_OK(own);
  ASSERT_OK(make("ca-1", "only"));
  EXPECT_ERROR(ask("ca-2", "only"), Code::not_found);
  EXPECT_ERROR(centre_->ask_recovery({.key_id = "ca-1/only",
                                      .asked_by = "officer",
                                      .reason = "curious",
                                      .receiver = new_device_.public_key()}),
               Code::not_found);
  const auto recovery = ask("ca-1", "only");
  ASSERT_OK(recovery);
  ASSERT_OK(centre_->approve(*recovery, "officer 1"));
  ASSERT_OK(centre_->approve(*recovery, "officer 2"));
  EXPECT_ERROR(centre_->recover_for("ca-2", *recovery), Code::not_found);
  EXPECT_ERROR(centre_->recover(*recovery), Code::not_found);
  const auto given = centre_->recover_for("ca-1", *recovery);
  ASSERT_OK(given);
  EXPECT_OK(x509::open_enveloped_key(given->enveloped_key, new_device_));
}

TEST_F(Served, WhatIsNoIdOfAKeyIsRefused) {
  ASSERT_OK(authorities_->serve("ca-1", 10, "user:1"));
  for (const std::string& id : {std::string(), std::string("a/b"), std::string("a b"),
                                std::string("钥"), std::string(kServedKeyIdSizeMax + 1, 'a')})
    EXPECT_ERROR(make("ca-1", id), Code::malformed) << id;
  EXPECT_OK(make("ca-1", std::string(kServedKeyIdSizeMax, 'a')));
  EXPECT_ERROR(centre_->make_for("ca-1", "k", std::string(kServedHolderSizeMax + 1, 'h'),
                                 device_.public_key()),
               Code::malformed);
  EXPECT_EQ(made_for("ca-1"), 1);
}

TEST_F(Served, TheTranscriptTellsWhoIsServedAndForWhomKeysWereMade) {
  EXPECT_ERROR(authorities_->end("ca-1", "user:1", "why"), Code::not_found);
  EXPECT_ERROR(authorities_->serve("ca-1", 10, " "), Code::malformed);
  ASSERT_OK(authorities_->serve("ca-1", 10, "user:1"));
  EXPECT_ERROR(authorities_->end("ca-1", "user:1", " "), Code::malformed);
  ASSERT_OK(make("ca-1", "k"));
  ASSERT_OK(ask("ca-1", "k"));
  ASSERT_OK(authorities_->end("ca-1", "user:2", "the contract has ended"));
  const auto lines = read_transcript(*database_);
  ASSERT_OK(lines);
  EXPECT_OK(verify_transcript(*lines));
  std::vector<std::string> told;
  for (const Line& line : *lines) told.push_back(line.event + " " + line.subject + " " + line.who);
  EXPECT_EQ(told, (std::vector<std::string>{
                      "authority_served ca-1 user:1", "made ca-1/k authority:ca-1/alice",
                      "recovery_asked ca-1/k authority:ca-1/desk", "authority_ended ca-1 user:2"}));
}

}  // namespace
}  // namespace heqi::services::kmc
