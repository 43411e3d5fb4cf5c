// sm4.cc: SM4 with the instructions of AArch64 (FEAT_SM4, Arm Architecture Reference Manual C7.2),
// eight blocks at a time; GHASH is the portable one.
#include <arm_neon.h>

#include "../../ghash.h"
#include "../../sm4_buffered.h"

namespace heqi::crypto::internal {
namespace {

using Four = uint32x4_t;

struct Cipher {
  static constexpr std::size_t kBatch = 16;

  static HEQI_INLINE Four load(const std::uint8_t* in) {
    return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(in)));
  }
  static HEQI_INLINE Four reversed(Four a) {
    const Four halves = vrev64q_u32(a);
    return vextq_u32(halves, halves, 2);
  }
  template <std::size_t kBlocks>
  static HEQI_INLINE void crypt_some(const Sm4RoundKeys& keys, const std::uint8_t* in,
                                     std::uint8_t* out) {
    Four blocks[kBlocks];
#pragma GCC unroll 8
    for (std::size_t b = 0; b < kBlocks; ++b) blocks[b] = load(in + 16 * b);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 32; i += 4) {
      const Four four = vld1q_u32(keys.data() + i);
#pragma GCC unroll 8
      for (std::size_t b = 0; b < kBlocks; ++b) blocks[b] = vsm4eq_u32(blocks[b], four);
    }
#pragma GCC unroll 8
    for (std::size_t b = 0; b < kBlocks; ++b)
      vst1q_u8(out + 16 * b, vrev32q_u8(vreinterpretq_u8_u32(reversed(blocks[b]))));
  }
  static HEQI_INLINE void crypt(const Sm4RoundKeys& keys, const std::uint8_t* in, std::uint8_t* out,
                                std::size_t blocks) {
    if (blocks == 1) return crypt_some<1>(keys, in, out);
    crypt_some<8>(keys, in, out);
    if (blocks > 8) crypt_some<8>(keys, in + 128, out + 128);
  }

  static void expand(const std::uint8_t* key, Sm4Keys& keys) {
    constexpr std::uint32_t family[4] = {0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC};
    Four four = veorq_u32(load(key), vld1q_u32(family));
    for (std::uint32_t i = 0; i < 32; i += 4) {
      std::uint32_t constants[4];
      for (std::uint32_t j = 0; j < 4; ++j) constants[j] = sm4_buffered::key_constant(i + j);
      four = vsm4ekeyq_u32(four, vld1q_u32(constants));
      vst1q_u32(keys.encrypt.data() + i, four);
      vst1q_u32(keys.decrypt.data() + 28 - i, reversed(four));
    }
  }

  static void make_powers(const std::uint8_t* hash_key, GhashPowers& powers) {
    std::memcpy(powers.data(), hash_key, 16);
  }
  static void ghash(const GhashPowers& powers, std::uint8_t* sum, const std::uint8_t* in,
                    std::size_t size) {
    ghash_field(powers.data(), sum, in, size);
  }
};

bool runs(const Processor& processor) {
  return processor.sm4_instructions;
}

}  // namespace

constinit const Sm4Kernel kSm4Arm = sm4_buffered::make_table<Cipher>("arm_sm4", runs);

}  // namespace heqi::crypto::internal
