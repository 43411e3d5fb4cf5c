// raw_peer.h: a plain TCP connection that sends exactly what a test says.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace heqi::http::testing {

class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawPeer() { ::close(socket_); }
  int descriptor() const { return socket_; }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  bool connected() const { return connected_; }
  bool send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void finish_sending() { ::shutdown(socket_, SHUT_WR); }

  // is_readable_before waits until one of the two can be read, and tells whether it is this one.
  bool is_readable_before(const RawPeer& other) const {
    pollfd both[] = {{socket_, POLLIN, 0}, {other.socket_, POLLIN, 0}};
    return ::poll(both, 2, 20'000) > 0 && both[0].revents != 0;
  }

  // read_answer reads one answer: head and as much body as Content-Length says; "" at the end.
  std::string read_answer() {
    std::size_t head_end;
    while ((head_end = pending_.find("\r\n\r\n")) == std::string::npos)
      if (!read_more()) return std::exchange(pending_, {});
    std::size_t size = 0;
    const std::size_t field = pending_.find("Content-Length: ");
    if (field != std::string::npos && field < head_end)
      size = static_cast<std::size_t>(std::atol(pending_.c_str() + field + 16));
    while (pending_.size() < head_end + 4 + size)
      if (!read_more()) break;
    const std::string answer = pending_.substr(0, head_end + 4 + size);
    pending_.erase(0, answer.size());
    return answer;
  }
  // read_to_end reads until the server closes.
  std::string read_to_end() {
    while (read_more()) {
    }
    return std::exchange(pending_, {});
  }
  std::string ask(std::string_view text) { return send(text) ? read_answer() : std::string(); }

 private:
  bool read_more() {
    char part[4096];
    const ssize_t got = ::recv(socket_, part, sizeof part, 0);
    if (got <= 0) return false;
    pending_.append(part, static_cast<std::size_t>(got));
    return true;
  }

  int socket_;
  bool connected_ = false;
  std::string pending_;
};

}  // namespace heqi::http::testing
