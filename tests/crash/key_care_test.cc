// A person's care of the key (the first one, another PIN, new shares, its end) with the death of
// each program, or an error of its disk, at its writes: afterwards the key signs with one PIN and
// one pair of shares, or is gone on both sides.
#include <heqi/base/text.h>
#include <heqi/sql/database.h>
#include <heqi/testing/expect.h>

#include "administrator.h"
#include "fault.h"
#include "model.h"

namespace heqi::faults {
namespace {

constexpr const char* kNextPin = "739184";

enum class Act { enrol, change_pin, refresh, unbind, wipe };
constexpr const char* kActs[] = {"enrolment", "change of the PIN", "refresh", "unbinding", "wipe"};

// wipe has the administrator order it, and the device hear of it with its next word.
base::Status wipe(World& world) {
  Administrator administrator(world);
  std::string key, device;
  HEQI_TRY(world.persist("the key", [&]() -> base::Status {
    HEQI_TRY(const device::Information now, world.information(0));
    key = now.key_id;
    return {};
  }));
  HEQI_TRY(world.persist("the device's name", [&]() -> base::Status {
    HEQI_TRY(device, administrator.device_of(key));
    return {};
  }));
  HEQI_TRY(world.persist("the order", [&]() -> base::Status {
    const auto done = administrator.act("wipe_device " + device);
    return done ? base::Status() : done.error();
  }));
  return world.persist("the device hears", [&]() -> base::Status {
    HEQI_TRY(device::Information now, world.information(0));
    if (now.key_id.empty()) return {};
    (void)world
        .with_terminal(0, [](program::Terminal& terminal, program::Person& person,
                             terminal::TerminalClient&) { return terminal.refresh_shares(person); })
        .has_value();
    HEQI_TRY(now, world.information(0));
    return now.key_id.empty() ? base::Status() : base::fail(base::Code::conflict, "not yet");
  });
}

base::Status act(World& world, Act what) {
  switch (what) {
    case Act::enrol:
      return world.enrol(0);
    case Act::change_pin:
      return world.change_pin(0, kNextPin);
    case Act::refresh:
      return world.refresh(0);
    case Act::unbind:
      return world.unbind(0);
    case Act::wipe:
      return wipe(world);
  }
  return {};
}

// failures_of is how many wrong tries stand at a key that is in use, at most.
std::int64_t failures_of(World& world) {
  const auto database = sql::Database::open({.url = world.module_database()});
  EXPECT_OK(database);
  const auto row = (*database)->with_snapshot([](sql::Transaction& tx) {
    return tx.get_row("SELECT MAX(failures) FROM module_joint_keys WHERE state = 'active'");
  });
  EXPECT_OK(row);
  return row ? row->int64(0) : -1;
}

using Origin = Template& (*)();

// origin_of is the platform that the act begins at.
Origin origin_of(Act what) {
  return what == Act::enrol ? first_started : enrolled;
}

// play has the first person do it under one fault, and then a contract signed by both. It gives how
// many programs died before the contract began.
int play(Act what, Program program, const std::string& fault) {
  const bool failed_before = ::testing::Test::HasFailure();
  const bool ends_key = what == Act::unbind || what == Act::wipe;
  SCOPED_TRACE(std::string(kActs[static_cast<int>(what)]) + ", " + name_of(program) + ": " + fault);
  auto world = World::open(origin_of(what)(), with_fault(program, fault));
  EXPECT_OK(world);
  if (!world) return -1;
  World& w = **world;
  const base::Status job = act(w, what);
  const int deaths = w.deaths();
  const base::Status rest = [&]() -> base::Status {
    HEQI_TRY(job);
    if (what == Act::enrol) {
      HEQI_TRY(w.enrol(1));
    }
    if (ends_key) {
      HEQI_TRY(w.enrol(0));
    }
    return sign_contract(w);
  }();
  EXPECT_TRUE(rest) << base::to_line(rest.error());
  if (rest) check_model(w, ends_key ? 1 : 0);
  EXPECT_EQ(failures_of(w), 0) << "a right PIN gives the tries back";
  EXPECT_LE(w.deaths(), 2);
  if (!failed_before && ::testing::Test::HasFailure()) ADD_FAILURE() << w.story() << w.logs();
  return deaths;
}

TEST(KeyCareCrash, ASampleOfFaultsLeavesOneKeyThatSigns) {
  EXPECT_GE(play(Act::change_pin, Program::device, "kill:2"), 1);
  EXPECT_GE(play(Act::refresh, Program::device, "kill:2"), 1);
  (void)play(Act::refresh, Program::module, "eio:24");
  (void)play(Act::unbind, Program::module, "kill:24");
  EXPECT_GE(play(Act::wipe, Program::device, "kill:2"), 1);
}

void play_every_call(Act what) {
  for (const Program program : {Program::module, Program::device})
    at_every_call(
        program, origin_of(what), [&](World& world) { return act(world, what); },
        [&](const std::string& fault) { return play(what, program, fault); });
}

TEST(KeyCareCrash, EveryCallDuringAnEnrolmentLeavesOneKey) {
  play_every_call(Act::enrol);
}

TEST(KeyCareCrash, EveryCallDuringAChangeOfThePinLeavesOnePin) {
  play_every_call(Act::change_pin);
}

TEST(KeyCareCrash, EveryCallDuringARefreshLeavesOnePairOfShares) {
  play_every_call(Act::refresh);
}

TEST(KeyCareCrash, EveryCallDuringAnUnbindingLeavesNoShare) {
  play_every_call(Act::unbind);
}

TEST(KeyCareCrash, EveryCallDuringAWipeLeavesNoShareOnEitherSide) {
  play_every_call(Act::wipe);
}

}  // namespace
}  // namespace heqi::faults
