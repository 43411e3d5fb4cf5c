#include <heqi/services/tsa/ntp_server.h>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace heqi::services::tsa {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::size_t kPacketSize = 48;               // RFC 5905 §7.3, without extensions
constexpr std::int64_t kUnixEpoch = 2'208'988'800LL;  // 1970 in seconds since 1900
constexpr std::uint8_t kQuestion = 4 << 3 | 3;        // version 4, mode client
constexpr int kNotSynchronised = 3, kModeServer = 4;  // leap indicator, mode
constexpr int kStratumMax = 15;
constexpr std::size_t kRootDelay = 4, kRootDispersion = 8, kOrigin = 24, kReceived = 32, kSent = 40;

using Packet = std::array<std::uint8_t, kPacketSize>;
using Stamp = std::uint64_t;  // seconds since 1900 modulo 2^32, and their fraction of 2^-32

std::uint64_t number_at(const Packet& packet, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | packet[at + i];
  return value;
}

Stamp stamp_of(base::Time time) {
  const std::int64_t micros = base::micros(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  const auto part = static_cast<std::uint64_t>(micros - seconds * 1'000'000);
  return static_cast<Stamp>(seconds + kUnixEpoch) << 32 | (part << 32) / 1'000'000;
}

// between is right across the end of an era, for times less than 68 years apart.
base::Duration between(Stamp from, Stamp to) {
  const auto difference = static_cast<std::int64_t>(to - from);
  const std::int64_t seconds = difference >> 32, part = difference & 0xffffffff;
  return base::Duration(seconds * 1'000'000 + (part * 1'000'000 >> 32));
}

// short_time is a field of 16.16 bits.
base::Duration short_time(const Packet& packet, std::size_t at) {
  return base::Duration(static_cast<std::int64_t>(number_at(packet, at, 4) * 1'000'000 >> 16));
}

struct Socket {
  ~Socket() {
    if (descriptor >= 0) ::close(descriptor);
  }
  int descriptor = -1;
};

base::Status connect_to(Socket& socket, const std::string& host, const std::string& port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found) != 0)
    return fail(Code::unavailable, "the name has no address");
  for (const addrinfo* one = found; one != nullptr && socket.descriptor < 0; one = one->ai_next) {
    socket.descriptor = ::socket(one->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket.descriptor >= 0 &&
        ::connect(socket.descriptor, one->ai_addr, one->ai_addrlen) != 0) {
      ::close(socket.descriptor);
      socket.descriptor = -1;
    }
  }
  ::freeaddrinfo(found);
  if (socket.descriptor < 0) return fail(Code::unavailable, "no way to the server");
  return {};
}

// receive waits for the answer that repeats the question's number; others are none.
Result<Packet> receive(const Socket& socket, Stamp number, const base::Clock& clock) {
  const base::Duration until = clock.steady() + kNtpAnswerTime;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock.steady()).count();
    pollfd ready{socket.descriptor, POLLIN, 0};
    if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) <= 0)
      return fail(Code::unavailable, "no answer");
    Packet packet{};
    const ssize_t size = ::recv(socket.descriptor, packet.data(), packet.size(), 0);
    if (size < 0) return fail(Code::unavailable, "nobody listens there");
    if (size == static_cast<ssize_t>(kPacketSize) && number_at(packet, kOrigin, 8) == number)
      return packet;
  }
}

base::Status check_answer(const Packet& packet) {
  const int leap = packet[0] >> 6, version = packet[0] >> 3 & 7, mode = packet[0] & 7;
  if (mode != kModeServer || version < 3 || version > 4 || number_at(packet, kSent, 8) == 0)
    return fail(Code::malformed, "not a server's answer of NTP");
  if (packet[1] == 0) return fail(Code::unavailable, "the server does not want to be asked");
  if (leap == kNotSynchronised || packet[1] > kStratumMax)
    return fail(Code::unavailable, "the server has no time itself");
  return {};
}

}  // namespace

Result<std::unique_ptr<TimeServer>> NtpServer::parse(std::string_view text,
                                                     const base::Clock& clock,
                                                     base::Random& random) {
  std::string_view host = text, port = "123";
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return fail(Code::malformed, "a time server: ']' missing");
  const std::size_t colon = text.find(':', bracket);
  if (colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (bracket > 0) host = host.substr(1, bracket - 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (host.empty() || port.empty() || port.size() > 5 ||
      !std::all_of(port.begin(), port.end(), is_digit))
    return fail(Code::malformed, "a time server is host, host:port or [address]:port");
  return std::unique_ptr<TimeServer>(
      std::make_unique<NtpServer>(std::string(host), std::string(port), clock, random));
}

Result<ClockOffset> NtpServer::ask() {
  Socket socket;
  HEQI_TRY(connect_to(socket, host_, port_));
  Packet question{kQuestion};
  // The number stands where the time would: nobody needs to know ours (RFC 5905 §8, errata).
  HEQI_TRY(const base::Bytes number, base::random_bytes(random_, 8));
  std::copy(number.begin(), number.end(), question.begin() + kSent);
  const base::Duration begun = clock_.steady();
  const Stamp asked = stamp_of(clock_.now());
  if (::send(socket.descriptor, question.data(), question.size(), 0) < 0)
    return fail(Code::unavailable, "no way to the server");
  HEQI_TRY(const Packet answer, receive(socket, number_at(question, kSent, 8), clock_));
  const base::Duration took = clock_.steady() - begun;
  HEQI_TRY(check_answer(answer));
  const Stamp received = number_at(answer, kReceived, 8), sent = number_at(answer, kSent, 8);
  const base::Duration way = took - between(received, sent);
  if (way.count() < 0 || way > took)
    return fail(Code::malformed, "the server says that it took longer than the answer");
  return ClockOffset{.ahead = (between(asked, received) + between(asked, sent) - took) / 2,
                     .uncertainty = way / 2 + short_time(answer, kRootDelay) / 2 +
                                    short_time(answer, kRootDispersion)};
}

}  // namespace heqi::services::tsa
