#include <heqi/keys/joint_keys.h>

#include <heqi/cosign/codec.h>
#include <heqi/keys/schema.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include <thread>

namespace heqi::keys {
namespace {

const base::Time kNow = *base::parse_rfc3339("2026-11-21T08:00:00Z");

// Centre is a key centre with one device bound to it.
class Centre : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = *sql::Database::open({.url = "sqlite:" + folder_.path() + "/module.db"});
    const sql::Component components[] = {schema()};
    ASSERT_OK(sql::apply_migrations(*database_, components, clock_));
    wrapping_.emplace(*WrappingKey::open_or_make(files_, "root-wrapping-key", random_));
    masters_.emplace(*MasterKeys::open(*database_, *wrapping_, random_, clock_));
    keys_.emplace(*database_, *wrapping_, *masters_, random_, clock_, log_, Place{});
    channel_.emplace(*crypto::PrivateKey::generate(random_));
    const crypto::PointBytes point = channel_->public_key().encode();
    channel_key_ = {point.begin(), point.end()};
    bind("device-1");
  }

  void bind(const char* device_id) {
    ASSERT_OK(database_->with_transaction([&](sql::Transaction& tx) -> base::Status {
      HEQI_TRY(
          tx.execute("INSERT INTO module_devices (device_id, channel_public_key, channel_id, "
                     "position, bound_at) VALUES (?1, ?2, ?3, ?4, 0)",
                     device_id, channel_key_, base::bytes_of(device_id), base::Bytes()));
      return {};
    }));
  }

  int tries_left(const cosign::DeviceKey& key) {
    return keys_->status(key_id_text(key.name))->tries_left;
  }

  cosign::DeviceKey enrol() {
    const cosign::KeyName name = *keys_->begin_key("device-1");
    auto agreement = *cosign::DeviceKeyAgreement::begin({name, channel_key_}, random_);
    const auto answer = keys_->init_key("device-1", name, agreement.message());
    EXPECT_OK(answer);
    return *std::move(agreement).finish(*answer);
  }

  // with_pin is the key as a device restores it: a wrong PIN gives another d1.
  cosign::DeviceKey with_pin(const cosign::DeviceKey& key, std::uint64_t offset) {
    return {key.name, key.p,
            crypto::SecretScalar(key.d1.expose() + crypto::Scalar::from_word(offset))};
  }

  base::Result<crypto::Signature> sign(const cosign::DeviceKey& key, std::uint64_t offset,
                                       std::uint64_t counter, std::string_view message) {
    HEQI_TRY(cosign::Device device, cosign::Device::with_key(with_pin(key, offset), random_));
    HEQI_TRY(cosign::Opened opened,
             device.open({crypto::message_digest(key.p, base::bytes_of(message))}, counter));
    HEQI_TRY(const cosign::Answer answer, keys_->sign("device-1", std::move(opened.opening)));
    HEQI_TRY(const cosign::Confirm confirmation, device.finish(std::move(opened.nonces), answer));
    HEQI_TRY(keys_->confirm("device-1", confirmation));
    return confirmation.signatures.at(0);
  }

  testing::TemporaryFolder folder_;
  testing::MemoryStore files_;
  testing::SeededRandom random_{7};
  testing::FakeClock clock_{kNow};
  base::NullLog log_;
  std::unique_ptr<sql::Database> database_;
  std::optional<WrappingKey> wrapping_;
  std::optional<MasterKeys> masters_;
  std::optional<JointKeys> keys_;
  std::optional<crypto::PrivateKey> channel_;
  base::Bytes channel_key_;
};

// shows: COS-d2-0, COS-pub-1, ECP-KEY-12
TEST_F(Centre, TheTwoHalvesMakeAnOrdinarySignature) {
  const cosign::DeviceKey key = enrol();
  const auto signature = sign(key, 0, 1, "合同正文");
  ASSERT_OK(signature);
  EXPECT_OK(crypto::verify(key.p, base::bytes_of("合同正文"), *signature));
  EXPECT_ERROR(crypto::verify(key.p, base::bytes_of("别的正文"), *signature),
               base::Code::invalid_signature);
}

// shows: COS-d2-0
TEST_F(Centre, EachKeyIdHasItsOwnShareAndTheSameOneAfterARestart) {
  const cosign::DeviceKey first = enrol(), second = enrol();
  EXPECT_FALSE(first.p == second.p);
  masters_.emplace(*MasterKeys::open(*database_, *wrapping_, random_, clock_));
  EXPECT_OK(sign(first, 0, 1, "after the restart"));
}

TEST_F(Centre, AKeyIdTakesOneP1Only) {
  const cosign::KeyName name = *keys_->begin_key("device-1");
  const auto one = *cosign::DeviceKeyAgreement::begin({name, channel_key_}, random_);
  const auto other = *cosign::DeviceKeyAgreement::begin({name, channel_key_}, random_);
  EXPECT_OK(keys_->init_key("device-1", name, one.message()));
  EXPECT_OK(keys_->init_key("device-1", name, one.message()));  // a repeat has the same answer
  EXPECT_ERROR(keys_->init_key("device-1", name, other.message()), base::Code::conflict);
}

// The clock stands still here: of two challenges of one moment the later one counts.
TEST_F(Centre, OnlyTheLastChallengeOfADeviceCounts) {
  for (int turn = 0; turn < 8; ++turn) {
    const cosign::KeyName first = *keys_->begin_key("device-1"),
                          last = *keys_->begin_key("device-1");
    const auto newest = keys_->newest_key("device-1");
    ASSERT_OK(newest);
    EXPECT_EQ(newest->key_id, last.key_id);
    EXPECT_NE(newest->key_id, first.key_id);
  }
}

TEST_F(Centre, AProofForAnotherKeyIdIsRefused) {
  const cosign::KeyName name = *keys_->begin_key("device-1"), other = *keys_->begin_key("device-1");
  const auto agreement = *cosign::DeviceKeyAgreement::begin({name, channel_key_}, random_);
  EXPECT_ERROR(keys_->init_key("device-1", other, agreement.message()),
               base::Code::crypto_proof_invalid);
  EXPECT_ERROR(keys_->init_key("device-2", name, agreement.message()), base::Code::not_found);
}

// shows: MSSP-7.2-d2
TEST_F(Centre, WrongPinsAreChargedDelayedAndLockedAndARightOneResets) {
  const cosign::DeviceKey key = enrol();
  std::uint64_t counter = 0;
  EXPECT_ERROR(sign(key, 1, ++counter, "m"), base::Code::cosign_wrong_pin);
  EXPECT_EQ(tries_left(key), 2);
  EXPECT_OK(sign(key, 0, ++counter, "m"));
  EXPECT_EQ(tries_left(key), 3);
  for (int i = 0; i < 3; ++i)
    EXPECT_ERROR(sign(key, 1, ++counter, "m"), base::Code::cosign_wrong_pin);
  EXPECT_ERROR(sign(key, 0, ++counter, "m"), base::Code::cosign_pin_delayed);
  clock_.advance(std::chrono::hours(3));
  for (int i = 0; i < 3; ++i)
    EXPECT_ERROR(sign(key, 1, ++counter, "m"), base::Code::cosign_wrong_pin);
  clock_.advance(std::chrono::hours(23));
  EXPECT_ERROR(sign(key, 0, ++counter, "m"), base::Code::cosign_pin_delayed);
  clock_.advance(std::chrono::hours(1));
  for (int i = 0; i < 3; ++i)
    EXPECT_ERROR(sign(key, 1, ++counter, "m"), base::Code::cosign_wrong_pin);
  clock_.advance(std::chrono::hours(24 * 365));
  EXPECT_ERROR(sign(key, 0, ++counter, "m"), base::Code::cosign_pin_locked);
}

// shows: COS-sig-9
// shows-part: KEP-L2-b (how many tries a hundred connections get)
TEST_F(Centre, AHundredParallelGuessesAreThreeTries) {
  const cosign::DeviceKey key = enrol();
  std::vector<cosign::Opening> openings;
  for (std::uint64_t i = 0; i < 100; ++i) {
    auto device = *cosign::Device::with_key(with_pin(key, i + 1), random_);
    openings.push_back(std::move(device.open({crypto::Digest{}}, i + 1)->opening));
  }
  std::atomic<int> checked{0}, refused{0};
  std::vector<std::thread> threads;
  for (cosign::Opening& opening : openings) {
    threads.emplace_back([&, mine = &opening] {
      const auto answer = keys_->sign("device-1", std::move(*mine));
      ASSERT_FALSE(answer.has_value());
      (answer.error().code == base::Code::cosign_wrong_pin ? checked : refused) += 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(checked, 3);
  EXPECT_EQ(checked + refused, 100);
  EXPECT_GE(checked, 1);
}

// shows: COS-sig-7
TEST_F(Centre, ACounterAnswersOnceAlsoAfterARestart) {
  const cosign::DeviceKey key = enrol();
  auto device = *cosign::Device::with_key(with_pin(key, 0), random_);
  auto opened = *device.open({crypto::Digest{}}, 5);
  const base::Bytes wire = cosign::encode_opening(opened.opening);
  ASSERT_OK(keys_->sign("device-1", *cosign::parse_opening(wire)));
  EXPECT_ERROR(keys_->sign("device-1", *cosign::parse_opening(wire)), base::Code::cosign_replayed);
  keys_.emplace(*database_, *wrapping_, *masters_, random_, clock_, log_, Place{});
  EXPECT_ERROR(keys_->sign("device-1", *cosign::parse_opening(wire)), base::Code::cosign_replayed);
}

TEST_F(Centre, ARevokedShareSignsNothing) {
  const cosign::DeviceKey key = enrol();
  ASSERT_OK(sign(key, 0, 1, "before"));
  ASSERT_OK(keys_->revoke(key_id_text(key.name)));
  EXPECT_ERROR(sign(key, 0, 2, "after"), base::Code::cosign_key_revoked);
  EXPECT_EQ(keys_->status(key_id_text(key.name))->state, "revoked");
  EXPECT_ERROR(keys_->revoke("00"), base::Code::cosign_key_unknown);
}

// shows-part: MSSP-7.2-d3 (the unlock; the change of the PIN is the device's)
TEST_F(Centre, AnUnlockGivesBackTheTriesOfALockedKeyAndOfNoOther) {
  const cosign::DeviceKey key = enrol(), other = enrol();
  std::uint64_t counter = 0;
  for (int i = 0; i < 9; ++i) {
    clock_.advance(std::chrono::hours(24));
    EXPECT_ERROR(sign(key, 1, ++counter, "m"), base::Code::cosign_wrong_pin);
  }
  clock_.advance(std::chrono::hours(24));
  EXPECT_ERROR(sign(key, 0, ++counter, "m"), base::Code::cosign_pin_locked);
  EXPECT_ERROR(keys_->takes_pins("device-1", key.name), base::Code::cosign_pin_locked);
  EXPECT_OK(keys_->takes_pins("device-1", other.name));
  EXPECT_ERROR(keys_->takes_pins("another", other.name), base::Code::cosign_key_unknown);
  ASSERT_OK(keys_->unlock(key_id_text(other.name)));
  EXPECT_ERROR(sign(key, 0, ++counter, "m"), base::Code::cosign_pin_locked);
  ASSERT_OK(keys_->unlock(key_id_text(key.name)));
  EXPECT_OK(keys_->takes_pins("device-1", key.name));
  EXPECT_OK(sign(key, 0, ++counter, "m"));
  ASSERT_OK(keys_->revoke(key_id_text(key.name)));
  EXPECT_ERROR(keys_->unlock(key_id_text(key.name)), base::Code::cosign_key_revoked);
  EXPECT_ERROR(keys_->takes_pins("device-1", key.name), base::Code::cosign_key_revoked);
  EXPECT_ERROR(keys_->unlock("00"), base::Code::cosign_key_unknown);
}

// shows-part: COS-d2-0 (the epoch in the name)
TEST_F(Centre, ARefreshedKeyTakesBothEpochsUntilTheNewOneIsProvenAndThenNoOther) {
  cosign::DeviceKey key = enrol();
  const auto refresh = [&](std::uint64_t offset, std::uint64_t counter) {
    auto device = *cosign::Device::with_key(with_pin(key, offset), random_);
    auto opened = *device.open({crypto::Digest{}}, counter);
    return keys_->refresh("device-1", std::move(opened.opening));
  };
  EXPECT_ERROR(refresh(1, 1), base::Code::cosign_wrong_pin);
  EXPECT_EQ(tries_left(key), 2);
  const auto factor = refresh(0, 2);
  ASSERT_OK(factor);
  EXPECT_EQ(factor->epoch, 2u);
  EXPECT_EQ(tries_left(key), 3);
  EXPECT_OK(sign(key, 0, 3, "the old epoch still counts"));
  EXPECT_EQ(keys_->status(key_id_text(key.name))->epoch, 1);

  cosign::DeviceKey next{key.name, key.p,
                         crypto::SecretScalar(key.d1.expose() * factor->t.expose())};
  next.name.epoch = 2;
  EXPECT_ERROR(sign(next, 1, 4, "m"), base::Code::cosign_wrong_pin);
  EXPECT_EQ(keys_->status(key_id_text(key.name))->epoch, 1) << "a wrong share ended the epoch";
  EXPECT_OK(sign(next, 0, 5, "under the same public key"));
  EXPECT_EQ(keys_->status(key_id_text(key.name))->epoch, 2);
  for (const std::uint64_t offset : {0, 1})
    EXPECT_ERROR(sign(key, offset, 6 + offset, "m"), base::Code::cosign_key_unknown);
  EXPECT_EQ(tries_left(key), 3) << "the old epoch cost a try of the new one";
  // The new share under the old name, and the old share under the new one.
  cosign::DeviceKey mixed{next.name, key.p, key.d1.clone()};
  EXPECT_ERROR(sign(mixed, 0, 8, "m"), base::Code::cosign_wrong_pin);
  next.name.epoch = 3;
  EXPECT_ERROR(sign(next, 0, 9, "m"), base::Code::cosign_key_unknown);
}

// shows: COS-sig-9
// shows-part: COS-sig-7 (at the key centre)
TEST_F(Centre, ABlindSessionIsOneAtATimeChargedSpentAndGoneWithARestart) {
  const cosign::DeviceKey key = enrol();
  const auto opened = keys_->open_blind("device-1", key.name, 1);
  ASSERT_OK(opened);
  for (std::uint64_t counter = 2; counter < 258; ++counter)  // what ROS would need
    ASSERT_ERROR(keys_->open_blind("device-1", key.name, counter), base::Code::cosign_session_open);
  EXPECT_OK(keys_->open_blind("device-1", enrol().name, 1)) << "of another key";

  auto device = *cosign::BlindDevice::with_key(with_pin(key, 0), random_);
  const crypto::Digest e = crypto::message_digest(key.p, base::bytes_of("blind"));
  auto asked = *device.request(e, *opened, 1);
  const auto answer = keys_->answer_blind("device-1", key.name, asked.request);
  ASSERT_OK(answer);
  EXPECT_ERROR(keys_->answer_blind("device-1", key.name, asked.request),
               base::Code::cosign_session_answered);
  const auto signature = device.finish(std::move(asked.pending), *answer);
  ASSERT_OK(signature);
  EXPECT_OK(crypto::verify(key.p, base::bytes_of("blind"), *signature));
  ASSERT_OK(keys_->close_blind("device-1", key.name));

  // A wrong PIN costs a try and the session; a counter of before is refused.
  EXPECT_ERROR(keys_->open_blind("device-1", key.name, 1), base::Code::cosign_replayed);
  const auto second = keys_->open_blind("device-1", key.name, 2);
  ASSERT_OK(second);
  auto thief = *cosign::BlindDevice::with_key(with_pin(key, 1), random_);
  auto guess = *thief.request(e, *second, 2);
  EXPECT_ERROR(keys_->answer_blind("device-1", key.name, guess.request),
               base::Code::cosign_wrong_pin);
  EXPECT_EQ(tries_left(key), 2);
  EXPECT_ERROR(keys_->answer_blind("device-1", key.name, guess.request),
               base::Code::cosign_session_answered);
  EXPECT_ERROR(keys_->close_blind("device-2", key.name), base::Code::cosign_key_unknown);
  ASSERT_OK(keys_->close_blind("device-1", key.name));

  const auto third = keys_->open_blind("device-1", key.name, 3);
  ASSERT_OK(third);
  keys_.emplace(*database_, *wrapping_, *masters_, random_, clock_, log_, Place{});
  auto late = *device.request(e, *third, 3);
  EXPECT_ERROR(keys_->answer_blind("device-1", key.name, late.request),
               base::Code::cosign_session_answered);
  ASSERT_OK(keys_->revoke(key_id_text(key.name)));
  EXPECT_ERROR(keys_->open_blind("device-1", key.name, 4), base::Code::cosign_key_revoked);
}

TEST_F(Centre, AnotherDeviceCannotUseTheKeyNorChargeItsTries) {
  const cosign::DeviceKey key = enrol();
  bind("device-2");
  auto device = *cosign::Device::with_key(with_pin(key, 1), random_);
  auto opened = *device.open({crypto::Digest{}}, 1);
  EXPECT_ERROR(keys_->sign("device-2", std::move(opened.opening)), base::Code::cosign_key_unknown);
  EXPECT_EQ(tries_left(key), 3);
}

TEST_F(Centre, AConfirmationWithAnotherSignatureIsRefused) {
  const cosign::DeviceKey key = enrol();
  ASSERT_OK(sign(key, 0, 1, "one"));
  const auto second = sign(key, 0, 2, "two");
  ASSERT_OK(second);
  EXPECT_ERROR(keys_->confirm("device-1", {.counter = 1, .signatures = {*second}}),
               base::Code::cosign_peer_cheated);
}

// shows: COS-d2-3
TEST_F(Centre, NeitherSharesNorP1StandInTheDatabaseOrTheFiles) {
  const cosign::DeviceKey key = enrol();
  ASSERT_OK(sign(key, 0, 1, "m"));
  const crypto::PointBytes p1 = crypto::mul_base(key.d1.expose()).encode();
  database_.reset();
  for (const char* file : {"/module.db", "/module.db-wal"}) {
    const auto content = base::read_file(folder_.path() + file, 1 << 24);
    if (!content) continue;
    const std::string_view text = base::text_of(*content);
    EXPECT_EQ(text.find(base::text_of(base::ByteView(p1).subspan(1, 32))), std::string_view::npos);
    EXPECT_EQ(text.find(base::text_of(key.d1.expose().encode())), std::string_view::npos);
  }
}

TEST_F(Centre, ARestoredDatabaseIsRefusedAtStart) {
  EXPECT_EQ(*start_boot_epoch(*database_, files_, clock_), 1);
  EXPECT_EQ(*start_boot_epoch(*database_, files_, clock_), 2);
  ASSERT_OK(database_->with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(tx.execute("DELETE FROM module_boots WHERE epoch = 2"));
    return {};
  }));
  EXPECT_ERROR(start_boot_epoch(*database_, files_, clock_), base::Code::conflict);
}

TEST_F(Centre, AnotherRootWrappingKeyOpensNothing) {
  testing::MemoryStore elsewhere;
  const WrappingKey other = *WrappingKey::open_or_make(elsewhere, "k", random_);
  EXPECT_ERROR(MasterKeys::open(*database_, other, random_, clock_), base::Code::denied);
}

// shows: KEP-L2-b
TEST_F(Centre, AsManyWrongPinsAsAreSetLockTheKeyAndNoMoreAreTaken) {
  keys_.emplace(*database_, *wrapping_, *masters_, random_, clock_, log_, Place{}, 2);
  const cosign::DeviceKey key = enrol();
  EXPECT_EQ(tries_left(key), 2);
  std::uint64_t counter = 0;
  EXPECT_ERROR(sign(key, 1, ++counter, "text"), base::Code::cosign_wrong_pin);
  EXPECT_EQ(tries_left(key), 1);
  EXPECT_ERROR(sign(key, 1, ++counter, "text"), base::Code::cosign_wrong_pin);
  EXPECT_EQ(tries_left(key), 0);
  clock_.advance(std::chrono::hours(24 * 365));
  EXPECT_ERROR(sign(key, 0, ++counter, "text"), base::Code::cosign_pin_locked);
  ASSERT_OK(keys_->unlock(key_id_text(key.name)));
  EXPECT_OK(sign(key, 0, ++counter, "text"));
}

}  // namespace
}  // namespace heqi::keys
