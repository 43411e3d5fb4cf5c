#include <heqi/base/text.h>

#include "joined.h"

namespace heqi::joined {
namespace {

using base::Code;

// shows: KEP-17.1-h
TEST(Leaving, AnUnboundUserSignsNoMoreHereAndTheShareOfTheKeyCentreIsGone) {
  House house;
  ASSERT_OK(house.enrol());
  const std::string key_id = house.key_id();
  const auto files = house.world.own_store.files;
  const auto done = house.follow(house.world.msd->unbind());
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "unbound");
  EXPECT_EQ(house.world.msd->information().stage, device::Stage::initialised);
  EXPECT_TRUE(house.world.msd->information().certificate.empty());
  EXPECT_ERROR(house.world.msd->poll(), Code::device_state);
  EXPECT_EQ(house.centre.key_status(key_id).state, "revoked");
  // Also not with a copy of the files of before.
  const auto after = house.world.own_store.files;
  house.world.own_store.files = files;
  house.world.restart();
  house.world.service.requests.push_back(house.world.request("copy"));
  const auto copy = house.confirm(house.follow(house.world.msd->poll()));
  EXPECT_FALSE(copy && copy->outcome == "signed");
  house.world.own_store.files = after;
  house.world.restart();
  // Another binding is possible.
  ASSERT_OK(house.enrol());
  EXPECT_NE(house.key_id(), key_id);
  EXPECT_EQ(house.sign()->outcome, "signed");
}

TEST(Leaving, AnUnbindingWhoseAnswerWasLostIsFinishedByTheNext) {
  House house;
  ASSERT_OK(house.enrol());
  house.lost = 1;
  EXPECT_ERROR(house.follow(house.world.msd->unbind()), Code::timeout);
  house.lost = 0;
  house.world.restart();
  const auto done = house.follow(house.world.msd->unbind());
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "unbound");
}

// shows: MSSP-7.2-d2
TEST(Leaving, ALostDeviceIsStoppedAtOnceAndErasesItselfWhenItComesBack) {
  House house;
  ASSERT_OK(house.enrol());
  const std::string key_id = house.key_id();
  house.world.service.requests.push_back(house.world.request("text"));
  const auto shown = house.follow(house.world.msd->poll());  // the thief has it on the screen
  ASSERT_OK(house.centre.ask(keys::Operation::order_wipe, keys::encode_name("device-1")));
  EXPECT_EQ(house.centre.key_status(key_id).state, "revoked");
  const auto refused = house.confirm(shown);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->kind, Step::Kind::refused);
  EXPECT_EQ(refused->refusal, Code::cosign_key_revoked);
  EXPECT_EQ(house.world.msd->information().stage, device::Stage::stopped);
  EXPECT_TRUE(house.world.msd->information().key_id.empty());
  house.world.restart();
  EXPECT_TRUE(house.world.msd->information().key_id.empty());
  EXPECT_TRUE(house.world.service.answers.empty());
  EXPECT_ERROR(house.centre.ask(keys::Operation::order_wipe, keys::encode_name("device-9")),
               Code::not_found);
}

TEST(Leaving, AWipeOrderOutlivesARestartOfTheKeyCentreAndALostConfirmation) {
  House house;
  ASSERT_OK(house.enrol());
  house.world.service.requests.push_back(house.world.request("text"));
  const auto shown = house.follow(house.world.msd->poll());
  ASSERT_OK(house.centre.ask(keys::Operation::order_wipe, keys::encode_name("device-1")));
  house.centre.open();
  house.lost = 2;
  EXPECT_ERROR(house.confirm(shown), Code::timeout);
  house.world.restart();
  EXPECT_EQ(house.world.msd->information().stage, device::Stage::stopped);
  EXPECT_TRUE(house.world.msd->information().key_id.empty());
}

// shows-part: KEP-17.1-h (the share is refused within a second of its revocation)
TEST(Leaving, ARevocationHoldsForTheVeryNextMessage) {
  House house;
  ASSERT_OK(house.enrol());
  house.world.service.requests.push_back(house.world.request("text"));
  const auto shown = house.follow(house.world.msd->poll());
  ASSERT_OK(house.centre.ask(keys::Operation::revoke_share, keys::encode_name(house.key_id())));
  const auto refused = house.confirm(shown);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->refusal, Code::cosign_key_revoked);
}

}  // namespace
}  // namespace heqi::joined
