// SIGKILL and disk errors at the write-type calls of server and key centre while two persons enrol
// and sign one contract; then a new start, the persons try again, and everything is checked.
#include <cstdio>
#include <cstdlib>

#include <heqi/testing/expect.h>

#include "model.h"

namespace heqi::faults {
namespace {

enum class Program { server, module };
const char* name_of(Program program) {
  return program == Program::server ? "server" : "key centre";
}

// origin is made anew now and then: the session of its administrator ends after a while.
Template& origin() {
  using Steady = std::chrono::steady_clock;
  static std::unique_ptr<Template> made;
  static Steady::time_point made_at;
  const Steady::time_point now = Steady::now();  // of the test's own machine, nothing is simulated
  if (made == nullptr || now - made_at > std::chrono::minutes(10)) {
    auto fresh = Template::make();
    HEQI_CHECK(fresh.has_value());
    made = *std::move(fresh);
    made_at = now;
  }
  return *made;
}

WorldOptions with_fault(Program program, const std::string& fault) {
  WorldOptions options;
  (program == Program::server ? options.server : options.module) = {{"HEQI_FAULT", fault}};
  return options;
}

// play runs the main job under one fault, lets everybody try again, and checks.
void play(Program program, const std::string& fault) {
  const bool failed_before = ::testing::Test::HasFailure();
  SCOPED_TRACE(std::string(name_of(program)) + " HEQI_FAULT=" + fault);
  auto world = World::open(origin(), with_fault(program, fault));
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

// calls_of is the number of write-type calls of a program in the main job, without a fault.
std::uint64_t calls_of(Program program) {
  const testing::TemporaryFolder folder;
  const std::string file = folder.path() + "/count";
  auto world = World::open(origin(), with_fault(program, "count:" + file));
  EXPECT_OK(world);
  if (!world) return 0;
  EXPECT_OK((*world)->run());
  EXPECT_OK((*world)->close());
  const auto text = base::read_file(file, 64);
  EXPECT_OK(text);
  return text ? std::stoull(std::string(base::text_of(*text))) : 0;
}

std::uint64_t known_calls_of(Program program) {
  static const std::uint64_t server = calls_of(Program::server), module = calls_of(Program::module);
  return program == Program::server ? server : module;
}

TEST(CrashWithoutAFault, TheMainJobIsDoneAtTheFirstTry) {
  auto world = World::open(origin(), {});
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
    for (int i = 0; i < 2; ++i) {
      play(program, "kill:" + std::to_string(1 + random.below(calls)));
      play(program, "eio:" + std::to_string(1 + random.below(calls)));
    }
  }
}

// Which calls the long run plays: HEQI_CRASH_FROM (1) and every HEQI_CRASH_STEP-th (1) after it, so
// that several runs can share the work.
std::uint64_t number_from(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 1 : std::stoull(text);
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
