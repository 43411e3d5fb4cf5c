// ntp_house.h: an NTP server on 127.0.0.1, as right or as wrong as a test wants it.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>

#include <heqi/base/clock.h>

namespace heqi::services::tsa {

class NtpHouse {
 public:
  // Manner is what is wrong with the answers.
  enum class Manner {
    right,
    silent,
    not_synchronised,
    kiss_of_death,
    of_a_client,
    other_number,
    takes_long
  };

  NtpHouse() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket_, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    socklen_t size = sizeof address_;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size);
    thread_ = std::thread([this] { serve(); });
  }
  ~NtpHouse() {
    over = true;
    const int waker = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    (void)::sendto(waker, "", 0, 0, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    ::close(waker);
    thread_.join();
    ::close(socket_);
  }
  NtpHouse(const NtpHouse&) = delete;
  NtpHouse& operator=(const NtpHouse&) = delete;

  std::string name() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

  std::atomic<Manner> manner{Manner::right};
  std::atomic<std::int64_t> ahead_ms{0};
  std::atomic<int> asked{0};

 private:
  using Packet = std::array<std::uint8_t, 48>;

  static void write(Packet& packet, std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i)
      packet[at + i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  }
  std::uint64_t stamp(std::int64_t more_ms) const {
    const std::int64_t ms = base::micros(clock_.now()) / 1000 + ahead_ms + more_ms;
    return static_cast<std::uint64_t>(ms / 1000 + 2'208'988'800LL) << 32 |
           (static_cast<std::uint64_t>(ms % 1000) << 32) / 1000;
  }
  void answer(Packet& packet) const {
    const Manner how = manner;
    for (std::size_t i = 0; i < 8; ++i) packet[24 + i] = packet[40 + i];
    packet[0] = how == Manner::not_synchronised ? 3 << 6 | 4 << 3 | 4 : 4 << 3 | 4;
    if (how == Manner::of_a_client) packet[0] = 4 << 3 | 3;
    packet[1] = how == Manner::kiss_of_death ? 0 : 1;
    if (how == Manner::other_number) packet[31] ^= 1;
    write(packet, 32, stamp(0));
    write(packet, 40, stamp(how == Manner::takes_long ? 60'000 : 0));
  }
  void serve() {
    while (!over) {
      Packet packet{};
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got = ::recvfrom(socket_, packet.data(), packet.size(), 0,
                                     reinterpret_cast<sockaddr*>(&from), &size);
      if (got != 48) continue;
      ++asked;
      if (manner == Manner::silent) continue;
      answer(packet);
      (void)::sendto(socket_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from),
                     size);
    }
  }

  const base::SystemClock clock_;
  int socket_;
  sockaddr_in address_{};
  std::atomic<bool> over{false};
  std::thread thread_;
};

}  // namespace heqi::services::tsa
