// sm4_portable.cc: SM4 on any processor (sm4_slices.h, ghash.h).
#include "ghash.h"
#include "sm4_buffered.h"
#include "sm4_slices.h"

namespace heqi::crypto::internal {
namespace {

using namespace sm4_slices;

// Vectors where the processor has them by default, else words: a vector made of words is slower.
#if defined(__SSE2__) || defined(__ARM_NEON) || defined(__wasm_simd128__)
using WideSlice = Slice128;
#else
using WideSlice = Slice64;
#endif

std::uint32_t substitute_word(std::uint32_t word) {
  Slices<Slice64> slices{spread(word)};
  transpose(slices);
  slices = substitute(slices);
  transpose(slices);
  return gathered(slices[0]);
}

struct Cipher {
  static constexpr std::size_t kBatch = kBlocks<WideSlice>;

  static void crypt(const Sm4RoundKeys& keys, const std::uint8_t* in, std::uint8_t* out,
                    std::size_t blocks) {
    if (blocks <= kBlocks<Slice64>)
      sm4_slices::crypt<Slice64>(keys, in, out);
    else
      sm4_slices::crypt<WideSlice>(keys, in, out);
  }

  static void expand(const std::uint8_t* key, Sm4Keys& keys) {
    constexpr std::uint32_t family[4] = {0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC};
    std::uint32_t k[4];
    for (std::size_t i = 0; i < 4; ++i) k[i] = load_be32(key + 4 * i) ^ family[i];
    for (std::uint32_t i = 0; i < 32; ++i) {
      const std::uint32_t t = substitute_word(k[(i + 1) % 4] ^ k[(i + 2) % 4] ^ k[(i + 3) % 4] ^
                                              sm4_buffered::key_constant(i));
      k[i % 4] ^= t ^ std::rotl(t, 13) ^ std::rotl(t, 23);
      keys.encrypt[i] = keys.decrypt[31 - i] = k[i % 4];
    }
    base::secure_wipe(k, sizeof k);
  }

  static void make_powers(const std::uint8_t* hash_key, GhashPowers& powers) {
    std::memcpy(powers.data(), hash_key, 16);
  }
  static void ghash(const GhashPowers& powers, std::uint8_t* sum, const std::uint8_t* in,
                    std::size_t size) {
    ghash_field(powers.data(), sum, in, size);
  }
};

bool runs(const Processor&) {
  return true;
}

}  // namespace

constinit const Sm4Kernel kSm4Portable = sm4_buffered::make_table<Cipher>("portable", runs);

}  // namespace heqi::crypto::internal
