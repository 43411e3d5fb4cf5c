// sm3_portable.cc: GB/T 32905 clause 5, for every machine. Names are the standard's.
#include <array>
#include <bit>

#include <heqi/base/secret.h>

#include "sm3_kernel.h"

namespace heqi::crypto::internal {
namespace {

consteval std::array<std::uint32_t, 64> make_constants() {
  std::array<std::uint32_t, 64> out{};
  for (std::size_t j = 0; j < 64; ++j) {
    out[j] = j < 16 ? 0x79CC4519 : 0x7A879D8A;
    for (std::size_t turn = 0; turn < j % 32; ++turn) out[j] = out[j] << 1 | out[j] >> 31;
  }
  return out;
}
constexpr std::array<std::uint32_t, 64> kConstants = make_constants();

inline std::uint32_t p0(std::uint32_t x) {
  return x ^ std::rotl(x, 9) ^ std::rotl(x, 17);
}
inline std::uint32_t p1(std::uint32_t x) {
  return x ^ std::rotl(x, 15) ^ std::rotl(x, 23);
}

inline std::uint32_t load_be32(const std::uint8_t* in) {
  return std::uint32_t(in[0]) << 24 | std::uint32_t(in[1]) << 16 | std::uint32_t(in[2]) << 8 |
         in[3];
}

// round is one round of 5.3.3. Instead of moving eight words, the next round names them
// differently: its A is this round's D, its E this round's H.
template <bool kFirst>
inline void round(std::uint32_t a, std::uint32_t& b, std::uint32_t c, std::uint32_t& d,
                  std::uint32_t e, std::uint32_t& f, std::uint32_t g, std::uint32_t& h,
                  std::uint32_t constant, std::uint32_t w, std::uint32_t w4) {
  const std::uint32_t a12 = std::rotl(a, 12);
  const std::uint32_t ss1 = std::rotl(a12 + e + constant, 7), ss2 = ss1 ^ a12;
  const std::uint32_t ff = kFirst ? a ^ b ^ c : (a & b) | ((a | b) & c);
  const std::uint32_t gg = kFirst ? e ^ f ^ g : ((f ^ g) & e) ^ g;
  d = ff + d + ss2 + (w ^ w4);
  h = p0(gg + h + ss1 + w);
  b = std::rotl(b, 9);
  f = std::rotl(f, 19);
}

// Registers are A … H. Plain arrays below: a checked one costs a branch per word.
struct Registers {
  std::uint32_t a, b, c, d, e, f, g, h;
};

template <bool kFirst>
inline void four_rounds(Registers& v, const std::uint32_t* w, const std::uint32_t* t) {
  round<kFirst>(v.a, v.b, v.c, v.d, v.e, v.f, v.g, v.h, t[0], w[0], w[4]);
  round<kFirst>(v.d, v.a, v.b, v.c, v.h, v.e, v.f, v.g, t[1], w[1], w[5]);
  round<kFirst>(v.c, v.d, v.a, v.b, v.g, v.h, v.e, v.f, t[2], w[2], w[6]);
  round<kFirst>(v.b, v.c, v.d, v.a, v.f, v.g, v.h, v.e, t[3], w[3], w[7]);
}

// expand_four makes the next four words of the message (5.3.2); between the rounds, which hide its
// latency.
inline void expand_four(std::uint32_t* w) {
  for (int i = 0; i < 4; ++i, ++w)
    *w = p1(w[-16] ^ w[-9] ^ std::rotl(w[-3], 15)) ^ std::rotl(w[-13], 7) ^ w[-6];
}

void compress_block(std::uint32_t* state, const std::uint8_t* block, std::uint32_t* w) {
  for (std::size_t j = 0; j < 16; ++j) w[j] = load_be32(block + 4 * j);
  Registers v{state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]};
  const std::uint32_t* t = kConstants.data();
  for (std::size_t j = 0; j < 16; j += 4) {
    expand_four(w + j + 16);
    four_rounds<true>(v, w + j, t + j);
  }
  for (std::size_t j = 16; j < 52; j += 4) {
    expand_four(w + j + 16);
    four_rounds<false>(v, w + j, t + j);
  }
  for (std::size_t j = 52; j < 64; j += 4) four_rounds<false>(v, w + j, t + j);
  const std::uint32_t folded[8] = {v.a, v.b, v.c, v.d, v.e, v.f, v.g, v.h};
  for (std::size_t i = 0; i < 8; ++i) state[i] ^= folded[i];
}

void compress(std::uint32_t* state, const std::uint8_t* data, std::size_t blocks) {
  std::uint32_t w[68];
  for (; blocks > 0; --blocks, data += kSm3BlockSize) compress_block(state, data, w);
  base::secure_wipe(w, sizeof w);
}

void compress_one_lane(Sm3Lanes& lanes, const std::uint8_t* const* data, std::size_t blocks) {
  std::uint32_t state[8];
  for (std::size_t i = 0; i < 8; ++i) state[i] = lanes.state[i][0];
  compress(state, data[0], blocks);
  for (std::size_t i = 0; i < 8; ++i) lanes.state[i][0] = state[i];
  base::secure_wipe(state, sizeof state);
}

}  // namespace

extern const Sm3Kernel kSm3Portable{"portable", [](const Processor&) { return true; }, compress, 1,
                                    compress_one_lane};

}  // namespace heqi::crypto::internal
