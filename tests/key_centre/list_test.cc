// Several documents with one PIN, with the real key centre: one try, one opening, one record of
// each document.
#include "joined.h"

#include <heqi/sql/database.h>

namespace heqi::joined {
namespace {

using base::Code;

struct ListHouse : House {
  ListHouse() { EXPECT_OK(enrol()); }
  static std::string id(int number) { return "list-" + std::to_string(number); }
  void wait(int count) {
    for (int i = 1; i <= count; ++i)
      world.service.requests.push_back(world.request("text " + std::to_string(i), id(i)));
  }
  base::Result<Step> collect() { return follow(world.msd->collect()); }
  std::size_t signed_documents() {
    std::size_t count = 0;
    for (const device::SignAnswer& answer : world.service.answers) {
      if (answer.outcome != device::SignOutcome::signed_) continue;
      world.verify(answer, "text " + answer.transaction_id.substr(5));
      ++count;
    }
    return count;
  }
  // recorded is how many signatures the key centre wrote down, and how many of them it has seen.
  std::pair<std::int64_t, std::int64_t> recorded() {
    auto database =
        must(sql::Database::open({.url = "sqlite:" + centre.folder.path() + "/module.db"}));
    const auto row = must(database->with_snapshot([](sql::Transaction& tx) {
      return tx.get_row("SELECT COUNT(*), COUNT(confirmed_at) FROM module_signatures");
    }));
    return {row.int64(0), row.int64(1)};
  }
};

// shows: MSSP-6.1-g2
TEST(List, TheKeyCentreRecordsEachDocumentOfOneOpening) {
  ListHouse house;
  house.wait(5);
  const auto before = house.recorded();
  const auto done = house.confirm(house.collect());
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "signed");
  EXPECT_EQ(house.signed_documents(), 5u);
  EXPECT_EQ(house.recorded(), std::pair(before.first + 5, before.second + 5));
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 3);
}

TEST(List, AWrongPinCostsOneTryForTheWholeList) {
  ListHouse house;
  house.wait(5);
  const auto before = house.recorded();
  const auto again = house.confirm(house.collect(), kWrongPin);
  ASSERT_OK(again);
  EXPECT_EQ(again->kind, Step::Kind::confirm);
  EXPECT_EQ(again->display->tries_left, 2u);
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 2);
  EXPECT_EQ(house.recorded(), before);
  EXPECT_TRUE(house.world.service.answers.empty());
  EXPECT_EQ(house.confirm(again)->outcome, "signed");
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 3);
}

TEST(List, TheLastWrongTryIsToldForEachDocument) {
  ListHouse house;
  house.wait(2);
  auto step = house.collect();
  while (step && step->kind == Step::Kind::confirm) step = house.confirm(step, kWrongPin);
  ASSERT_OK(step);
  EXPECT_EQ(step->refusal, Code::cosign_pin_delayed);
  EXPECT_TRUE(step->retry_at.has_value());
  ASSERT_EQ(house.world.service.answers.size(), 2u);
  for (const device::SignAnswer& answer : house.world.service.answers)
    EXPECT_EQ(answer.outcome, device::SignOutcome::pin_blocked);
}

TEST(List, TheLongestListIsSignedAtOnce) {
  ListHouse house;
  house.wait(static_cast<int>(device::kListItemsMax));
  const auto before = house.recorded();
  EXPECT_EQ(house.confirm(house.collect())->outcome, "signed");
  EXPECT_EQ(house.signed_documents(), device::kListItemsMax);
  EXPECT_EQ(house.recorded().first,
            before.first + static_cast<std::int64_t>(device::kListItemsMax));
}

// An opening that reached the key centre is answered once, whoever brings it again.
TEST(List, TheSameOpeningIsNotAnsweredAgain) {
  ListHouse house;
  house.wait(3);
  const auto list = must(house.collect());
  const Step opening =
      must(house.world.msd->confirm(device::kListId, list.display->digest, pin_of(kRightPin)));
  ASSERT_EQ(opening.destination, Destination::key_centre);
  const auto before = house.recorded();
  ASSERT_OK(house.carry(opening));
  EXPECT_FALSE(house.carry(opening).has_value());
  EXPECT_EQ(house.recorded().first, before.first + 3);
  EXPECT_EQ(house.confirm(house.collect())->outcome, "signed");
  EXPECT_EQ(house.signed_documents(), 3u);
}

// Every message to the key centre loses its answer once; then the device starts anew.
TEST(List, WhereverItBreaksEachDocumentIsSignedOnce) {
  for (int message = 1; message <= 2; ++message) {
    SCOPED_TRACE("message " + std::to_string(message));
    ListHouse house;
    house.wait(3);
    const auto list = house.collect();
    house.lost = message;
    EXPECT_FALSE(house.confirm(list).has_value());
    house.lost = 0;
    house.world.restart();
    house.centre.open();
    const auto left = house.collect();
    ASSERT_OK(left);
    if (left->kind == Step::Kind::confirm) {
      EXPECT_EQ(house.confirm(left)->outcome, "signed");
    }
    EXPECT_EQ(house.signed_documents(), 3u);
    EXPECT_EQ(house.sign()->outcome, "signed");
    EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 3);
  }
}

TEST(List, RefreshedSharesAreProvenByAList) {
  ListHouse house;
  house.lost = 2;  // the new shares are made and not yet proven
  EXPECT_FALSE(house.confirm(house.world.msd->refresh_shares()).has_value());
  house.lost = 0;
  house.world.restart();
  house.wait(2);
  EXPECT_EQ(house.confirm(house.collect())->outcome, "signed");
  EXPECT_EQ(house.signed_documents(), 2u);
  EXPECT_EQ(house.centre.key_status(house.key_id()).epoch, 2);
}

TEST(List, ARevokedKeySignsNoList) {
  ListHouse house;
  house.wait(2);
  const auto list = house.collect();
  ASSERT_OK(house.centre.ask(keys::Operation::revoke_share, keys::encode_name(house.key_id())));
  const auto refused = house.confirm(list);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->refusal, Code::cosign_key_revoked);
  EXPECT_EQ(house.signed_documents(), 0u);
  EXPECT_EQ(house.world.msd->information().stage, device::Stage::stopped);
}

// With `blind` the key centre would not know what it signs: one document at a time.
TEST(List, ADeviceWithAnotherExchangeShowsOneDocument) {
  ListHouse house;
  house.world.exchange = &device::blind_exchange();
  house.world.restart();
  house.wait(2);
  const auto one = house.collect();
  ASSERT_OK(one);
  EXPECT_EQ(one->display->kind, device::Display::Kind::document);
}

TEST(List, AnOrderToWipeEndsAListAtHand) {
  ListHouse house;
  house.wait(2);
  const auto list = house.collect();
  ASSERT_OK(house.centre.ask(keys::Operation::order_wipe, keys::encode_name("device-1")));
  const auto refused = house.confirm(list);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->refusal, Code::cosign_key_revoked);
  EXPECT_TRUE(house.world.msd->information().key_id.empty());
  EXPECT_EQ(house.signed_documents(), 0u);
}

}  // namespace
}  // namespace heqi::joined
