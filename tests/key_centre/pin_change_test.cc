#include "joined.h"

namespace heqi::joined {
namespace {

using base::Code;

constexpr std::string_view kNewPin = "905172";

base::Result<Step> change_pin(House& house, std::string_view old_pin, std::string_view new_pin) {
  HEQI_TRY(const Step asked, house.confirm(house.world.msd->change_pin(), old_pin));
  if (asked.kind != Step::Kind::choose_pin) return asked;
  return house.follow(house.world.msd->choose_pin(pin_of(new_pin)));
}

// shows: MSSP-7.2-d3
TEST(PinChange, TheOldPinIsOfNoUseAfterwardsAndTheKeyCentreHasTheRecord) {
  House house;
  ASSERT_OK(house.enrol());
  const auto before = house.centre.key_status(house.key_id()).counter;
  const auto changed = change_pin(house, kRightPin, kNewPin);
  ASSERT_OK(changed);
  EXPECT_EQ(changed->outcome, "pin_changed");
  EXPECT_GT(house.centre.key_status(house.key_id()).counter, before);
  EXPECT_EQ(house.sign(kRightPin)->kind, Step::Kind::confirm);  // asks again: it was wrong
  house.world.restart();
  const auto done = house.sign(kNewPin);
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "signed");
}

TEST(PinChange, AWrongOldPinChangesNothingAndCosts) {
  House house;
  ASSERT_OK(house.enrol());
  const auto refused = change_pin(house, kWrongPin, kNewPin);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->kind, Step::Kind::confirm);
  EXPECT_EQ(refused->display->tries_left, 2u);
  ASSERT_OK(house.world.msd->cancel("pin-change"));
  EXPECT_EQ(house.sign(kNewPin)->kind, Step::Kind::confirm);
  house.world.restart();
  EXPECT_EQ(house.sign(kRightPin)->outcome, "signed");
}

TEST(PinChange, ABadNewPinIsRefusedAndAnotherMayBeChosen) {
  House house;
  ASSERT_OK(house.enrol());
  ASSERT_OK(house.confirm(house.world.msd->change_pin()));
  EXPECT_ERROR(house.world.msd->choose_pin(pin_of("12345")), Code::malformed);
  EXPECT_ERROR(house.world.msd->choose_pin(pin_of("12345a")), Code::malformed);
  const auto changed = house.follow(house.world.msd->choose_pin(pin_of(kNewPin)));
  ASSERT_OK(changed);
  EXPECT_EQ(changed->outcome, "pin_changed");
}

TEST(PinChange, WithoutTheOldPinThereIsNoNewOne) {
  House house;
  ASSERT_OK(house.enrol());
  EXPECT_ERROR(house.world.msd->choose_pin(pin_of(kNewPin)), Code::device_state);
  ASSERT_OK(house.world.msd->change_pin());
  EXPECT_ERROR(house.world.msd->choose_pin(pin_of(kNewPin)), Code::device_state);
  ASSERT_OK(house.confirm(house.world.msd->poll(), kWrongPin));
  EXPECT_ERROR(house.world.msd->choose_pin(pin_of(kNewPin)), Code::device_state);
}

TEST(PinChange, ACrashLeavesTheOldPinOrTheNewOne) {
  for (const bool chosen : {false, true}) {
    House house;
    ASSERT_OK(house.enrol());
    ASSERT_OK(house.confirm(house.world.msd->change_pin()));
    if (chosen) {
      ASSERT_OK(house.world.msd->choose_pin(pin_of(kNewPin)));  // its message is lost
    }
    house.world.restart();
    EXPECT_EQ(house.sign(chosen ? kRightPin : kNewPin)->kind, Step::Kind::confirm);
    house.world.restart();
    EXPECT_EQ(house.sign(chosen ? kNewPin : kRightPin)->outcome, "signed");
  }
}

TEST(PinChange, AStoppedOrUnenrolledDeviceHasNone) {
  House house;
  EXPECT_ERROR(house.world.msd->change_pin(), Code::device_state);
  ASSERT_OK(house.world.msd->initialise());
  EXPECT_ERROR(house.world.msd->change_pin(), Code::device_state);
}

}  // namespace
}  // namespace heqi::joined
