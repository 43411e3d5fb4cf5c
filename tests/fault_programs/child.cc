#include "child.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace heqi::faults {
namespace {

int status_of(int status) {
  return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

base::Result<Child> Child::start(const std::vector<std::string>& arguments,
                                 const Environment& environment, const std::string& log_file) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments)
    pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  // All strings are made before the fork: other threads may hold the allocator's lock.
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view(*variable).starts_with("HEQI_")) variables.emplace_back(*variable);
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  std::vector<char*> variable_pointers;
  for (std::string& variable : variables) variable_pointers.push_back(variable.data());
  variable_pointers.push_back(nullptr);
  const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return base::fail(base::Code::storage, log_file);
  const pid_t id = ::fork();
  if (id == 0) {
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execve(pointers[0], pointers.data(), variable_pointers.data());
    ::_exit(127);
  }
  ::close(log);
  if (id < 0) return base::fail(base::Code::unavailable, "fork");
  return Child(id);
}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    end(SIGKILL);
    id_ = std::exchange(other.id_, -1);
    ended_ = std::move(other.ended_);
  }
  return *this;
}

Child::~Child() {
  end(SIGKILL);
}

std::optional<int> Child::ended() {
  if (ended_ || id_ < 0) return ended_;
  int status = 0;
  if (::waitpid(id_, &status, WNOHANG) == id_) ended_ = status_of(status);
  return ended_;
}

int Child::end(int signal) {
  if (id_ < 0) return -1;
  if (!ended()) {
    ::kill(id_, signal);
    ::kill(id_, SIGCONT);
    int status = 0;
    if (::waitpid(id_, &status, 0) == id_) ended_ = status_of(status);
  }
  id_ = -1;
  return ended_.value_or(-1);
}

base::Status Child::halt() {
  siginfo_t what{};
  if (::kill(id_, SIGSTOP) != 0 ||
      ::waitid(P_PID, static_cast<id_t>(id_), &what, WSTOPPED | WEXITED | WNOWAIT) != 0 ||
      what.si_code != CLD_STOPPED)
    return base::fail(base::Code::unavailable, "the process did not stop");
  ::waitid(P_PID, static_cast<id_t>(id_), &what, WSTOPPED | WNOHANG);
  return {};
}

void Child::go_on() {
  ::kill(id_, SIGCONT);
}

bool Child::stands() {
  siginfo_t what{};
  return ::waitid(P_PID, static_cast<id_t>(id_), &what, WSTOPPED | WNOHANG) == 0 &&
         what.si_pid == id_ && what.si_code == CLD_STOPPED;
}

}  // namespace heqi::faults
