#include "joined.h"

#include "pin.h"

namespace heqi::joined {
namespace {

using base::Code;

// share_of is what a thief of the device's files with the right PIN gets.
crypto::SecretScalar share_of(House& house) {
  const auto keys = must(device::WrapKeys::load(*house.world.key_store));
  const device::State state = must(device::load_state(*house.world.store, keys));
  return device::recover_share(*state.key, base::bytes_of(kRightPin), keys);
}

TEST(Refresh, BothSharesAreNewAndThePublicKeyStays) {
  House house;
  ASSERT_OK(house.enrol());
  ASSERT_OK(house.sign());
  const auto certificate = house.world.msd->information().certificate;
  const crypto::SecretScalar before = share_of(house);
  const auto done = house.confirm(house.world.msd->refresh_shares());
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "refreshed");
  EXPECT_EQ(house.centre.key_status(house.key_id()).epoch, 2);
  EXPECT_FALSE(equal_vartime(before.expose(), share_of(house).expose()));
  EXPECT_EQ(house.sign()->outcome, "signed");  // verified under the same certificate
  EXPECT_EQ(house.world.msd->information().certificate, certificate);
  house.world.restart();
  house.centre.open();
  EXPECT_EQ(house.sign()->outcome, "signed");
}

TEST(Refresh, AWrongPinRefreshesNothing) {
  House house;
  ASSERT_OK(house.enrol());
  const auto asked = house.confirm(house.world.msd->refresh_shares(), kWrongPin);
  ASSERT_OK(asked);
  EXPECT_EQ(asked->kind, Step::Kind::confirm);
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 2);
  EXPECT_EQ(house.centre.key_status(house.key_id()).epoch, 1);
  EXPECT_EQ(house.confirm(asked)->outcome, "refreshed");  // the next try, with the right one
}

// Every answer of the key centre is lost once, at every place; then the device starts anew.
TEST(Refresh, WhereverItBreaksTheKeySignsAndEndsInOneEpoch) {
  for (int message = 1; message <= 4; ++message) {
    House house;
    ASSERT_OK(house.enrol());
    house.lost = message;
    const auto broken = house.confirm(house.world.msd->refresh_shares());
    house.lost = 0;
    house.world.restart();
    EXPECT_EQ(house.sign()->outcome, "signed") << "after message " << message;
    const auto epoch = house.centre.key_status(house.key_id()).epoch;
    EXPECT_EQ(house.sign()->outcome, "signed");
    EXPECT_EQ(house.centre.key_status(house.key_id()).epoch, epoch);
    const auto again = house.confirm(house.world.msd->refresh_shares());
    ASSERT_OK(again) << "after message " << message;
    EXPECT_EQ(again->outcome, "refreshed");
    EXPECT_EQ(house.centre.key_status(house.key_id()).epoch, epoch + 1);
  }
}

// The same breaks, and the person asks for the refresh again instead of signing.
TEST(Refresh, WhereverItBreaksASecondRefreshFinishesIt) {
  for (int message = 1; message <= 4; ++message) {
    SCOPED_TRACE("after message " + std::to_string(message));
    House house;
    ASSERT_OK(house.enrol());
    house.lost = message;
    const auto broken = house.confirm(house.world.msd->refresh_shares());
    house.lost = 0;
    house.world.restart();
    const auto state = must(device::load_state(
        *house.world.store, must(device::WrapKeys::load(*house.world.key_store))));
    const auto asked = house.confirm(house.world.msd->refresh_shares(), kWrongPin);
    ASSERT_OK(asked);
    EXPECT_EQ(asked->kind, Step::Kind::confirm);
    const auto again = house.confirm(asked);
    ASSERT_OK(again);
    EXPECT_EQ(again->outcome, "refreshed");
    const auto epoch = house.centre.key_status(house.key_id()).epoch;
    if (state.next_key) {
      EXPECT_EQ(epoch, state.next_key->name.epoch);
    }
    EXPECT_EQ(house.sign()->outcome, "signed");
    EXPECT_EQ(house.centre.key_status(house.key_id()).epoch, epoch) << "signing finished it";
  }
}

// shows: COS-d2-1
TEST(Refresh, ANewMasterKeyReachesAKeyWithItsRefresh) {
  House house;
  ASSERT_OK(house.enrol());
  auto database =
      must(sql::Database::open({.url = "sqlite:" + house.centre.folder.path() + "/module.db"}));
  const auto version = [&] {
    return must(database->with_snapshot([](sql::Transaction& tx) {
             return tx.get_row("SELECT MAX(master_version) FROM module_joint_keys");
           }))
        .int64(0);
  };
  EXPECT_EQ(version(), 1);
  keys::WrappingKey wrapping = must(keys::WrappingKey::open_or_make(
      house.centre.wrapping_files, "root-wrapping-key", house.world.random));
  keys::MasterKeys masters =
      must(keys::MasterKeys::open(*database, wrapping, house.world.random, house.world.clock));
  ASSERT_OK(masters.renew(keys::kDefaultTenant, *database, wrapping, house.world.random,
                          house.world.clock));
  house.centre.open();
  EXPECT_EQ(house.sign()->outcome, "signed");  // still under version 1
  EXPECT_EQ(version(), 1);
  ASSERT_OK(house.confirm(house.world.msd->refresh_shares()));
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(house.sign()->outcome, "signed");
}

TEST(Refresh, ARevokedKeyIsNotRefreshed) {
  House house;
  ASSERT_OK(house.enrol());
  ASSERT_OK(house.centre.ask(keys::Operation::revoke_share, keys::encode_name(house.key_id())));
  const auto refused = house.confirm(house.world.msd->refresh_shares());
  ASSERT_OK(refused);
  EXPECT_EQ(refused->refusal, Code::cosign_key_revoked);
  EXPECT_EQ(house.world.msd->information().stage, device::Stage::stopped);
}

}  // namespace
}  // namespace heqi::joined
