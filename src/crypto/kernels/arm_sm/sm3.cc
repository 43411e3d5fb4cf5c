// sm3.cc: SM3 with the instructions of AArch64 (FEAT_SM3, Arm Architecture Reference Manual C7.2),
// one message after the other.
#include <arm_neon.h>

#include <heqi/base/secret.h>

#include "../../sm3_kernel.h"

namespace heqi::crypto::internal {
namespace {

using Four = uint32x4_t;
#define HEQI_INLINE inline __attribute__((always_inline))

// State is A, B, C, D and E, F, G, H, the first of each in the highest element.
struct State {
  Four dcba, hgfe;
};

HEQI_INLINE Four reversed(Four a) {
  const Four halves = vrev64q_u32(a);
  return vextq_u32(halves, halves, 2);
}
HEQI_INLINE Four load_words(const std::uint8_t* block) {
  return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(block)));
}

// kConstants is T of round j, rotated by j (5.3.3).
struct Constants {
  std::uint32_t of_round[64] = {};
  consteval Constants() {
    for (std::uint32_t j = 0; j < 64; ++j) {
      std::uint32_t t = j < 16 ? 0x79CC4519 : 0x7A879D8A;
      for (std::uint32_t turn = 0; turn < j % 32; ++turn) t = t << 1 | t >> 31;
      of_round[j] = t;
    }
  }
};
constexpr Constants kConstants;

// round is round j with word kAt of W and W'; SS1 and the sums are each one instruction.
template <int kAt>
HEQI_INLINE void round(State& state, std::size_t j, Four w, Four primed) {
  const Four ss1 = vsm3ss1q_u32(state.dcba, vdupq_n_u32(kConstants.of_round[j]), state.hgfe);
  if (j < 16) {
    state.dcba = vsm3tt1aq_u32(state.dcba, ss1, primed, kAt);
    state.hgfe = vsm3tt2aq_u32(state.hgfe, ss1, w, kAt);
  } else {
    state.dcba = vsm3tt1bq_u32(state.dcba, ss1, primed, kAt);
    state.hgfe = vsm3tt2bq_u32(state.hgfe, ss1, w, kAt);
  }
}
HEQI_INLINE void four_rounds(State& state, std::size_t j, Four w0, Four w4) {
  const Four primed = veorq_u32(w0, w4);
  round<0>(state, j, w0, primed);
  round<1>(state, j + 1, w0, primed);
  round<2>(state, j + 2, w0, primed);
  round<3>(state, j + 3, w0, primed);
}
// expand gives W[16…19] of W[0…15] (5.3.2).
HEQI_INLINE Four expand(Four w0, Four w4, Four w8, Four w12) {
  const Four begun = vsm3partw1q_u32(w0, vextq_u32(w4, w8, 3), w12);
  return vsm3partw2q_u32(begun, vextq_u32(w8, w12, 2), vextq_u32(w0, w4, 3));
}

HEQI_INLINE void compress_block(State& state, const std::uint8_t* block) {
  Four w[4];
  for (std::size_t i = 0; i < 4; ++i) w[i] = load_words(block + 16 * i);
#pragma GCC unroll 16
  for (std::size_t i = 0; i < 16; ++i) {
    Four& oldest = w[i % 4];
    four_rounds(state, 4 * i, oldest, w[(i + 1) % 4]);
    if (i < 13) oldest = expand(oldest, w[(i + 1) % 4], w[(i + 2) % 4], w[(i + 3) % 4]);
  }
}

void compress(std::uint32_t* v, const std::uint8_t* data, std::size_t blocks) {
  State state{reversed(vld1q_u32(v)), reversed(vld1q_u32(v + 4))};
  for (; blocks > 0; --blocks, data += kSm3BlockSize) {
    const State before = state;
    compress_block(state, data);
    state.dcba = veorq_u32(state.dcba, before.dcba);
    state.hgfe = veorq_u32(state.hgfe, before.hgfe);
  }
  vst1q_u32(v, reversed(state.dcba));
  vst1q_u32(v + 4, reversed(state.hgfe));
}

void compress_one_lane(Sm3Lanes& lanes, const std::uint8_t* const* data, std::size_t blocks) {
  std::uint32_t state[8];
  for (std::size_t i = 0; i < 8; ++i) state[i] = lanes.state[i][0];
  compress(state, data[0], blocks);
  for (std::size_t i = 0; i < 8; ++i) lanes.state[i][0] = state[i];
  base::secure_wipe(state, sizeof state);
}

bool runs(const Processor& processor) {
  return processor.sm3_instructions;
}

}  // namespace

extern const Sm3Kernel kSm3Arm{"arm_sm3", runs, compress, 1, compress_one_lane};

}  // namespace heqi::crypto::internal
