#include <heqi/services/kmc/centre.h>

#include <fstream>
#include <iterator>

#include <heqi/base/text.h>
#include <heqi/services/kmc/schema.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/postgres.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/enveloped_key.h>

namespace heqi::services::kmc {
namespace {

using base::Code;

class Keys : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = *sql::Database::open({.url = testing::usual_database(folder_.path(), "kmc.db")});
    const sql::Component components[] = {schema()};
    ASSERT_OK(sql::apply_migrations(*database_, components, clock_));
    centre_.emplace(*database_, vault_, clock_, random_, log_);
  }
  // open_case asks for the key of "k" on behalf of the desk, for a device with key.
  std::string open_case(const crypto::PrivateKey& receiver) {
    return *centre_->ask_recovery(
        {.key_id = "k", .asked_by = "desk", .reason = "lost", .receiver = receiver.public_key()});
  }
  bool file_holds(base::ByteView octets) const {
    bool found = false;
    for (const char* name : {"/kmc.db", "/kmc.db-wal"}) {
      std::ifstream in(folder_.path() + name, std::ios::binary);
      const std::string content{std::istreambuf_iterator<char>(in), {}};
      found = found || content.find(base::text_of(octets)) != std::string::npos;
    }
    return found;
  }
  static base::Status opens(const Delivery& delivery, const crypto::PrivateKey& receiver) {
    HEQI_TRY(const crypto::PrivateKey key,
             x509::open_enveloped_key(delivery.enveloped_key, receiver));
    if (x509::make_public_key_info(key.public_key()) == delivery.public_key) return {};
    return base::fail(Code::internal, "another key");
  }

  testing::TemporaryFolder folder_;
  testing::SeededRandom random_{3};
  testing::FakeClock clock_{*base::parse_rfc3339("2026-11-21T08:00:00Z")};
  base::NullLog log_;
  keys::WrappingKey wrapping_{crypto::Sm4Key(std::span<const std::uint8_t, 16>(
      reinterpret_cast<const std::uint8_t*>("0123456789abcdef"), 16))};
  WrappingVault vault_{wrapping_, random_};
  std::unique_ptr<sql::Database> database_;
  std::optional<Centre> centre_;
  crypto::PrivateKey device_ = *crypto::PrivateKey::generate(random_),
                     new_device_ = *crypto::PrivateKey::generate(random_);
};

// shows: ZSA37-KMC-b
TEST_F(Keys, OnlyTheHolderOfTheSignatureKeyOpensWhatTheCentreMade) {
  const auto delivery = centre_->make("k", "alice", device_.public_key());
  ASSERT_OK(delivery);
  EXPECT_OK(opens(*delivery, device_));
  EXPECT_ERROR(opens(*delivery, new_device_), Code::invalid_signature);
  for (std::size_t at = 0; at < delivery->enveloped_key.size(); ++at) {
    Delivery changed = *delivery;
    changed.enveloped_key[at] ^= 1;
    EXPECT_FALSE(opens(changed, device_)) << "octet " << at;
  }
}

TEST_F(Keys, TheSameRequestGetsTheSamePair) {
  const auto first = centre_->make("k", "alice", device_.public_key()),
             second = centre_->make("k", "alice", device_.public_key());
  EXPECT_TRUE(first->public_key == second->public_key);
  EXPECT_ERROR(centre_->make("k", "mallory", device_.public_key()), Code::conflict);
  EXPECT_ERROR(centre_->make("k", "alice", new_device_.public_key()), Code::conflict)
      << "another device gets it by recovery only";
}

// shows: ZSA37-KMC-a, ZSA37-PKI-b
TEST_F(Keys, TheCentreKeepsTheEncryptionKeyWrappedAndNeverASignatureKey) {
  if (testing::runs_on_postgresql()) GTEST_SKIP() << "reads the file of the other engine";
  const auto delivery = centre_->make("k", "alice", device_.public_key());
  const auto key = x509::open_enveloped_key(delivery->enveloped_key, device_);
  ASSERT_OK(key);
  const std::string recovery = open_case(new_device_);
  ASSERT_OK(centre_->approve(recovery, "officer 1"));
  ASSERT_OK(centre_->approve(recovery, "officer 2"));
  ASSERT_OK(opens(*centre_->recover(recovery), new_device_));
  EXPECT_TRUE(file_holds(key->public_key().encode())) << "the search itself works";
  for (const crypto::PrivateKey* secret :
       std::initializer_list<const crypto::PrivateKey*>{&*key, &device_, &new_device_}) {
    EXPECT_FALSE(file_holds(secret->encode().expose()));
    const std::string hex = base::to_hex(secret->encode().expose());
    EXPECT_FALSE(file_holds(base::bytes_of(hex)));
  }
  // What is wrapped there is of encryption keys only, one for each pair that was made.
  const auto rows = database_->with_snapshot(
      [](sql::Transaction& tx) { return tx.query("SELECT id, sealed FROM kmc_keys"); });
  ASSERT_EQ(rows->size(), 1U);
  const auto backup = wrapping_.open({"kmc-key", "k", 1}, rows->front().bytes(1));
  ASSERT_OK(backup);
  EXPECT_TRUE(base::same_bytes(backup->expose(), key->encode().expose()));
}

TEST_F(Keys, ABackupMovedToAnotherNameDoesNotOpen) {
  ASSERT_OK(centre_->make("k", "alice", device_.public_key()));
  const auto rows = database_->with_snapshot(
      [](sql::Transaction& tx) { return tx.query("SELECT sealed FROM kmc_keys"); });
  const base::Bytes sealed = rows->front().bytes(0);
  EXPECT_OK(vault_.envelop("k", sealed, device_.public_key()));
  EXPECT_ERROR(vault_.envelop("other", sealed, device_.public_key()), Code::invalid_signature);
  EXPECT_ERROR(vault_.envelop("k", {}, device_.public_key()), Code::malformed);
}

TEST_F(Keys, RecoveryNeedsTwoOfficersWhoDidNotAsk) {
  ASSERT_OK(centre_->make("k", "alice", device_.public_key()));
  const std::string recovery = open_case(new_device_);
  EXPECT_ERROR(centre_->recover(recovery), Code::denied);
  EXPECT_ERROR(centre_->approve(recovery, "desk"), Code::denied);
  ASSERT_OK(centre_->approve(recovery, "officer 1"));
  EXPECT_ERROR(centre_->approve(recovery, "officer 1"), Code::conflict);
  EXPECT_ERROR(centre_->approve(recovery, " "), Code::malformed);
  EXPECT_ERROR(centre_->recover(recovery), Code::denied);
  ASSERT_OK(centre_->approve(recovery, "officer 2"));
  const auto first = centre_->recover(recovery), second = centre_->recover(recovery);
  ASSERT_OK(first);
  EXPECT_OK(opens(*first, new_device_));
  EXPECT_OK(opens(*second, new_device_)) << "an answer that was lost is given again";
  EXPECT_ERROR(opens(*first, device_), Code::invalid_signature);
}

TEST_F(Keys, ACaseExpires) {
  ASSERT_OK(centre_->make("k", "alice", device_.public_key()));
  const std::string recovery = open_case(new_device_);
  ASSERT_OK(centre_->approve(recovery, "officer 1"));
  ASSERT_OK(centre_->approve(recovery, "officer 2"));
  clock_.advance(kRecoveryLifetime);
  EXPECT_ERROR(centre_->recover(recovery), Code::expired);
  EXPECT_ERROR(centre_->approve(recovery, "officer 3"), Code::expired);
}

TEST_F(Keys, AnIncompleteCaseIsNotOpened) {
  const auto made = centre_->make("k", "alice", device_.public_key());
  const auto ask = [&](std::string key, std::string by, std::string reason,
                       const crypto::PublicKey& receiver) {
    return centre_->ask_recovery({std::move(key), std::move(by), std::move(reason), receiver});
  };
  EXPECT_ERROR(ask("none", "desk", "lost", new_device_.public_key()), Code::not_found);
  EXPECT_ERROR(ask("k", "", "lost", new_device_.public_key()), Code::malformed);
  EXPECT_ERROR(ask("k", "desk", " ", new_device_.public_key()), Code::malformed);
  EXPECT_ERROR(ask("k", "desk", "lost", *made->public_key.sm2_key()), Code::denied);
  EXPECT_ERROR(centre_->recover("none"), Code::not_found);
  EXPECT_ERROR(centre_->approve("none", "officer"), Code::not_found);
}

TEST_F(Keys, TheTranscriptTellsEverythingAndCannotBeChangedUnseen) {
  ASSERT_OK(centre_->make("k", "alice", device_.public_key()));
  const std::string recovery = open_case(new_device_);
  ASSERT_OK(centre_->approve(recovery, "officer 1"));
  ASSERT_OK(centre_->approve(recovery, "officer 2"));
  ASSERT_OK(centre_->recover(recovery));
  const auto lines = read_transcript(*database_);
  ASSERT_OK(lines);
  std::vector<std::string> events;
  for (const Line& line : *lines) events.push_back(line.event + " " + line.who);
  EXPECT_EQ(events, (std::vector<std::string>{"made alice", "recovery_asked desk",
                                              "recovery_approved officer 1",
                                              "recovery_approved officer 2", "recovered desk"}));
  EXPECT_OK(verify_transcript(*lines));
  for (std::size_t at = 0; at < lines->size(); ++at) {
    std::vector<Line> changed = *lines;
    changed[at].who += "x";
    EXPECT_ERROR(verify_transcript(changed), Code::invalid_signature);
    std::vector<Line> shorter = *lines;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_EQ(verify_transcript(shorter).has_value(), at + 1 == lines->size());
  }
}

}  // namespace
}  // namespace heqi::services::kmc
