// Who may use up whose tries: nobody but the device itself, however many connections there are.
#include "joined.h"

namespace heqi::joined {
namespace {

using base::Code;

// The lock is no weapon: what is not signed by the device costs it nothing.
// shows-part: KEP-L2-b (that others cannot use up the tries)
TEST(Tries, ForgedChangedAndForeignMessagesChargeNobody) {
  House house(1);
  ASSERT_OK(house.enrol());
  house.world.service.requests.push_back(house.world.request("text"));
  const auto shown = house.follow(house.world.msd->poll());
  ASSERT_OK(shown);
  const auto sent = house.world.msd->confirm(shown->display->transaction_id, shown->display->digest,
                                             pin_of(kWrongPin));
  ASSERT_OK(sent);
  const base::Bytes honest = sent->message;
  for (std::size_t i = 0; i < honest.size(); i += 7) {
    base::Bytes changed = honest;
    changed[i] ^= 1;
    EXPECT_FALSE(house.centre.ask(keys::Operation::device_message, changed).has_value()) << i;
  }
  for (const base::Bytes& old : house.carried)
    EXPECT_FALSE(house.centre.ask(keys::Operation::device_message, old).has_value());
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 3);
  EXPECT_EQ(house.centre.key_status(house.key_id()).state, "active");
}

// shows: MSSP-7.2-d2
TEST(Tries, TheyAreKeptOverRestartsOfBothSides) {
  House house;
  ASSERT_OK(house.enrol());
  int wrong = 0;
  while (house.world.msd->information().stage == device::Stage::enrolled && wrong < 20) {
    house.world.restart();
    house.centre.open();
    const auto step = house.sign(kWrongPin);
    ASSERT_OK(step);
    ++wrong;
    EXPECT_NE(step->outcome, "signed");
    house.world.clock.advance(std::chrono::hours(25));
    house.world.service.answers.clear();
  }
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 0);
  EXPECT_LE(wrong, 10);
  house.centre.open();
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 0);
}

}  // namespace
}  // namespace heqi::joined
