// What the administrator does with the users' keys, and what stands in the record of acts.
#include "administered.h"

#include <filesystem>

namespace heqi::joined {
namespace {

using base::Code;

// lose_the_database leaves the folder of the root wrapping key, and nothing else.
void lose_the_database(Centre& centre) {
  centre.module.reset();
  for (const char* file : {"/module.db", "/module.db-wal", "/module.db-shm"})
    std::filesystem::remove(centre.folder.path() + file);
  centre.files.files.clear();
  centre.open();
}

// sign_again signs; a message that the centre refused because it fell out of the order is followed
// by a resynchronisation.
base::Result<Step> sign_again(House& house, std::string_view pin = kRightPin) {
  auto done = house.sign(pin);
  for (int i = 0; i < 2 && !done; ++i) done = house.sign(pin);
  return done;
}

// shows: KEP-10.1-b
TEST(Administrator, ListsBacksUpRestoresDisablesAndDeletesKeysAndSeesNone) {
  House house;
  ASSERT_OK(house.enrol());
  ASSERT_EQ(house.sign()->outcome, "signed");
  const std::string key_id = house.key_id();
  const std::vector<base::Bytes> secrets = secrets_of(house).all();
  base::Bytes page;
  {
    Desk desk(house.centre);
    ASSERT_EQ(desk.keys().size(), 1u);
    EXPECT_EQ(desk.keys()[0].key_id, key_id);
    EXPECT_EQ(desk.keys()[0].state, "active");
    page = desk.back_up();
    for (const base::Bytes& answer : desk.seen)
      for (const base::Bytes& secret : secrets) EXPECT_FALSE(holds(answer, secret));
  }
  ASSERT_EQ(house.sign()->outcome, "signed") << "the life goes on after the backup";

  lose_the_database(house.centre);
  Desk desk(house.centre);
  EXPECT_TRUE(desk.keys().empty());
  EXPECT_FALSE(sign_again(house).has_value());
  const auto back = desk.restore(page);
  ASSERT_OK(back);
  EXPECT_EQ(back->keys, 1);
  EXPECT_EQ(back->known, 0);
  const auto waits = sign_again(house);
  ASSERT_OK(waits);
  EXPECT_EQ(waits->refusal, Code::cosign_pin_delayed) << "a restored key has tries again";
  EXPECT_EQ(house.centre.key_status(key_id).tries_left, 3);
  EXPECT_ERROR(desk.act({.act = Act::unlock_key, .subject = key_id}), Code::malformed);
  ASSERT_OK(desk.act({.act = Act::unlock_key, .subject = key_id, .reason = "seen at desk 3"}));
  const auto signed_again = sign_again(house);
  ASSERT_OK(signed_again);
  EXPECT_EQ(signed_again->outcome, "signed");

  // What is known is left as it is: a wrong PIN counts on.
  EXPECT_EQ(sign_again(house, kWrongPin)->kind, Step::Kind::confirm);
  EXPECT_EQ(house.centre.key_status(key_id).tries_left, 2);
  EXPECT_EQ(desk.restore(page)->known, 1);
  EXPECT_EQ(house.centre.key_status(key_id).tries_left, 2);

  EXPECT_ERROR(desk.act({.act = Act::delete_key, .subject = key_id}), Code::conflict);
  ASSERT_OK(desk.act({.act = Act::disable_key, .subject = key_id}));
  EXPECT_EQ(desk.keys()[0].state, "revoked");
  EXPECT_ERROR(desk.act({.act = Act::delete_key, .subject = key_id}), Code::conflict);
  ASSERT_OK(house.centre.ask(keys::Operation::heard_ended, keys::encode_names({key_id})));
  ASSERT_OK(desk.act({.act = Act::delete_key, .subject = key_id}));
  EXPECT_TRUE(desk.keys().empty());
  EXPECT_ERROR(desk.act({.act = Act::delete_key, .subject = key_id}), Code::cosign_key_unknown);
  EXPECT_EQ(desk.restore(page)->keys, 0) << "a deleted key came back";
  EXPECT_TRUE(desk.keys().empty());
  for (const base::Bytes& answer : desk.seen)
    for (const base::Bytes& secret : secrets) EXPECT_FALSE(holds(answer, secret));
}

TEST(Administrator, APageThatWasChangedOrIsAnotherCentresIsNotRestored) {
  House house;
  ASSERT_OK(house.enrol());
  base::Bytes page = Desk(house.centre).back_up();
  House other(2);
  Desk desk(other.centre);
  EXPECT_ERROR(desk.restore(page), Code::denied);
  EXPECT_ERROR(desk.restore({}), Code::denied);
  lose_the_database(house.centre);
  Desk own(house.centre);
  for (const std::size_t at : {std::size_t{0}, page.size() / 2, page.size() - 1}) {
    page[at] ^= 1;
    EXPECT_ERROR(own.restore(page), Code::denied);
    page[at] ^= 1;
  }
  EXPECT_TRUE(own.keys().empty());
  EXPECT_OK(own.restore(page));
}

TEST(Administrator, APageDoesNotTakeTheKeysOfACentreThatIsInUse) {
  House house;
  ASSERT_OK(house.enrol());
  const base::Bytes page = Desk(house.centre).back_up();
  lose_the_database(house.centre);
  // Another device begins a life here before the page comes.
  const auto key = must(crypto::PrivateKey::generate(house.world.random));
  const auto point = key.public_key().encode();
  ASSERT_OK(house.centre.ask(
      keys::Operation::bind_device,
      keys::encode_device_binding({"newcomer", {point.begin(), point.end()}, base::Bytes(16, 7)})));
  Desk desk(house.centre);
  EXPECT_ERROR(desk.restore(page), Code::conflict);
  EXPECT_TRUE(desk.keys().empty());
}

// shows: KEP-10.1-a
TEST(Administrator, EveryActOfEitherRoleStandsInTheRecordWithItsRole) {
  House house;
  ASSERT_OK(house.enrol());
  const std::string key_id = house.key_id();
  ASSERT_EQ(house.sign()->outcome, "signed");
  ASSERT_OK(house.sign(kWrongPin));
  house.world.restart();
  ASSERT_EQ(house.confirm(house.world.msd->refresh_shares())->outcome, "refreshed");
  ASSERT_EQ(house.follow(house.world.msd->unbind())->outcome, "unbound");
  Desk desk(house.centre);
  EXPECT_ERROR(desk.act({.act = Act::disable_key, .subject = "00"}), Code::cosign_key_unknown);
  const auto acts = desk.acts();
  const auto count = [&](device::Role role, std::string_view act, std::string_view subject,
                         std::string_view outcome) {
    return std::count_if(acts.begin(), acts.end(), [&](const keys::RecordedAct& one) {
      return one.role == role && one.act == act && one.subject == subject && one.outcome == outcome;
    });
  };
  using device::Role;
  EXPECT_EQ(count(Role::user, "bind_device", "device-1", "done"), 1);
  EXPECT_EQ(count(Role::user, "make_key", key_id, "done"), 1);
  EXPECT_EQ(count(Role::user, "sign", key_id, "done"), 3);  // request, contract, refreshed share
  EXPECT_EQ(count(Role::user, "sign", key_id, "cosign.wrong_pin"), 1);
  EXPECT_EQ(count(Role::user, "refresh_shares", key_id, "done"), 1);
  EXPECT_EQ(count(Role::user, "unbind", "device-1", "done"), 1);
  EXPECT_EQ(count(Role::administrator, "disable_key", "00", "cosign.key_unknown"), 1);
  EXPECT_EQ(count(Role::administrator, "change_password", "", "done"), 1);
  for (const keys::RecordedAct& one : acts)
    EXPECT_TRUE(one.role == Role::administrator || one.role == Role::user);
}

}  // namespace
}  // namespace heqi::joined
