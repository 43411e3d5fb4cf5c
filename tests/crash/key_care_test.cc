// A person's care of the key (another PIN, new shares, the end of the key) with the death of each
// program, or an error of its disk, at its writes: afterwards the key signs with one PIN and one
// pair of shares, or is gone on both sides.
#include <cstdio>

#include <heqi/base/text.h>
#include <heqi/sql/database.h>
#include <heqi/testing/expect.h>

#include "model.h"

namespace heqi::faults {
namespace {

constexpr const char* kNextPin = "739184";

enum class Program { server, module, device };
constexpr const char* kNames[] = {"server", "key centre", "device"};
enum class Act { change_pin, refresh, unbind };
constexpr const char* kActs[] = {"change of the PIN", "refresh", "unbinding"};

// enrolled is a platform with two persons whose devices have certificates.
Template& enrolled() {
  static const std::unique_ptr<Template> made = [] {
    auto out = Template::make();
    HEQI_CHECK(out.has_value());
    auto world = World::open(**out, {});
    HEQI_CHECK(world.has_value());
    for (std::size_t i = 0; i < 2; ++i) EXPECT_OK((*world)->enrol(i));
    EXPECT_OK((*world)->close());
    EXPECT_OK((*world)->keep());
    return *std::move(out);
  }();
  return *made;
}

WorldOptions with_fault(Program program, const std::string& fault) {
  WorldOptions options;
  (program == Program::server   ? options.server
   : program == Program::module ? options.module
                                : options.device) = {{"HEQI_FAULT", fault}};
  return options;
}

base::Status act(World& world, Act what) {
  switch (what) {
    case Act::change_pin:
      return world.change_pin(0, kNextPin);
    case Act::refresh:
      return world.refresh(0);
    case Act::unbind:
      return world.unbind(0);
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

// play has the first person do it under one fault, and then a contract signed by both. It gives how
// many programs died before the contract began.
int play(Act what, Program program, const std::string& fault) {
  const bool failed_before = ::testing::Test::HasFailure();
  SCOPED_TRACE(std::string(kActs[static_cast<int>(what)]) + ", " +
               kNames[static_cast<int>(program)] + ": " + fault);
  auto world = World::open(enrolled(), with_fault(program, fault));
  EXPECT_OK(world);
  if (!world) return -1;
  World& w = **world;
  const base::Status job = act(w, what);
  const int deaths = w.deaths();
  const base::Status rest = [&]() -> base::Status {
    HEQI_TRY(job);
    if (what == Act::unbind) {
      HEQI_TRY(w.enrol(0));
    }
    HEQI_TRY(w.make_contract());
    HEQI_TRY(w.sign(0));
    HEQI_TRY(w.sign(1));
    HEQI_TRY(w.finish());
    return w.close();
  }();
  EXPECT_TRUE(rest) << base::to_line(rest.error());
  if (rest) check_model(w, what == Act::unbind ? 1 : 0);
  EXPECT_EQ(failures_of(w), 0) << "a right PIN gives the tries back";
  EXPECT_LE(w.deaths(), 2);
  if (!failed_before && ::testing::Test::HasFailure()) ADD_FAILURE() << w.story() << w.logs();
  return deaths;
}

// calls_of is the number of write-type calls up to the end of the act, without a fault.
std::uint64_t calls_of(Act what, Program program) {
  const testing::TemporaryFolder folder;
  const std::string file = folder.path() + "/count";
  auto world = World::open(enrolled(), with_fault(program, "count:" + file));
  EXPECT_OK(world);
  if (!world) return 0;
  EXPECT_OK(act(**world, what));
  const auto text = base::read_file(file, 64);
  EXPECT_OK(text);
  EXPECT_OK((*world)->close());
  return text ? std::stoull(std::string(base::text_of(*text))) : 0;
}

TEST(KeyCareCrash, ASampleOfFaultsLeavesOneKeyThatSigns) {
  EXPECT_GE(play(Act::change_pin, Program::device, "kill:2"), 1);
  EXPECT_GE(play(Act::refresh, Program::device, "kill:2"), 1);
  (void)play(Act::refresh, Program::module, "eio:24");
  (void)play(Act::unbind, Program::module, "kill:24");
}

void play_every_call(Act what) {
  for (const Program program : {Program::module, Program::device}) {
    // A device writes when it is told to: the first call that it does not die at is the end.
    std::uint64_t calls = program == Program::device ? 200 : calls_of(what, program);
    for (const char* fault : {"kill:", "eio:"}) {
      for (std::uint64_t call = 1; call <= calls; ++call) {
        const int deaths = play(what, program, fault + std::to_string(call));
        if (::testing::Test::HasFatalFailure() || deaths < 0) return;
        if (program == Program::device && calls == 200 && deaths == 0) calls = call;
      }
      std::printf("%s, %s: %llu calls played\n", kNames[static_cast<int>(program)], fault,
                  static_cast<unsigned long long>(calls));
      std::fflush(stdout);
    }
  }
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

}  // namespace
}  // namespace heqi::faults
