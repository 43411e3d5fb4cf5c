// A device that is killed, or whose disk fails, at any write.
#include "tests/mortal_store.h"
#include "tests/world.h"

namespace heqi::device {
namespace {

using base::Code;

// work does what is left to do: enrolment, then one signature.
base::Status work(World& world) {
  for (int turn = 0; turn < 12; ++turn) {
    const Stage stage = world.msd->information().stage;
    base::Result<Step> step = Step{};
    if (stage == Stage::empty || stage == Stage::initialised) {
      step = world.enrol();
    } else {
      step = world.follow(world.msd->poll());
      if (step && step->kind == Step::Kind::choose_pin)
        step = world.follow(world.msd->choose_pin(pin_of(kRightPin)));
      if (step && step->kind == Step::Kind::confirm) step = world.confirm(*step);
    }
    HEQI_TRY(step);
    if (step->kind == Step::Kind::refused) return base::fail(step->refusal, "refused");
    if (!world.service.answers.empty() && step->kind == Step::Kind::idle) return {};
  }
  return base::fail(Code::internal, "the work does not end");
}

int count_writes() {
  World world(5);
  int writes = 1 << 20;
  MortalStore files(world.own_store, writes, MortalStore::Death::before);
  MortalStore keys(world.own_key_store, writes, MortalStore::Death::before);
  world.store = &files, world.key_store = &keys;
  world.restart();
  world.service.requests.push_back(world.request("contract"));
  EXPECT_OK(work(world));
  return (1 << 20) - writes;
}

// World's End checks that no counter ever comes twice.
// shows-part: MSSP-9.3-c2 (through crashes)
TEST(Crash, AtEveryWriteTheDeviceGoesOnWithoutUsingACounterTwice) {
  const int writes = count_writes();
  ASSERT_GT(writes, 10);
  for (const auto death : {MortalStore::Death::before, MortalStore::Death::after}) {
    for (int last = 1; last <= writes; ++last) {
      World world(5);
      int left = last;
      MortalStore files(world.own_store, left, death), keys(world.own_key_store, left, death);
      world.store = &files, world.key_store = &keys;
      world.restart();
      world.service.requests.push_back(world.request("contract"));
      EXPECT_FALSE(work(world).has_value()) << last;

      world.store = &world.own_store, world.key_store = &world.own_key_store;
      world.restart();
      ASSERT_OK(work(world)) << "died at write " << last;
      ASSERT_EQ(world.service.answers.size(), 1u) << last;
      world.verify(world.service.answers[0], "contract");
    }
  }
}

TEST(Crash, ADiskThatFailsOnceLosesNothing) {
  const int writes = count_writes();
  for (int failing = 1; failing <= writes; ++failing) {
    World world(5);
    int left = failing;
    MortalStore files(world.own_store, left, MortalStore::Death::before);
    MortalStore keys(world.own_key_store, left, MortalStore::Death::before);
    world.store = &files, world.key_store = &keys;
    world.restart();
    world.service.requests.push_back(world.request("contract"));
    EXPECT_ERROR(work(world), Code::storage) << failing;
    left = 1 << 20;  // the same process goes on
    ASSERT_OK(work(world)) << "failed at write " << failing;
    ASSERT_EQ(world.service.answers.size(), 1u);
    world.verify(world.service.answers[0], "contract");
  }
}

TEST(Crash, AnAnswerLostOnTheWayIsSentAgain) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("contract"));
  const auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  auto step = world.msd->confirm("tx-1", shown->display->digest, pin_of(kRightPin));
  while (step && step->destination == Destination::key_centre)
    step = world.msd->deliver(must(world.carry(*step)));
  ASSERT_OK(step);
  ASSERT_EQ(step->destination, Destination::service);  // and here the network fails
  world.restart();
  const auto again = world.follow(world.msd->poll());
  ASSERT_OK(again);
  EXPECT_EQ(again->outcome, "signed");
  ASSERT_EQ(world.service.answers.size(), 1u);
  world.verify(world.service.answers[0], "contract");
}

// shows-part: ECP-5.1.3.1-c (the device's store; log records, access control data, programs)
TEST(Crash, AStateOfAnotherDeviceOrAChangedOneIsNotOpened) {
  World world;
  ASSERT_OK(world.enrol());
  const base::Bytes state = world.own_store.files["msd.state"];
  for (std::size_t i = 0; i < state.size(); i += 97) {
    world.own_store.files["msd.state"][i] ^= 1;
    EXPECT_FALSE(Msd::open({world.own_store, world.own_key_store, world.random, world.clock})) << i;
    world.own_store.files["msd.state"] = state;
  }
  world.own_key_store.files["wrap.key"][0] ^= 1;
  EXPECT_ERROR(Msd::open({world.own_store, world.own_key_store, world.random, world.clock}),
               Code::invalid_signature);
  world.own_key_store.files.clear();
  EXPECT_ERROR(Msd::open({world.own_store, world.own_key_store, world.random, world.clock}),
               Code::storage);
}

// A snapshot of the whole disk put back.
TEST(Crash, ARestoredDiskIsNoticedByTheServers) {
  World world;
  ASSERT_OK(world.enrol());
  const auto files = world.own_store.files;
  world.service.requests.push_back(world.request("contract"));
  const auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  ASSERT_OK(world.confirm(*shown));
  world.own_store.files = files;
  world.restart();
  EXPECT_ERROR(world.follow(world.msd->poll()), Code::cosign_replayed);
}

}  // namespace
}  // namespace heqi::device
