#include "key_connections.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "process.h"

namespace heqi::program {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kKeyAnswerSizeMax = std::size_t{4} << 20;
constexpr int kAboveAll = 64;  // descriptors from here on are in nobody's way

// Ends are the sockets of the connections: ours, and the process's.
struct Ends {
  ~Ends() {
    for (const int end : theirs) ::close(end);
    for (const int end : ours) ::close(end);
  }
  base::Status open(int count) {
    for (int i = 0; i < count; ++i) {
      int both[2];
      if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) != 0)
        return fail(Code::unavailable, "socketpair");
      ours.push_back(both[0]);
      theirs.push_back(both[1]);
    }
    return {};
  }
  std::vector<int> ours, theirs;
};

// become_process_of_keys is the process from the fork on: its sockets are 0, 3, 4, …; it has no
// other descriptor of this program, and no terminal whose keys could end it.
[[noreturn]] void become_process_of_keys(const char* const* arguments, std::vector<int>& sockets,
                                         pid_t parent) {
  // Left over while it makes keys, it would write them beside those of the next one.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  for (int& one : sockets) {
    one = ::fcntl(one, F_DUPFD_CLOEXEC, kAboveAll);
    if (one < 0) ::_exit(126);
  }
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(sockets[0], STDIN_FILENO);
  for (std::size_t i = 1; i < sockets.size(); ++i)
    ::dup2(sockets[i], STDERR_FILENO + static_cast<int>(i));
  ::close_range(static_cast<unsigned>(STDERR_FILENO) + static_cast<unsigned>(sockets.size()), ~0U,
                0);
  ::setsid();
  ::execv(arguments[0], const_cast<char* const*>(arguments));
  ::_exit(127);
}

}  // namespace

Result<std::shared_ptr<KeyConnections>> KeyConnections::start(const KeyWish& wish,
                                                              std::string program) {
  if (program.empty()) {
    HEQI_TRY(program, find_program("heqi"));
  }
  Ends ends;
  HEQI_TRY(ends.open(wish.connections));
  const char* const arguments[] = {program.c_str(), "worker", "key", nullptr};
  const pid_t parent = ::getpid();
  const pid_t id = ::fork();
  if (id == 0) become_process_of_keys(arguments, ends.theirs, parent);
  if (id < 0) return fail(Code::unavailable, "fork");
  std::shared_ptr<KeyConnections> out(new KeyConnections(id, std::exchange(ends.ours, {})));
  HEQI_TRY(send_frame(out->sockets_[0], {}, encode_wish(wish).expose()));
  return out;
}

KeyConnections::~KeyConnections() {
  for (const int socket : sockets_) ::close(socket);
  while (::waitpid(id_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

base::Status KeyConnections::limit_time(std::chrono::seconds limit) {
  const timeval time{limit.count(), 0};
  for (const int socket : sockets_)
    for (const int way : {SO_RCVTIMEO, SO_SNDTIMEO})
      if (::setsockopt(socket, SOL_SOCKET, way, &time, sizeof time) != 0)
        return fail(Code::internal, "setsockopt");
  return {};
}

Result<std::vector<SeenKey>> KeyConnections::first_answer() {
  HEQI_TRY(const Bytes answer, receive_frame(sockets_[0], kKeyAnswerSizeMax));
  HEQI_TRY(const Bytes keys, parse_key_answer(answer));
  return parse_seen_keys(keys);
}

Result<Bytes> KeyConnections::ask(KeyAct act, std::size_t key, ByteView content) {
  const Turn turn(*this);
  const std::array head{static_cast<std::uint8_t>(act), static_cast<std::uint8_t>(key)};
  static_assert(head.size() == kRequestHeadSize);
  HEQI_TRY(send_frame(turn.socket, head, content));
  HEQI_TRY(const Bytes answer, receive_frame(turn.socket, kKeyAnswerSizeMax));
  return parse_key_answer(answer);
}

bool KeyConnections::is_running() const {
  siginfo_t ended{};
  return ::waitid(P_PID, static_cast<id_t>(id_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid == 0;
}

void KeyConnections::kill() {
  ::kill(id_, SIGKILL);  // it is waited for by nobody else, so the id is still its own
}

KeyConnections::Turn::Turn(KeyConnections& of) : all(of) {
  std::unique_lock lock(all.mutex_);
  all.one_is_free_.wait(lock, [&] { return !all.free_.empty(); });
  socket = all.free_.back();
  all.free_.pop_back();
}

KeyConnections::Turn::~Turn() {
  {
    const std::lock_guard lock(all.mutex_);
    all.free_.push_back(socket);
  }
  all.one_is_free_.notify_one();
}

}  // namespace heqi::program
