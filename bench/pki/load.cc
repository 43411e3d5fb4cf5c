#include "load.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>

#include <heqi/base/log.h>
#include <heqi/http/server.h>
#include <heqi/testing/seeded.h>

#include "generator.h"

namespace heqi::bench {
namespace {

constexpr int kWindows = 3;

Shared& share() {
  void* const room =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) give_up("no shared memory");
  return *new (room) Shared;
}

// Pipe is a word from one process to the other. Whoever writes closes the other's end first, so
// that the reader meets the end of the file when the writer is gone.
struct Pipe {
  int read_end = -1, write_end = -1;

  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) give_up("no pipe");
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close(read_end);
    close(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
};

std::vector<std::string> requests_of(const Load& load) {
  std::vector<std::string> out;
  for (const std::string& body : load.bodies)
    out.push_back(load.method + " " + load.path +
                  " HTTP/1.1\r\nHost: bench\r\nContent-Type: " + load.content_type +
                  "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  return out;
}

// move_to_other_core leaves the server's core, the last one, to it.
void move_to_other_core() {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  (void)::sched_setaffinity(0, sizeof first, &first);
}

// generate sends the load to the port that it is told, says with one octet that the first answer
// has come, and with its end that there is nothing more.
[[noreturn]] void generate(Shared& shared, const std::vector<std::string>& requests,
                           const Load& load, Pipe& port_told, Pipe& first_answer) {
  move_to_other_core();
  Pipe::close(port_told.write_end);
  Pipe::close(first_answer.read_end);
  int port = 0;
  if (::read(port_told.read_end, &port, sizeof port) != sizeof port)
    give_up("the server did not tell its port");
  Generator(requests, load.once, shared).run(port, load.connections, [&] {
    if (::write(first_answer.write_end, "", 1) != 1) give_up("nobody waits for the first answer");
  });
  std::_Exit(0);
}

// processor_seconds are those of this process and of those that it has started but for the load's:
// the processes of its keys.
double processor_seconds(pid_t load) {
  std::vector<pid_t> all{::getpid()};
  std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  for (pid_t one = 0; children >> one;)
    if (one != load) all.push_back(one);
  double seconds = 0;
  for (const pid_t one : all) {
    clockid_t clock{};
    timespec used{};
    if (::clock_getcpuclockid(one, &clock) == 0 && ::clock_gettime(clock, &used) == 0)
      seconds += static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
  }
  return seconds;
}

// measure_window takes the rates until the seconds are over or the generator has ended.
Rates measure_window(const Shared& shared, double seconds, const Pipe& first_answer, pid_t load) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const double used = processor_seconds(load);
  const std::uint64_t before = shared.answered;
  const auto since = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  pollfd ended{first_answer.read_end, POLLIN, 0};
  for (double left = seconds; left > 0; left = seconds - since())
    if (::poll(&ended, 1, static_cast<int>(std::ceil(left * 1e3))) > 0) break;
  const double answered = static_cast<double>(shared.answered - before);
  return {answered / std::max(1e-6, processor_seconds(load) - used), answered / since()};
}

}  // namespace

Rates serve_under_load(const http::Router& router, const Load& load, double seconds) {
  Shared& shared = share();
  const std::vector<std::string> requests = requests_of(load);
  Pipe port_told, first_answer;
  const pid_t generator = ::fork();  // before the server's threads are there
  if (generator < 0) give_up("no process for the load");
  if (generator == 0) generate(shared, requests, load, port_told, first_answer);
  Pipe::close(port_told.read_end);
  Pipe::close(first_answer.write_end);
  base::NullLog log;
  testing::SeededRandom random(1);
  http::ServerOptions options;
  options.workers = load.workers;
  auto server = http::Server::start(std::move(options), router, random, log);
  if (!server) give_up("the server does not start");
  const int port = (*server)->port();
  if (::write(port_told.write_end, &port, sizeof port) != sizeof port)
    give_up("the load generator is gone");
  char octet = 0;
  if (::read(first_answer.read_end, &octet, 1) != 1)
    give_up("the load generator ended before an answer");
  std::vector<Rates> windows;
  for (int i = 0; i < (load.once ? 1 : kWindows); ++i)
    windows.push_back(measure_window(shared, load.once ? 600 : seconds, first_answer, generator));
  shared.over = true;
  int status = 0;
  ::waitpid(generator, &status, 0);
  if (status != 0) give_up("the load generator failed");
  (*server)->stop();
  std::sort(windows.begin(), windows.end(), [](const Rates& a, const Rates& b) {
    return a.per_processor_second < b.per_processor_second;
  });
  return windows[windows.size() / 2];
}

}  // namespace heqi::bench
