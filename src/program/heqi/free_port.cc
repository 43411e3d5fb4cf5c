#include "free_port.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include <heqi/base/random.h>

namespace heqi::program {
namespace {

constexpr std::uint32_t kFirst = 10'000, kCount = 22'000;
constexpr int kTriesMax = 200;

bool is_free(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  address.sin_port = htons(port);
  const bool bound =
      ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return bound;
}

std::uint32_t first_of_process() {
  std::array<std::uint8_t, 3> drawn{};
  (void)base::SystemRandom().fill(drawn);
  return std::uint32_t{drawn[0]} << 16 | std::uint32_t{drawn[1]} << 8 | drawn[2];
}

}  // namespace

base::Result<std::uint16_t> free_port() {
  static std::atomic<std::uint32_t> next{first_of_process()};
  for (int tries = 0; tries < kTriesMax; ++tries) {
    const auto port = static_cast<std::uint16_t>(kFirst + next++ % kCount);
    if (is_free(port)) return port;
  }
  return base::fail(base::Code::unavailable, "no free port");
}

}  // namespace heqi::program
