#include "generator.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace heqi::bench {
namespace {

constexpr unsigned kRequestsPerConnection = 5'000;  // the server ends them at ten thousand
constexpr std::size_t kAnswerMax = 64 * 1024;

// whole_size is the size of the answer whose beginning was seen; 0 where its head is not complete.
std::size_t whole_size(std::string_view seen) {
  const std::size_t end = seen.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  if (!seen.starts_with("HTTP/1.1 200")) give_up(std::string(seen.substr(0, 900)).c_str());
  const std::size_t length = seen.find("Content-Length: ");
  if (length > end) give_up("an answer without a length");
  return end + 4 + static_cast<std::size_t>(std::atoi(seen.data() + length + 16));
}

}  // namespace

void give_up(const char* what) {
  std::fprintf(stderr, "bench: %s\n", what);
  std::_Exit(1);
}

void Generator::open(Connection& one) const {
  if (one.descriptor >= 0) ::close(one.descriptor);
  one.descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  const int on = 1;
  ::setsockopt(one.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(one.descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    give_up("the server does not take a connection");
}

void Generator::send_next(Connection& one) {
  one.is_waiting = has_more();
  if (!one.is_waiting) return;
  if (one.sent++ % kRequestsPerConnection == 0) open(one);
  const std::string& request = requests_[next_++ % requests_.size()];
  std::size_t put = 0;
  while (put < request.size()) {
    const ssize_t some = ::write(one.descriptor, request.data() + put, request.size() - put);
    if (some <= 0) give_up("the server closed a connection");
    put += static_cast<std::size_t>(some);
  }
  one.size = one.whole = 0;
}

// receive takes what has come, and is true where the answer is whole.
bool Generator::receive(Connection& one) const {
  const ssize_t some =
      ::recv(one.descriptor, one.room.data() + one.size, one.room.size() - one.size, MSG_DONTWAIT);
  if (some < 0 && errno == EAGAIN) return false;
  if (some <= 0) give_up("the server closed a connection");
  one.size += static_cast<std::size_t>(some);
  if (one.whole == 0) one.whole = whole_size(std::string_view(one.room.data(), one.size));
  return one.whole != 0 && one.size >= one.whole;
}

void Generator::run(int port, unsigned connections, const std::function<void()>& told) {
  port_ = port;
  std::vector<Connection> all(connections);
  for (Connection& one : all) {
    one.room.resize(kAnswerMax);
    send_next(one);
  }
  const auto waits = [](const Connection& one) { return one.is_waiting; };
  while (std::any_of(all.begin(), all.end(), waits)) {
    for (Connection& one : all) {
      if (!one.is_waiting || !receive(one)) continue;
      if (shared_.answered++ == 0) told();
      send_next(one);
    }
  }
  for (const Connection& one : all) ::close(one.descriptor);
}

}  // namespace heqi::bench
