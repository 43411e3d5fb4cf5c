#include "load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <heqi/base/log.h>
#include <heqi/http/server.h>
#include <heqi/testing/seeded.h>

namespace heqi::bench {
namespace {

constexpr int kWindows = 3;
constexpr unsigned kRequestsPerConnection = 5'000;  // the server ends them at ten thousand

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "bench: %s\n", what);
  std::_Exit(1);
}

// Shared is seen by both processes.
struct Shared {
  std::atomic<std::uint64_t> answered{0};
  std::atomic<bool> over{false};
};

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
    out.push_back("POST " + load.path +
                  " HTTP/1.1\r\nHost: bench\r\nContent-Type: " + load.content_type +
                  "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  return out;
}

int open_connection(int port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    give_up("the server does not take a connection");
  return descriptor;
}

// read_answer reads one whole answer of status 200. The room is the connection's own.
void read_answer(int descriptor, std::string& room) {
  room.resize(64 * 1024);
  std::size_t size = 0, whole = 0;
  while (whole == 0 || size < whole) {
    const ssize_t got = ::read(descriptor, room.data() + size, room.size() - size);
    if (got <= 0) give_up("the server closed a connection");
    size += static_cast<std::size_t>(got);
    const std::string_view seen(room.data(), size);
    const std::size_t end = seen.find("\r\n\r\n"), length = seen.find("Content-Length: ");
    if (end == std::string_view::npos) continue;
    if (!seen.starts_with("HTTP/1.1 200")) give_up(std::string(seen.substr(0, 900)).c_str());
    if (length == std::string_view::npos || length > end) give_up("an answer without a length");
    whole = end + 4 + static_cast<std::size_t>(std::atoi(room.data() + length + 16));
  }
}

void write_all(int descriptor, const std::string& request) {
  std::size_t sent = 0;
  while (sent < request.size()) {
    const ssize_t put = ::write(descriptor, request.data() + sent, request.size() - sent);
    if (put <= 0) give_up("the server closed a connection");
    sent += static_cast<std::size_t>(put);
  }
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
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < load.connections; ++i)
    threads.emplace_back([&] {
      int descriptor = open_connection(port);
      std::string room;
      for (unsigned sent = 1; !shared.over; ++sent) {
        const std::size_t which = next++;
        if (load.once && which >= requests.size()) break;
        if (sent % kRequestsPerConnection == 0) {
          ::close(descriptor);
          descriptor = open_connection(port);
        }
        write_all(descriptor, requests[which % requests.size()]);
        read_answer(descriptor, room);
        if (shared.answered++ == 0 && ::write(first_answer.write_end, "", 1) != 1)
          give_up("nobody waits for the first answer");
      }
      ::close(descriptor);
    });
  for (std::thread& one : threads) one.join();
  std::_Exit(0);
}

double processor_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// measure_window takes the rates until the seconds are over or the generator has ended.
Rates measure_window(const Shared& shared, double seconds, const Pipe& first_answer) {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const double used = processor_seconds();
  const std::uint64_t before = shared.answered;
  const auto since = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  pollfd ended{first_answer.read_end, POLLIN, 0};
  for (double left = seconds; left > 0; left = seconds - since())
    if (::poll(&ended, 1, static_cast<int>(std::ceil(left * 1e3))) > 0) break;
  const double answered = static_cast<double>(shared.answered - before);
  return {answered / std::max(1e-6, processor_seconds() - used), answered / since()};
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
  options.workers = load.connections;
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
    windows.push_back(measure_window(shared, load.once ? 600 : seconds, first_answer));
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
