// SIGKILL and disk errors at the write-type calls of server and key centre while two persons enrol
// and sign one contract; then a new start, the persons try again, and everything is checked.
#include <cstdio>

#include <heqi/testing/expect.h>

#include "fault.h"
#include "model.h"

namespace heqi::faults {
namespace {

// play runs the main job under one fault, lets everybody try again, and checks.
void play(Program program, const std::string& fault) {
  const bool failed_before = ::testing::Test::HasFailure();
  SCOPED_TRACE(std::string(name_of(program)) + " HEQI_FAULT=" + fault);
  auto world = World::open(first_started(), with_fault(program, fault));
  ASSERT_OK(world);
  const base::Status ran = (*world)->run();
  ASSERT_TRUE(ran) << base::to_line(ran.error()) << "\n" << (*world)->story() << (*world)->logs();
  const base::Status closed = (*world)->close();
  ASSERT_TRUE(closed) << base::to_line(closed.error()) << "\n"
                      << (*world)->story() << (*world)->logs();
  // The number of calls differs a little from run to run: the last ones may not come.
  EXPECT_LE((*world)->deaths(), 2) << (*world)->story();
  check_model(**world);
  if (!failed_before && ::testing::Test::HasFailure())
    ADD_FAILURE() << (*world)->story() << (*world)->logs();
}

std::uint64_t known_calls_of(Program program) {
  const auto job = [](World& world) { return world.run(); };
  static const std::uint64_t server = calls_of(Program::server, first_started(), job),
                             module = calls_of(Program::module, first_started(), job);
  return program == Program::server ? server : module;
}

TEST(CrashWithoutAFault, TheMainJobIsDoneAtTheFirstTry) {
  auto world = World::open(first_started(), {});
  ASSERT_OK(world);
  ASSERT_OK((*world)->run());
  ASSERT_OK((*world)->close());
  EXPECT_EQ((*world)->deaths(), 0);
  EXPECT_EQ((*world)->told().size(), 2u);
  check_model(**world);
}

// shows: MSSP-7.1-d
TEST(Crash, ASeededSampleOfDeathsAndDiskErrorsLosesNothing) {
  testing::SeededRandom random(20261121);
  for (const Program program : {Program::server, Program::module}) {
    const std::uint64_t calls = known_calls_of(program);
    ASSERT_GT(calls, 50u);
    for (int i = 0; i < 3; ++i) {
      play(program, "kill:" + std::to_string(1 + random.below(calls)));
      play(program, "eio:" + std::to_string(1 + random.below(calls)));
    }
  }
}

void play_every_call(Program program) {
  const std::uint64_t calls = known_calls_of(program), step = number_from("HEQI_CRASH_STEP");
  std::printf("%llu calls of the %s\n", static_cast<unsigned long long>(calls), name_of(program));
  for (std::uint64_t call = number_from("HEQI_CRASH_FROM"); call <= calls; call += step) {
    for (const char* kind : {"kill:", "eio:"}) {
      play(program, kind + std::to_string(call));
      if (::testing::Test::HasFatalFailure()) return;
    }
    if (call % 50 == 0) {
      std::printf("%llu calls played\n", static_cast<unsigned long long>(call));
      std::fflush(stdout);
    }
  }
}

TEST(Crash, EveryCallOfTheServerLosesNothing) {
  play_every_call(Program::server);
}

TEST(Crash, EveryCallOfTheKeyCentreLosesNothing) {
  play_every_call(Program::module);
}

}  // namespace
}  // namespace heqi::faults
