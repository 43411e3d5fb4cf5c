// worker.cc: uploads are parsed where they can do no harm: a process without network, files, new
// processes and with limits on time and memory.
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include <heqi/base/text.h>
#include <heqi/documents/second_opinion/upload.h>

#include "adapters.h"
#include "process.h"

namespace heqi::program {
namespace {

constexpr rlim_t kMemoryMax = rlim_t{2} << 30, kCpuSecondsMax = 20;
constexpr int kWallMilliseconds = 60'000;
constexpr std::size_t kAnswerMax = 64 * 1024;

// confine leaves reading, writing and memory; every other system call ends the process.
base::Status confine() {
  const rlimit memory{kMemoryMax, kMemoryMax}, cpu{kCpuSecondsMax, kCpuSecondsMax}, none{0, 0};
  ::setrlimit(RLIMIT_CPU, &cpu);
  ::setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__
  ::setrlimit(RLIMIT_AS, &memory);
#else
  static_cast<void>(memory);
#endif
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
  if (filter == nullptr) return base::fail(base::Code::internal, "seccomp");
  bool complete = true;
  for (int call : {SCMP_SYS(read),           SCMP_SYS(write),        SCMP_SYS(mmap),
                   SCMP_SYS(munmap),         SCMP_SYS(mremap),       SCMP_SYS(brk),
                   SCMP_SYS(madvise),        SCMP_SYS(mprotect),     SCMP_SYS(futex),
                   SCMP_SYS(exit),           SCMP_SYS(exit_group),   SCMP_SYS(rt_sigreturn),
                   SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack),
                   SCMP_SYS(clock_gettime),  SCMP_SYS(getpid),       SCMP_SYS(gettid),
                   SCMP_SYS(tgkill),         SCMP_SYS(getrandom),    SCMP_SYS(fstat),
                   SCMP_SYS(newfstatat),     SCMP_SYS(lseek),        SCMP_SYS(close)})
    complete = complete && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
  complete = complete && seccomp_load(filter) == 0;
  seccomp_release(filter);
  if (!complete) return base::fail(base::Code::internal, "seccomp");
  return {};
}

base::Bytes read_to_end(int descriptor, std::size_t size_max) {
  base::Bytes out;
  std::uint8_t block[65536];
  for (;;) {
    const ssize_t got = ::read(descriptor, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || out.size() + static_cast<std::size_t>(got) > size_max) return out;
    out.insert(out.end(), block, block + got);
  }
}

base::Status write_all(int descriptor, base::ByteView content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return base::fail(base::Code::unavailable, "the worker's pipe");
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

// answer_of is "ok PAGES", or "error ID DETAIL".
std::string answer_of(const base::Result<documents::second_opinion::Upload>& upload) {
  if (upload) return "ok " + std::to_string(upload->pages);
  return "error " + std::string(base::error_text(upload.error().code).id) + " " +
         upload.error().detail.substr(0, 500);
}

struct Pipes {
  int to_worker[2] = {-1, -1}, from_worker[2] = {-1, -1};
  ~Pipes() {
    for (int descriptor : {to_worker[0], to_worker[1], from_worker[0], from_worker[1]})
      if (descriptor >= 0) ::close(descriptor);
  }
  void close(int& descriptor) {
    ::close(descriptor);
    descriptor = -1;
  }
};

}  // namespace

int run_worker(std::string_view name) {
  if (name != "inspect") return 2;
  // Locale and allocator are warmed up before the filter forbids opening files.
  const base::Bytes file = read_to_end(STDIN_FILENO, std::size_t{64} << 20);
  if (!confine()) return 3;
  const std::string answer = answer_of(documents::second_opinion::inspect_upload(file));
  const base::Status written = write_all(STDOUT_FILENO, base::bytes_of(answer));
  ::_exit(written ? 0 : 4);
}

base::Result<base::Bytes> run_in_worker(const std::string& name, base::ByteView input) {
  Pipes pipes;
  if (::pipe2(pipes.to_worker, O_CLOEXEC) != 0 || ::pipe2(pipes.from_worker, O_CLOEXEC) != 0)
    return base::fail(base::Code::unavailable, "pipe");
  HEQI_TRY(const std::string program, find_program("heqi"));
  const pid_t id = ::fork();
  if (id < 0) return base::fail(base::Code::unavailable, "fork");
  if (id == 0) {
    ::dup2(pipes.to_worker[0], STDIN_FILENO);
    ::dup2(pipes.from_worker[1], STDOUT_FILENO);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execl(program.c_str(), program.c_str(), "worker", name.c_str(), nullptr);
    ::_exit(127);
  }
  pipes.close(pipes.to_worker[0]);
  pipes.close(pipes.from_worker[1]);
  const base::Status written = write_all(pipes.to_worker[1], input);
  pipes.close(pipes.to_worker[1]);
  pollfd ready{pipes.from_worker[0], POLLIN, 0};
  const bool in_time = written && ::poll(&ready, 1, kWallMilliseconds) == 1;
  base::Bytes answer;
  if (in_time) answer = read_to_end(pipes.from_worker[0], kAnswerMax);
  if (!in_time) ::kill(id, SIGKILL);
  int status = 0;
  while (::waitpid(id, &status, 0) < 0 && errno == EINTR) {
  }
  if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0) return answer;
  if (!in_time || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
    return base::fail(base::Code::limit_exceeded, "the file takes too much time or memory to read");
  return base::fail(base::Code::malformed, "the file could not be read safely");
}

base::Result<int> WorkerInspection::inspect(base::ByteView file) {
  HEQI_TRY(const base::Bytes answer, run_in_worker("inspect", file));
  std::string_view text = base::text_of(answer);
  if (text.starts_with("ok ")) {
    int pages = 0;
    text.remove_prefix(3);
    std::from_chars(text.data(), text.data() + text.size(), pages);
    return pages;
  }
  constexpr std::string_view error = "error ";
  if (!text.starts_with(error))
    return base::fail(base::Code::malformed, "the file could not be read");
  text.remove_prefix(error.size());
  const std::size_t space = text.find(' ');
  const auto code = base::find_error(text.substr(0, space));
  return base::fail(code.value_or(base::Code::malformed),
                    space == std::string_view::npos ? "" : std::string(text.substr(space + 1)));
}

}  // namespace heqi::program
