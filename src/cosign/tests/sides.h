// sides.h: one exchange up to the opening, for the attack drivers.
#pragma once
#include <heqi/cosign/codec.h>

#include "tests/parties.h"

namespace heqi::cosign {

// Sides is one exchange up to the opening.
struct Sides {
  Parties parties;
  Device device;
  Opened opened;
};

inline Sides open_exchange(std::uint64_t seed, std::string_view message = "text",
                           std::uint64_t counter = 1) {
  Parties parties = make_parties(seed);
  Device device = parties.device();
  auto opened = device.open({digest_of(parties, message)}, counter);
  HEQI_CHECK(opened.has_value());
  // Such a device may finish, not open: its randomness stayed here.
  return Sides{std::move(parties), std::move(device), *std::move(opened)};
}

inline Opening copy_of(const Opening& opening) {
  auto copy = parse_opening(encode_opening(opening));
  HEQI_CHECK(copy.has_value());
  return *std::move(copy);
}

}  // namespace heqi::cosign
