// What another process of the machine gets of a device process that runs, and where the process
// does not run. A test of root takes two users of its own; another user plays both parts itself.
#include <grp.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <filesystem>
#include <fstream>

#include "device_process.h"

namespace heqi::device {
namespace {

using terminal::TerminalClient;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr uid_t kOwner = 65533, kStranger = 65532;

bool is_root() {
  return ::geteuid() == 0;
}

// become takes another user's place for good, where root may.
void become(uid_t user) {
  if (!is_root()) return;
  if (::setgroups(0, nullptr) != 0 || ::setgid(user) != 0 || ::setuid(user) != 0) ::_exit(126);
}

// give lets a folder and all in it belong to a user, where root may.
void give(const std::string& folder, uid_t user) {
  if (!is_root()) return;
  EXPECT_EQ(::chown(folder.c_str(), user, user), 0);
  for (const auto& one : std::filesystem::recursive_directory_iterator(folder))
    EXPECT_EQ(::chown(one.path().c_str(), user, user), 0);
}

// Owned is heqi-device as a user of its own.
class Owned {
 public:
  Owned(const std::string& folder, uid_t user) {
    give(folder, user);
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const std::string file = folder + "/device.conf";
    id_ = ::fork();
    if (id_ == 0) {
      ::dup2(ends[1], 2);
      become(user);
      ::execl(HEQI_DEVICE_PROGRAM, HEQI_DEVICE_PROGRAM, "--config", file.c_str(),
              static_cast<char*>(nullptr));
      ::_exit(127);
    }
    ::close(ends[1]);
    char block[512];
    ssize_t got = 0;
    while (said.find("device.started") == std::string::npos &&
           (got = ::read(ends[0], block, sizeof block)) > 0)
      said.append(block, static_cast<std::size_t>(got));
    ::close(ends[0]);
  }
  ~Owned() {
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  bool started() const { return said.find("device.started") != std::string::npos; }
  pid_t id() const { return id_; }

  std::string said;

 private:
  pid_t id_ = -1;
};

// as_user runs a question in a process of its own and tells what it answered.
template <class Question>
bool as_user(uid_t user, const Question& question) {
  const pid_t id = ::fork();
  if (id == 0) {
    become(user);
    ::_exit(question() ? 1 : 0);
  }
  int status = 0;
  ::waitpid(id, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) <= 1) << status;
  return WEXITSTATUS(status) == 1;
}

bool opens(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  char octet = 0;
  const bool reads = ::read(file, &octet, 1) >= 0;
  ::close(file);
  return reads;
}

bool attaches(pid_t process) {
  if (::ptrace(PTRACE_SEIZE, process, nullptr, nullptr) != 0) return false;
  ::ptrace(PTRACE_DETACH, process, nullptr, nullptr);
  return true;
}

bool reads_memory(pid_t process, std::uintptr_t at) {
  char octets[16];
  iovec here{octets, sizeof octets};
  iovec there{reinterpret_cast<void*>(at), sizeof octets};
  return ::process_vm_readv(process, &here, 1, &there, 1, 0) > 0;
}

// stack_of is an address at which the process has memory; 0 where the maps are not to be read.
std::uintptr_t stack_of(pid_t process) {
  std::ifstream maps("/proc/" + std::to_string(process) + "/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.find("[stack]") != std::string::npos) return std::stoul(line, nullptr, 16);
  return 0;
}

class Outsider : public ::testing::Test {
 protected:
  testing::TemporaryFolder folder_;
  Process configuration_{folder_.path()};
};

// shows: KEP-12-0, KEP-11-b
TEST_F(Outsider, NeitherAnotherUserNorAnotherProgramOfTheSameOneReachesIt) {
  const Owned device(folder_.path(), kOwner);
  ASSERT_TRUE(device.started()) << device.said;
  if (is_root()) {
    ASSERT_TRUE(as_user(kOwner, [&] {
      auto own = TerminalClient::connect(configuration_.socket());
      return own && own->initialise().has_value();
    }));
  } else {
    ASSERT_OK(must(TerminalClient::connect(configuration_.socket())).initialise());
  }
  const std::string place = "/proc/" + std::to_string(device.id());
  const std::uintptr_t at = stack_of(device.id());

  // The same user: nothing of a living process that is not dumpable.
  const auto reaches = [&](const char* name) { return opens(place + "/" + name); };
  EXPECT_FALSE(as_user(kOwner, [&] { return attaches(device.id()); }));
  EXPECT_FALSE(as_user(kOwner, [&] { return reads_memory(device.id(), at != 0 ? at : 4096); }));
  for (const char* name : {"mem", "environ", "auxv", "syscall"})
    EXPECT_FALSE(as_user(kOwner, [&] { return reaches(name); })) << name;
  EXPECT_FALSE(as_user(kOwner, [&] { return ::open((place + "/fd/0").c_str(), O_RDONLY) >= 0; }));

  if (!is_root()) return;  // two users are needed for the rest
  EXPECT_FALSE(as_user(kStranger, [&] { return attaches(device.id()); }));
  EXPECT_FALSE(as_user(kStranger, [&] { return reads_memory(device.id(), at); }));
  for (const char* name : {"mem", "environ", "maps"})
    EXPECT_FALSE(as_user(kStranger, [&] { return reaches(name); })) << name;
  for (const char* name : {"/state/msd.state", "/keys/wrap.key"}) {
    EXPECT_TRUE(as_user(kOwner, [&] { return opens(folder_.path() + name); })) << name;
    EXPECT_FALSE(as_user(kStranger, [&] { return opens(folder_.path() + name); })) << name;
  }
  EXPECT_FALSE(as_user(kStranger, [&] {
    auto foreign = TerminalClient::connect(configuration_.socket());
    return foreign && foreign->information().has_value();
  }));
  // The questions find what there is: root gets it.
  EXPECT_TRUE(opens(place + "/environ"));
}

// No memory of it is shared with anybody.
// shows: KEP-12-0
TEST_F(Outsider, ItSharesNoMemoryThatIsWritten) {
  const Owned device(folder_.path(), kOwner);
  ASSERT_TRUE(device.started()) << device.said;
  std::ifstream maps("/proc/" + std::to_string(device.id()) + "/maps");
  if (!maps || maps.peek() == EOF) GTEST_SKIP() << "only root may look";
  for (std::string line; std::getline(maps, line);) {
    const std::string rights = line.substr(line.find(' ') + 1, 4);
    EXPECT_FALSE(rights[1] == 'w' && rights[3] == 's') << line;
  }
}

// shows: KEP-12-b
TEST_F(Outsider, WhereThePolicySaysSoItDoesNotRunAsRoot) {
  const Process refusing(folder_.path(), "environment = \"refuse\"\n");
  const Owned as_anyone(folder_.path(), kOwner);
  EXPECT_TRUE(as_anyone.started()) << as_anyone.said;
  if (!is_root()) GTEST_SKIP() << "only root can start it as root";
  const Owned as_superuser(folder_.path(), 0);
  EXPECT_FALSE(as_superuser.started());
  EXPECT_NE(as_superuser.said.find("superuser"), std::string::npos) << as_superuser.said;
}

// shows: KEP-16
TEST_F(Outsider, TheTestsOfTheFirstRunAndOnDemandLookForADebuggerToo) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer does not bear a tracer";
  Process process(folder_.path());
  process.start();
  auto device = must(TerminalClient::connect(process.socket()));
  if (::ptrace(PTRACE_SEIZE, process.id(), nullptr, nullptr) != 0)
    GTEST_SKIP() << "only root may attach";
  EXPECT_ERROR(device.initialise(), base::Code::device_self_test);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() + "/keys/wrap.key"));
  EXPECT_EQ(must(device.self_test()).state, LifeState::error);
  EXPECT_NE(must(device.status()).failure.find("environment"), std::string::npos);
  ASSERT_EQ(::ptrace(PTRACE_INTERRUPT, process.id(), nullptr, nullptr), 0);
  ::waitpid(process.id(), nullptr, __WALL);
  ASSERT_EQ(::ptrace(PTRACE_DETACH, process.id(), nullptr, nullptr), 0);
  EXPECT_EQ(must(device.self_test()).state, LifeState::factory);
  EXPECT_OK(device.initialise());
}

}  // namespace
}  // namespace heqi::device
