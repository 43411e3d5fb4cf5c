#include "process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <heqi/base/local_socket.h>

namespace heqi::program {
namespace {

constexpr useconds_t kPause = 20'000;  // microseconds between two looks

}  // namespace

base::Result<std::string> find_program(std::string_view name) {
  char path[4096];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  if (size <= 0) return base::fail(base::Code::not_found, "/proc/self/exe");
  std::string folder(path, static_cast<std::size_t>(size));
  folder.resize(folder.rfind('/'));
  return find_program_near(folder, name);
}

base::Result<std::string> find_program_near(const std::string& folder, std::string_view name) {
  std::string directory_name(name);
  for (char& c : directory_name)
    if (c == '-') c = '_';
  for (const std::string& place : {std::string(), "../" + directory_name + "/",
                                   std::string("../bin/"), std::string("../../bin/")}) {
    const std::string candidate = folder + "/" + place + std::string(name);
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return base::fail(base::Code::not_found, std::string(name) + " is not beside " + folder);
}

base::Result<Process> Process::start(const std::vector<std::string>& arguments,
                                     const std::string& log_file) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments)
    pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  int log = -1;
  if (!log_file.empty()) {
    log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0) return base::fail(base::Code::storage, log_file + ": " + std::strerror(errno));
  }
  const pid_t parent = ::getpid();
  const pid_t id = ::fork();
  if (id == 0) {
    // Left over, it would hold the socket against the one that the next start begins.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);  // it died before this was asked for
    if (log >= 0) {
      ::dup2(log, STDOUT_FILENO);
      ::dup2(log, STDERR_FILENO);
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  if (log >= 0) ::close(log);
  if (id < 0) return base::fail(base::Code::unavailable, "fork");
  return Process(id);
}

Process::Process(Process&& other) noexcept : id_(std::exchange(other.id_, -1)) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    end();
    id_ = std::exchange(other.id_, -1);
  }
  return *this;
}

Process::~Process() {
  end();
}

bool Process::is_running() {
  if (id_ < 0) return false;
  int status = 0;
  if (::waitpid(id_, &status, WNOHANG) == 0) return true;
  id_ = -1;
  return false;
}

void Process::end() {
  if (!is_running()) return;
  ::kill(id_, SIGTERM);
  for (int i = 0; i < 500; ++i) {
    if (!is_running()) return;
    ::usleep(kPause);
  }
  ::kill(id_, SIGKILL);
  int status = 0;
  ::waitpid(id_, &status, 0);
  id_ = -1;
}

base::Status wait_for_socket(const std::string& path, Process& process, base::Duration timeout) {
  for (base::Duration waited{0}; waited < timeout; waited += base::Duration(kPause)) {
    if (base::LocalConnection::connect(path, std::chrono::seconds(1))) return {};
    if (!process.is_running())
      return base::fail(base::Code::unavailable, "the process ended; see its log");
    ::usleep(kPause);
  }
  return base::fail(base::Code::timeout, path);
}

base::Status wait_for_port(std::uint16_t port, Process& process, base::Duration timeout,
                           const std::string& host) {
  for (base::Duration waited{0}; waited < timeout; waited += base::Duration(kPause)) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
      return base::fail(base::Code::malformed, host + " is no IPv4 address");
    const bool connected =
        ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(descriptor);
    if (connected) return {};
    if (!process.is_running())
      return base::fail(base::Code::unavailable, "the process ended; see its log");
    ::usleep(kPause);
  }
  return base::fail(base::Code::timeout, "port " + std::to_string(port));
}

}  // namespace heqi::program
