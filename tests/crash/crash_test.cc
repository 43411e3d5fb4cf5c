// SIGKILL and disk errors at the write-type calls of server and key centre while two persons enrol
// and sign one contract; then a new start, the persons try again, and everything is checked.
#include <csignal>

#include <heqi/testing/expect.h>

#include "model.h"

namespace heqi::faults {
namespace {

enum class Program { server, module };
const char* name_of(Program program) {
  return program == Program::server ? "server" : "key centre";
}

Template& origin() {
  static const std::unique_ptr<Template> made = [] {
    auto out = Template::make();
    HEQI_CHECK(out.has_value());
    return *std::move(out);
  }();
  return *made;
}

WorldOptions with_fault(Program program, const std::string& fault) {
  WorldOptions options;
  (program == Program::server ? options.server : options.module) = {{"HEQI_FAULT", fault}};
  return options;
}

// play runs the main job under one fault, lets everybody try again, and checks.
void play(Program program, const std::string& fault) {
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
  if (::testing::Test::HasFailure()) ADD_FAILURE() << (*world)->story() << (*world)->logs();
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
    for (int i = 0; i < 3; ++i) {
      play(program, "kill:" + std::to_string(1 + random.below(calls)));
      play(program, "eio:" + std::to_string(1 + random.below(calls)));
    }
  }
}

TEST(Crash, EveryCallOfTheServerLosesNothing) {
  const std::uint64_t calls = known_calls_of(Program::server);
  for (std::uint64_t call = 1; call <= calls; ++call) {
    play(Program::server, "kill:" + std::to_string(call));
    play(Program::server, "eio:" + std::to_string(call));
    if (HasFailure()) return;
  }
}

TEST(Crash, EveryCallOfTheKeyCentreLosesNothing) {
  const std::uint64_t calls = known_calls_of(Program::module);
  for (std::uint64_t call = 1; call <= calls; ++call) {
    play(Program::module, "kill:" + std::to_string(call));
    play(Program::module, "eio:" + std::to_string(call));
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace heqi::faults
