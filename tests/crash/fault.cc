#include "fault.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <heqi/base/text.h>
#include <heqi/testing/expect.h>

namespace heqi::faults {
namespace {

using Steady = std::chrono::steady_clock;  // of the test's own machine, nothing is simulated

// Kept is a platform that is made anew after ten minutes.
struct Kept {
  std::unique_ptr<Template> made;
  Steady::time_point made_at;

  Template& get(const std::function<std::unique_ptr<Template>()>& make) {
    const Steady::time_point now = Steady::now();
    if (made == nullptr || now - made_at > std::chrono::minutes(10)) {
      made = make();
      made_at = now;
    }
    return *made;
  }
};

std::unique_ptr<Template> make_first_started() {
  auto out = Template::make();
  HEQI_CHECK(out.has_value());
  return *std::move(out);
}

std::unique_ptr<Template> make_enrolled() {
  auto out = make_first_started();
  auto world = World::open(*out, {});
  HEQI_CHECK(world.has_value());
  for (std::size_t i = 0; i < 2; ++i) EXPECT_OK((*world)->enrol(i));
  EXPECT_OK((*world)->close());
  EXPECT_OK((*world)->keep());
  return out;
}

}  // namespace

const char* name_of(Program program) {
  constexpr const char* names[] = {"server", "key centre", "device"};
  return names[static_cast<std::size_t>(program)];
}

WorldOptions with_fault(Program program, const std::string& fault) {
  WorldOptions options;
  (program == Program::server   ? options.server
   : program == Program::module ? options.module
                                : options.device) = {{"HEQI_FAULT", fault}};
  return options;
}

Template& first_started() {
  static Kept kept;
  return kept.get(make_first_started);
}

Template& enrolled() {
  static Kept kept;
  return kept.get(make_enrolled);
}

base::Status sign_contract(World& world) {
  HEQI_TRY(world.make_contract());
  HEQI_TRY(world.sign(0));
  HEQI_TRY(world.sign(1));
  HEQI_TRY(world.finish());
  return world.close();
}

std::uint64_t calls_of(Program program, Template& origin,
                       const std::function<base::Status(World&)>& act) {
  const testing::TemporaryFolder folder;
  const std::string file = folder.path() + "/count";
  auto world = World::open(origin, with_fault(program, "count:" + file));
  EXPECT_OK(world);
  if (!world) return 0;
  EXPECT_OK(act(**world));
  const auto text = base::read_file(file, 64);
  EXPECT_OK(text);
  EXPECT_OK((*world)->close());
  return text ? std::stoull(std::string(base::text_of(*text))) : 0;
}

void at_every_call(Program program, Template& (*origin)(),
                   const std::function<base::Status(World&)>& act,
                   const std::function<int(const std::string& fault)>& play) {
  const std::uint64_t from = number_from("HEQI_CRASH_FROM"), step = number_from("HEQI_CRASH_STEP");
  // A device writes when it is told to: the first call that it does not die at is the end.
  constexpr std::uint64_t kDeviceCallsMax = 200;
  const bool is_device = program == Program::device;
  std::uint64_t calls = is_device ? kDeviceCallsMax : calls_of(program, origin(), act);
  for (const char* fault : {"kill:", "eio:"}) {
    for (std::uint64_t call = from; call <= calls; call += step) {
      const int deaths = play(fault + std::to_string(call));
      if (::testing::Test::HasFatalFailure() || deaths < 0) return;
      if (is_device && calls == kDeviceCallsMax && deaths == 0) calls = call;
    }
    std::printf("%s, %s: %llu calls\n", name_of(program), fault,
                static_cast<unsigned long long>(calls));
    std::fflush(stdout);
  }
  EXPECT_GT(calls, 3u) << name_of(program);
}

std::uint64_t number_from(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? 1 : std::stoull(text);
}

}  // namespace heqi::faults
