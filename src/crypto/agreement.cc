// agreement.cc: whether kernels that were tested under a model only compute what the portable ones
// do. Known answers of the portable ones are in self_test.cc.
#include <algorithm>
#include <array>

#include "sm3_kernel.h"
#include "sm4_kernel.h"

namespace heqi::crypto::internal {
namespace {

// Octets are a message in which every octet, word and block differs from its neighbours.
constexpr std::size_t kBlocks = 37, kSize = 16 * kBlocks;
using Octets = std::array<std::uint8_t, kSize>;
consteval Octets make_message() {
  Octets out{};
  std::uint32_t state = 0x243F6A88;
  for (auto& octet : out) {
    state = state * 1664525 + 1013904223;
    octet = static_cast<std::uint8_t>(state >> 24);
  }
  return out;
}
constexpr Octets kMessage = make_message();

Sm3Words compressed(const Sm3Kernel& kernel, std::size_t from, std::size_t blocks) {
  Sm3Words state = kSm3Initial;
  kernel.compress(state.data(), kMessage.data() + from, blocks);
  return state;
}

bool lanes_agree(const Sm3Kernel& kernel) {
  constexpr std::size_t blocks = 2;
  Sm3Lanes lanes;
  std::array<const std::uint8_t*, kSm3LanesMax> data{};
  for (std::size_t j = 0; j < kSm3LanesMax; ++j) {
    data[j] = kMessage.data() + 7 * j;
    for (std::size_t i = 0; i < 8; ++i) lanes.state[i][j] = kSm3Initial[i];
  }
  kernel.compress_lanes(lanes, data.data(), blocks);
  for (std::size_t j = 0; j < kernel.lanes; ++j) {
    const Sm3Words expected = compressed(kSm3Portable, 7 * j, blocks);
    for (std::size_t i = 0; i < 8; ++i)
      if (lanes.state[i][j] != expected[i]) return false;
  }
  return true;
}

// Outcome is what one kernel gives in one mode: the octets and what is carried to the next call.
struct Outcome {
  Octets out{};
  std::array<std::uint8_t, 16> first{}, second{};
  bool operator==(const Outcome&) const = default;
};
struct Keyed {
  const Sm4Kernel& kernel;
  Sm4Keys keys;
  alignas(64) GhashPowers powers{};
  explicit Keyed(const Sm4Kernel& of) : kernel(of) {
    kernel.expand(kMessage.data() + 5, keys);
    kernel.make_powers(kMessage.data() + 50, powers);
  }
};
constexpr std::array<std::uint8_t, 16> kStart = {1,    2,    3,    4,    5,    6,    7,    0xFF,
                                                 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xF1};
using Mode = void (*)(const Keyed&, Outcome&);

constexpr Mode kModes[] = {
    [](const Keyed& k, Outcome& o) {
      k.kernel.ecb(k.keys.encrypt, kMessage.data(), o.out.data(), kBlocks);
    },
    [](const Keyed& k, Outcome& o) {
      k.kernel.ecb(k.keys.decrypt, kMessage.data(), o.out.data(), kBlocks);
    },
    [](const Keyed& k, Outcome& o) {
      k.kernel.ctr(k.keys.encrypt, o.first.data(), kMessage.data(), o.out.data(), kSize - 3);
    },
    [](const Keyed& k, Outcome& o) {
      k.kernel.cbc_encrypt(k.keys.encrypt, o.first.data(), kMessage.data(), o.out.data(), kBlocks);
    },
    [](const Keyed& k, Outcome& o) {
      k.kernel.cbc_decrypt(k.keys.decrypt, o.first.data(), kMessage.data(), o.out.data(), kBlocks);
    },
    [](const Keyed& k, Outcome& o) {
      k.kernel.cbc_mac(k.keys.encrypt, o.first.data(), kMessage.data(), kBlocks);
    },
    [](const Keyed& k, Outcome& o) {
      std::array<Sm4Stream, kSm4Streams> streams;
      for (std::size_t i = 0; i < kSm4Streams; ++i)
        streams[i] = {kMessage.data() + i, o.out.data() + 32 * i, 16, 16, kStart};
      k.kernel.cbc_streams(k.keys.encrypt, streams.data(), 2);
    },
    [](const Keyed& k, Outcome& o) {
      k.kernel.xts_ieee(k.keys.encrypt, o.first.data(), kMessage.data(), o.out.data(), kBlocks);
    },
    [](const Keyed& k, Outcome& o) {
      k.kernel.xts_gb(k.keys.encrypt, o.first.data(), kMessage.data(), o.out.data(), kBlocks);
    },
    [](const Keyed& k, Outcome& o) {
      GcmState state{kStart, {}};
      k.kernel.ghash(k.powers, state.sum.data(), kMessage.data(), 21);
      k.kernel.gcm_encrypt(k.keys.encrypt, k.powers, state, kMessage.data(), o.out.data(),
                           kSize - 3);
      o.first = state.counter;
      o.second = state.sum;
    },
    [](const Keyed& k, Outcome& o) {
      GcmState state{kStart, {}};
      k.kernel.gcm_decrypt(k.keys.encrypt, k.powers, state, kMessage.data(), o.out.data(),
                           kSize - 3);
      o.first = state.counter;
      o.second = state.sum;
    },
    [](const Keyed& k, Outcome& o) {
      CcmState state{kStart, {}};
      k.kernel.ccm_encrypt(k.keys.encrypt, state, kMessage.data(), o.out.data(), kSize - 3);
      o.first = state.mac;
    },
    [](const Keyed& k, Outcome& o) {
      CcmState state{kStart, {}};
      k.kernel.ccm_decrypt(k.keys.encrypt, state, kMessage.data(), o.out.data(), kSize - 3);
      o.first = state.mac;
    },
};

Outcome outcome_of(const Keyed& keyed, Mode mode) {
  Outcome out;
  out.first = kStart;
  mode(keyed, out);
  return out;
}

}  // namespace

bool agrees(const Sm3Kernel& kernel) {
  for (const std::size_t blocks : {0U, 1U, 2U, 9U})
    if (compressed(kernel, blocks, blocks) != compressed(kSm3Portable, blocks, blocks))
      return false;
  return lanes_agree(kernel);
}

bool agrees(const Sm4Kernel& kernel) {
  const Keyed keyed(kernel), expected(kSm4Portable);
  return std::all_of(std::begin(kModes), std::end(kModes), [&](Mode mode) {
    return outcome_of(keyed, mode) == outcome_of(expected, mode);
  });
}

}  // namespace heqi::crypto::internal
