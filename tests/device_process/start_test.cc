// What stops the start of heqi-device: a changed byte of its own file, a debugger, outside code.
#include <sys/ptrace.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "device_process.h"

extern char** environ;

namespace heqi::device {
namespace {

enum class Tracing { off, on };

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// Start is one attempt: what the program wrote to standard error until it ended, and how it ended.
struct Start {
  std::string said;
  int status = -1;

  Start(const std::string& program, const std::string& folder, Tracing tracing,
        const char* preload = nullptr) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const std::string file = folder + "/device.conf";
    const std::string setting = std::string("LD_PRELOAD=") + (preload != nullptr ? preload : "");
    std::vector<const char*> environment;
    for (char** one = environ; *one != nullptr; ++one) environment.push_back(*one);
    if (preload != nullptr) environment.push_back(setting.c_str());
    environment.push_back(nullptr);
    const pid_t id = ::fork();
    if (id == 0) {
      ::dup2(ends[1], 2);
      if (tracing == Tracing::on) ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
      ::execle(program.c_str(), program.c_str(), "--config", file.c_str(),
               static_cast<char*>(nullptr), environment.data());
      ::_exit(127);
    }
    ::close(ends[1]);
    if (tracing == Tracing::on) {
      ::waitpid(id, &status, 0);  // it stops where the program begins
      ::ptrace(PTRACE_CONT, id, nullptr, nullptr);
    }
    char block[512];
    ssize_t got = 0;
    // A program that starts all the same must not keep the test waiting.
    while (said.find("device.started") == std::string::npos &&
           (got = ::read(ends[0], block, sizeof block)) > 0)
      said.append(block, static_cast<std::size_t>(got));
    if (said.find("device.started") != std::string::npos) ::kill(id, SIGKILL);
    ::close(ends[0]);
    ::waitpid(id, &status, 0);
  }
  bool refused_with(std::string_view reason) const {
    return WIFEXITED(status) && WEXITSTATUS(status) == 1 && said.find(reason) != std::string::npos;
  }
};

class StartTest : public ::testing::Test {
 protected:
  // copy_of_program is the program with its manifest in the test's own folder.
  std::string copy_of_program(base::Bytes program) {
    const std::string path = folder_.path() + "/heqi-device";
    const auto manifest = base::read_file(std::string(HEQI_DEVICE_PROGRAM) + ".integrity", 1 << 16);
    EXPECT_OK(manifest);
    EXPECT_OK(base::write_file(path, program));
    EXPECT_OK(base::write_file(path + ".integrity", *manifest));
    ::chmod(path.c_str(), 0700);
    return path;
  }

  testing::TemporaryFolder folder_;
  Process configuration_{folder_.path()};
  base::Bytes program_ = *base::read_file(HEQI_DEVICE_PROGRAM, std::size_t{512} << 20);
};

// shows: KEP-11-a
TEST_F(StartTest, OneChangedByteStopsIt) {
  const std::string text = "One person's device.";
  const auto at = std::search(program_.begin(), program_.end(), text.begin(), text.end());
  ASSERT_NE(at, program_.end());
  *at ^= 0x20;
  const Start changed(copy_of_program(program_), folder_.path(), Tracing::off);
  EXPECT_TRUE(changed.refused_with("device.self_test")) << changed.said;
  EXPECT_FALSE(base::read_file(folder_.path() + "/keys/wrap.key", 64));
  *at ^= 0x20;
  const Start whole(copy_of_program(program_), folder_.path(), Tracing::off);
  EXPECT_NE(whole.said.find("device.started"), std::string::npos) << whole.said;
}

TEST_F(StartTest, AProgramWithoutItsManifestDoesNotStart) {
  const std::string path = copy_of_program(program_);
  ::unlink((path + ".integrity").c_str());
  const Start start(path, folder_.path(), Tracing::off);
  EXPECT_TRUE(start.refused_with("device.self_test")) << start.said;
}

// shows: KEP-11-b
TEST_F(StartTest, UnderADebuggerItDoesNotServe) {
  if (kSanitized)
    GTEST_SKIP() << "the sanitizer's own check at the end refuses a tracer; ./dev test asks this "
                    "without one";
  const Start start(HEQI_DEVICE_PROGRAM, folder_.path(), Tracing::on);
  EXPECT_TRUE(start.refused_with("debugger")) << start.said;
}

// has_symbols tells whether an ELF file has a table of symbols of its own.
bool has_symbols(const std::string& path) {
  return std::system(("readelf --sections --wide " + path + " | grep -q '\\.symtab'").c_str()) == 0;
}

// What is delivered is the release: stripped, and sealed afterwards.
// shows: KEP-11-b
TEST_F(StartTest, TheDeliveredFormHasNoSymbolsAndStarts) {
  if (kSanitized) GTEST_SKIP() << "nobody delivers a sanitized program";
  const std::string program = copy_of_program(program_);
  ASSERT_EQ(std::system(("strip --strip-all " + program).c_str()), 0);
  EXPECT_FALSE(has_symbols(program));
  EXPECT_TRUE(has_symbols(HEQI_SEAL_PROGRAM)) << "the question finds nothing where there is one";
  const Start unsealed(program, folder_.path(), Tracing::off);
  EXPECT_TRUE(unsealed.refused_with("device.self_test")) << unsealed.said;
  ASSERT_EQ(std::system((HEQI_SEAL_PROGRAM " --development " + program).c_str()), 0);
  const Start sealed(program, folder_.path(), Tracing::off);
  EXPECT_NE(sealed.said.find("device.started"), std::string::npos) << sealed.said;
}

// shows: KEP-10.2.3
TEST_F(StartTest, WithOutsideCodeInItItDoesNotServe) {
  if (kSanitized)
    GTEST_SKIP()
        << "the sanitizer's run-time wants to be loaded first; ./dev test asks this without one";
  const Start start(HEQI_DEVICE_PROGRAM, folder_.path(), Tracing::off,
                    "/lib/x86_64-linux-gnu/libm.so.6");
  EXPECT_TRUE(start.refused_with("preloaded")) << start.said;
}

}  // namespace
}  // namespace heqi::device
