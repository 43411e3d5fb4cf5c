// sm4.cc: SM4 with the instructions made for it, in sixteen blocks at a time, and GHASH by products
// without carries.
#include "../../sm4_buffered.h"
#include "../ghash_vector.h"
#include "instructions.h"

namespace heqi::crypto::internal {
namespace {

using namespace sm4_instructions;
using sm4_vector::Register128;
using sm4_vector::Register256;

// Single and Wide are the registers of GHASH.
struct Single : Register128 {
  using Narrow = Single;
  using Register128::add;
  static HEQI_INLINE Reg add(Reg a, Reg b, Reg c) { return add(add(a, b), c); }
};
struct Wide : Register256 {
  using Narrow = Single;
  template <int kHalves>
  static HEQI_INLINE Reg multiply(Reg a, Reg b) {
    return _mm256_clmulepi64_epi128(a, b, kHalves);
  }
};

struct Cipher {
  static constexpr std::size_t kBatch = 16;

  static HEQI_INLINE One keys_at(const Sm4RoundKeys& keys, std::size_t i) {
    return _mm_loadu_si128(reinterpret_cast<const One*>(keys.data() + i));
  }
  static HEQI_INLINE void crypt_one(const Sm4RoundKeys& keys, const std::uint8_t* in,
                                    std::uint8_t* out) {
    One block = Register128::swap_words(Register128::load(in));
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 32; i += 4) block = four_rounds(block, keys_at(keys, i));
    Register128::store(out, Register128::reverse_bytes(block));
  }
  // crypt_eight keeps four registers of two blocks in flight.
  static HEQI_INLINE void crypt_eight(const Sm4RoundKeys& keys, const std::uint8_t* in,
                                      std::uint8_t* out) {
    Two blocks[4];
#pragma GCC unroll 4
    for (std::size_t g = 0; g < 4; ++g)
      blocks[g] = Register256::swap_words(Register256::load(in + 32 * g));
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 32; i += 4) {
      const Two four = _mm256_broadcastsi128_si256(keys_at(keys, i));
#pragma GCC unroll 4
      for (std::size_t g = 0; g < 4; ++g) blocks[g] = four_rounds(blocks[g], four);
    }
#pragma GCC unroll 4
    for (std::size_t g = 0; g < 4; ++g)
      Register256::store(out + 32 * g, Register256::reverse_bytes(blocks[g]));
  }
  static HEQI_INLINE void crypt(const Sm4RoundKeys& keys, const std::uint8_t* in, std::uint8_t* out,
                                std::size_t blocks) {
    if (blocks == 1) return crypt_one(keys, in, out);
    crypt_eight(keys, in, out);
    if (blocks > 8) crypt_eight(keys, in + 128, out + 128);
  }

  static void expand(const std::uint8_t* key, Sm4Keys& keys) {
    const One family = _mm_set_epi32(static_cast<int>(0xB27022DC), 0x677D9197, 0x56AA3350,
                                     static_cast<int>(0xA3B1BAC6));
    One four = _mm_xor_si128(Register128::swap_words(Register128::load(key)), family);
    for (std::uint32_t i = 0; i < 32; i += 4) {
      alignas(16) std::uint32_t constants[4];
      for (std::uint32_t j = 0; j < 4; ++j) constants[j] = sm4_buffered::key_constant(i + j);
      four = four_keys(four, _mm_load_si128(reinterpret_cast<const One*>(constants)));
      _mm_storeu_si128(reinterpret_cast<One*>(keys.encrypt.data() + i), four);
      _mm_storeu_si128(reinterpret_cast<One*>(keys.decrypt.data() + 28 - i),
                       _mm_shuffle_epi32(four, 0x1B));
    }
  }

  static void make_powers(const std::uint8_t* hash_key, GhashPowers& powers) {
    sm4_vector::make_powers<Wide>(hash_key, powers);
  }
  static void ghash(const GhashPowers& powers, std::uint8_t* sum, const std::uint8_t* in,
                    std::size_t size) {
    sm4_vector::ghash<Wide>(powers, sum, in, size);
  }
};

bool runs(const Processor& processor) {
  return processor.sm4_instructions && processor.vpclmul && processor.clmul;
}

}  // namespace

constinit const Sm4Kernel kSm4Ni =
    sm4_buffered::make_table<Cipher>("sm4ni", runs, Tested::under_a_model);

}  // namespace heqi::crypto::internal
