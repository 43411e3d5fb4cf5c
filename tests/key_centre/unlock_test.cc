// A lock and its release: the key centre locks, its administrator releases after a fresh proof of
// identity, and the device finds out by asking.
#include "administered.h"

namespace heqi::joined {
namespace {

using base::Code;
using device::Stage;

// lock_by_wrong_pins ends with a device that has stopped.
void lock_by_wrong_pins(House& house) {
  for (int wrong = 0; wrong < 20 && house.world.msd->information().stage == Stage::enrolled;
       ++wrong) {
    ASSERT_OK(house.sign(kWrongPin));
    house.world.clock.advance(std::chrono::hours(25));
  }
  ASSERT_EQ(house.world.msd->information().stage, Stage::stopped);
  ASSERT_EQ(house.world.msd->information().stop_reason, "cosign.pin_locked");
}

Step poll(House& house) {
  return must(house.follow(house.world.msd->poll()));
}

// shows: KEP-17.3-g
TEST(Unlock, ALockedDeviceServesAgainOnceTheAdministratorHasSeenItsHolder) {
  House house;
  ASSERT_OK(house.enrol());
  const std::string key_id = house.key_id();
  lock_by_wrong_pins(house);
  EXPECT_EQ(poll(house).refusal, Code::cosign_pin_locked);
  house.world.restart();
  house.centre.open();
  EXPECT_EQ(poll(house).refusal, Code::cosign_pin_locked);

  Desk desk(house.centre);
  EXPECT_ERROR(desk.act({.act = Act::unlock_key, .subject = key_id}), Code::malformed);
  EXPECT_EQ(poll(house).refusal, Code::cosign_pin_locked) << "nobody has proved anything";
  ASSERT_OK(desk.act({.act = Act::unlock_key, .subject = key_id, .reason = "ID card, desk 3"}));
  EXPECT_EQ(house.world.msd->information().stage, Stage::stopped) << "it has not asked yet";
  EXPECT_EQ(poll(house).outcome, device::kUnlocked);
  EXPECT_EQ(house.world.msd->information().stage, Stage::enrolled);
  EXPECT_EQ(house.world.msd->information().stop_reason, "");
  EXPECT_EQ(house.key_id(), key_id);
  house.world.restart();
  EXPECT_EQ(house.sign()->outcome, "signed");

  // The next lock is as the first one: the release was for once.
  lock_by_wrong_pins(house);
  EXPECT_EQ(poll(house).refusal, Code::cosign_pin_locked);
  EXPECT_EQ(house.centre.key_status(key_id).tries_left, 0);
}

TEST(Unlock, ALockedDeviceThatIsLostIsWipedWhenItAsks) {
  House house;
  ASSERT_OK(house.enrol());
  lock_by_wrong_pins(house);
  Desk desk(house.centre);
  ASSERT_OK(desk.act({.act = Act::wipe_device, .subject = "device-1"}));
  EXPECT_EQ(poll(house).refusal, Code::cosign_key_revoked);
  EXPECT_EQ(house.key_id(), "");
  EXPECT_EQ(house.world.msd->information().stop_reason, "cosign.key_revoked");
  // It has nothing more to ask: another enrolment is what is left.
  EXPECT_EQ(must(house.world.msd->poll()).refusal, Code::cosign_key_revoked);
}

TEST(Unlock, AShareThatIsRevokedIsNotAskedForAgain) {
  House house;
  ASSERT_OK(house.enrol());
  lock_by_wrong_pins(house);
  Desk desk(house.centre);
  ASSERT_OK(desk.act({.act = Act::disable_key, .subject = house.key_id()}));
  EXPECT_EQ(poll(house).refusal, Code::cosign_key_revoked);
  const std::size_t carried = house.carried.size();
  EXPECT_EQ(poll(house).refusal, Code::cosign_key_revoked);
  EXPECT_EQ(house.carried.size(), carried) << "what is final is not asked again";
}

}  // namespace
}  // namespace heqi::joined
