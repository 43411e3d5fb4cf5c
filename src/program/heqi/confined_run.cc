#include "confined_run.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <heqi/base/clock.h>

namespace heqi::program {

using base::Bytes;
using base::Code;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr rlim_t kMemoryMax = rlim_t{2} << 30, kCpuSecondsMax = 20;
constexpr std::chrono::milliseconds kWallMax{60'000};

void bound_time() {
  const rlimit cpu{kCpuSecondsMax, kCpuSecondsMax};
  ::setrlimit(RLIMIT_CPU, &cpu);
}

void bound_memory() {
  const rlimit memory{kMemoryMax, kMemoryMax}, none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
  ::setrlimit(RLIMIT_AS, &memory);
#else
  static_cast<void>(memory);
#endif
}

// Filter is a list of system calls with what becomes of them.
class Filter {
 public:
  explicit Filter(std::uint32_t otherwise) : context_(seccomp_init(otherwise)) {}
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  ~Filter() {
    if (context_ != nullptr) seccomp_release(context_);
  }
  void add(std::uint32_t action, std::initializer_list<int> calls) {
    for (const int call : calls)
      complete_ =
          complete_ && context_ != nullptr && seccomp_rule_add(context_, action, call, 0) == 0;
  }
  // refuse_new_processes lets clone make threads only.
  void refuse_new_processes() {
    complete_ = complete_ && context_ != nullptr &&
                seccomp_rule_add(context_, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                 SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)) == 0;
  }
  bool install() {
    return complete_ && context_ != nullptr && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           seccomp_load(context_) == 0;
  }

 private:
  scmp_filter_ctx context_;
  bool complete_ = true;
};

// fence_foreign takes from a program of others, before it starts: the network, new processes,
// other processes, mounts and names, and every file that it could write.
bool fence_foreign() {
  bound_time();
  bound_memory();
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_FSIZE, &none);  // pipes have no size
  ::signal(SIGXFSZ, SIG_IGN);
  Filter filter(SCMP_ACT_ALLOW);
  filter.add(SCMP_ACT_ERRNO(ENOSYS), {SCMP_SYS(clone3)});  // the C library falls back to clone
  filter.refuse_new_processes();
  filter.add(SCMP_ACT_ERRNO(EPERM), {SCMP_SYS(socket),
                                     SCMP_SYS(socketpair),
                                     SCMP_SYS(connect),
                                     SCMP_SYS(bind),
                                     SCMP_SYS(fork),
                                     SCMP_SYS(vfork),
                                     SCMP_SYS(ptrace),
                                     SCMP_SYS(process_vm_readv),
                                     SCMP_SYS(process_vm_writev),
                                     SCMP_SYS(mount),
                                     SCMP_SYS(umount2),
                                     SCMP_SYS(pivot_root),
                                     SCMP_SYS(chroot),
                                     SCMP_SYS(unshare),
                                     SCMP_SYS(setns),
                                     SCMP_SYS(bpf),
                                     SCMP_SYS(perf_event_open),
                                     SCMP_SYS(userfaultfd),
                                     SCMP_SYS(keyctl),
                                     SCMP_SYS(add_key),
                                     SCMP_SYS(request_key),
                                     SCMP_SYS(unlink),
                                     SCMP_SYS(unlinkat),
                                     SCMP_SYS(rename),
                                     SCMP_SYS(renameat),
                                     SCMP_SYS(renameat2),
                                     SCMP_SYS(mkdir),
                                     SCMP_SYS(mkdirat),
                                     SCMP_SYS(rmdir),
                                     SCMP_SYS(link),
                                     SCMP_SYS(linkat),
                                     SCMP_SYS(symlink),
                                     SCMP_SYS(symlinkat),
                                     SCMP_SYS(truncate),
                                     SCMP_SYS(chmod),
                                     SCMP_SYS(fchmodat),
                                     SCMP_SYS(chown),
                                     SCMP_SYS(io_uring_setup),
                                     SCMP_SYS(kill)});
  return filter.install();
}

// Pipes are the child's two ends and ours. What goes to the child is a socket: writing to one that
// nobody reads can fail without a signal.
struct Pipes {
  int to_child[2] = {-1, -1}, from_child[2] = {-1, -1};
  ~Pipes() {
    for (int descriptor : {to_child[0], to_child[1], from_child[0], from_child[1]})
      if (descriptor >= 0) ::close(descriptor);
  }
  static void close(int& descriptor) {
    ::close(descriptor);
    descriptor = -1;
  }
};

[[noreturn]] void become(const ConfinedRun& run, char* const* arguments, const Pipes& pipes) {
  ::dup2(pipes.to_child[0], STDIN_FILENO);
  ::dup2(pipes.from_child[1], STDOUT_FILENO);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (run.fence == Fence::foreign_program) {
    // Its complaints about a damaged file are not this program's.
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) ::dup2(nowhere, STDERR_FILENO);
    if (!fence_foreign()) ::_exit(126);
  }
  ::execv(arguments[0], arguments);
  ::_exit(127);
}

// Exchange writes all input and reads all output at the same time, within a time.
class Exchange {
 public:
  Exchange(Pipes& pipes, base::ByteView input, std::size_t answer_size_max)
      : pipes_(pipes), input_(input), answer_size_max_(answer_size_max) {}

  // perform gives false where time or room ran out.
  bool perform() {
    const base::SystemClock clock;
    const base::Duration end = clock.steady() + kWallMax;
    while (pipes_.from_child[0] >= 0) {
      if (input_.empty() && pipes_.to_child[1] >= 0) Pipes::close(pipes_.to_child[1]);
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - clock.steady());
      if (left.count() <= 0) return false;
      pollfd both[2] = {{pipes_.from_child[0], POLLIN, 0}, {pipes_.to_child[1], POLLOUT, 0}};
      if (::poll(both, 2, static_cast<int>(left.count())) < 0 && errno != EINTR) return false;
      if (both[1].revents != 0) write_some();
      if (both[0].revents != 0 && !read_some()) return false;
    }
    return true;
  }
  Bytes take() { return std::move(answer_); }

 private:
  void write_some() {
    const std::size_t size = std::min<std::size_t>(input_.size(), 65'536);
    const ssize_t written = ::send(pipes_.to_child[1], input_.data(), size, MSG_NOSIGNAL);
    if (written >= 0)
      input_ = input_.subspan(static_cast<std::size_t>(written));
    else if (errno != EINTR && errno != EAGAIN)
      Pipes::close(pipes_.to_child[1]);  // it needs no more; its answer says why
  }
  bool read_some() {
    std::uint8_t block[65'536];
    const ssize_t got = ::read(pipes_.from_child[0], block, sizeof block);
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    if (got == 0) {
      Pipes::close(pipes_.from_child[0]);
      return true;
    }
    if (static_cast<std::size_t>(got) > answer_size_max_ - answer_.size()) return false;
    answer_.insert(answer_.end(), block, block + got);
    return true;
  }

  Pipes& pipes_;
  base::ByteView input_;
  std::size_t answer_size_max_;
  Bytes answer_;
};

// close_all_but closes everything but reading, writing, memory, and these calls.
Status close_all_but(std::initializer_list<int> more) {
  bound_memory();
  Filter filter(SCMP_ACT_KILL_PROCESS);
  filter.add(SCMP_ACT_ALLOW, more);
  filter.add(SCMP_ACT_ALLOW,
             {SCMP_SYS(read),           SCMP_SYS(write),        SCMP_SYS(mmap),
              SCMP_SYS(munmap),         SCMP_SYS(mremap),       SCMP_SYS(brk),
              SCMP_SYS(madvise),        SCMP_SYS(mprotect),     SCMP_SYS(futex),
              SCMP_SYS(exit),           SCMP_SYS(exit_group),   SCMP_SYS(rt_sigreturn),
              SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack),
              SCMP_SYS(clock_gettime),  SCMP_SYS(getpid),       SCMP_SYS(gettid),
              SCMP_SYS(tgkill),         SCMP_SYS(getrandom),    SCMP_SYS(fstat),
              SCMP_SYS(newfstatat),     SCMP_SYS(lseek),        SCMP_SYS(close)});
  if (!filter.install()) return fail(Code::internal, "seccomp");
  return {};
}

}  // namespace

Status close_all() {
  bound_time();
  return close_all_but({});
}

Status close_all_but_sockets() {
  // A process that was stopped goes on waiting by restart_syscall.
  return close_all_but(
      {SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(sendmsg), SCMP_SYS(restart_syscall)});
}

Bytes read_to_end(int descriptor, std::size_t size_max) {
  Bytes out;
  std::uint8_t block[65536];
  for (;;) {
    const ssize_t got = ::read(descriptor, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || out.size() + static_cast<std::size_t>(got) > size_max) return out;
    out.insert(out.end(), block, block + got);
  }
}

Status write_all(int descriptor, base::ByteView content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(Code::unavailable, "a pipe");
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<Bytes> run_confined(const ConfinedRun& run, base::ByteView input) {
  Pipes pipes;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pipes.to_child) != 0 ||
      ::pipe2(pipes.from_child, O_CLOEXEC) != 0)
    return fail(Code::unavailable, "pipe");
  std::vector<char*> arguments;
  for (const std::string& one : run.arguments) arguments.push_back(const_cast<char*>(one.c_str()));
  arguments.push_back(nullptr);
  const pid_t id = ::fork();
  if (id < 0) return fail(Code::unavailable, "fork");
  if (id == 0) become(run, arguments.data(), pipes);
  Pipes::close(pipes.to_child[0]);
  Pipes::close(pipes.from_child[1]);
  for (const int end : {pipes.to_child[1], pipes.from_child[0]})
    ::fcntl(end, F_SETFL, ::fcntl(end, F_GETFL) | O_NONBLOCK);
  Exchange exchange(pipes, input, run.answer_size_max);
  const bool in_bounds = exchange.perform();
  if (!in_bounds) ::kill(id, SIGKILL);
  int status = 0;
  while (::waitpid(id, &status, 0) < 0 && errno == EINTR) {
  }
  if (in_bounds && WIFEXITED(status) && WEXITSTATUS(status) == 0) return exchange.take();
  if (!in_bounds || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
    return fail(Code::limit_exceeded, "the file takes too much time or memory to read");
  if (WIFEXITED(status) && WEXITSTATUS(status) >= 126)
    return fail(Code::unavailable, run.arguments[0] + " does not start");
  return fail(Code::malformed, "the file could not be read safely");
}

}  // namespace heqi::program
