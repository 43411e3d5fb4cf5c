#include <heqi/base/confinement.h>
#include <heqi/base/file_store.h>
#include <heqi/testing/expect.h>

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>

namespace heqi::base {
namespace {

// inside runs act in a process of its own that was confined, and gives what it returns.
int inside(Network network, const std::function<int()>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    NullLog log;
    ::_exit(confine_process(network, log) ? act() : 99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

bool is_refused(long result) {
  return result == -1 && errno == EPERM;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

TEST(Confinement, NoProgramAndNoProcessIsStarted) {
  if (kSanitized)
    GTEST_SKIP() << "a sanitizer's run-time starts processes; ./dev test asks this without one";
  EXPECT_EQ(inside(Network::allowed,
                   [] {
                     char path[] = "/bin/true";
                     char* const arguments[] = {path, nullptr};
                     return is_refused(::execv(path, arguments)) ? 0 : 1;
                   }),
            0);
  EXPECT_EQ(inside(Network::allowed,
                   [] {
                     const pid_t child = ::fork();
                     if (child == 0) ::_exit(0);
                     return is_refused(child) ? 0 : 1;
                   }),
            0);
}

TEST(Confinement, OtherProcessesAreNotReadOrTraced) {
  if (kSanitized)
    GTEST_SKIP() << "a sanitizer's run-time starts processes; ./dev test asks this without one";
  EXPECT_EQ(inside(Network::allowed,
                   [] {
                     char here = 0;
                     const iovec mine{&here, 1}, theirs{&here, 1};
                     if (!is_refused(::process_vm_readv(::getppid(), &mine, 1, &theirs, 1, 0)))
                       return 1;
                     return is_refused(::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr)) ? 0
                                                                                               : 2;
                   }),
            0);
}

TEST(Confinement, WithoutANetworkThereAreUnixSocketsOnly) {
  if (kSanitized)
    GTEST_SKIP() << "a sanitizer's run-time starts processes; ./dev test asks this without one";
  const auto sockets = [] {
    int kinds = 0;
    for (const int family : {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK}) {
      const int one = ::socket(family, SOCK_DGRAM, 0);
      kinds = 2 * kinds + (one >= 0 ? 1 : 0);
    }
    return kinds;
  };
  EXPECT_EQ(inside(Network::none, sockets), 0b1000);
  EXPECT_EQ(inside(Network::allowed, sockets) & 0b1100, 0b1100);
}

TEST(Confinement, FilesThreadsAndMemoryGoOn) {
  EXPECT_EQ(inside(Network::none,
                   [] {
                     int counted = 0;
                     std::thread other([&] { counted = 1; });
                     other.join();
                     const std::vector<char> memory(std::size_t{8} << 20, 1);
                     const auto status = read_file("/proc/self/status", 1 << 16);
                     return counted == 1 && memory.back() == 1 && status ? 0 : 1;
                   }),
            0);
}

}  // namespace
}  // namespace heqi::base
