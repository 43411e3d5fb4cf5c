// sm4_rounds.h: the rounds of SM4 over vector registers, for any kernel V that says how many
// 128-bit lanes a register has and how the round's non-linear step is computed on it.
//
// A group is four registers: register i holds word i of 4·kLanes blocks, every byte in V's basis
// (sm4_affine.h). A kernel keeps kGroups groups in flight, to fill the waits of one with another.
#pragma once
#include <cstddef>
#include <cstdint>

#include "register128.h"

#include <heqi/base/secret.h>

#include "../sm4_bytes.h"
#include "../sm4_kernel.h"

namespace heqi::crypto::internal::sm4_vector {

using namespace sm4_bytes;

template <class V>
inline constexpr std::size_t kRegister = 16 * V::kLanes;  // bytes
template <class V>
inline constexpr std::size_t kGroup = 4 * kRegister<V>;  // bytes

// held keeps the compiler from regrouping the sums around a value: the order in which they are
// written is the one that the chain of dependent instructions asks for.
template <class Reg>
HEQI_INLINE Reg held(Reg a) {
  __asm__("" : "+v"(a));
  return a;
}

template <class V, std::size_t kCount>
struct Blocks {
  typename V::Reg word[4][kCount];
};

// transpose turns four registers of whole blocks into four of one word each, and back.
template <class V>
HEQI_INLINE void transpose(typename V::Reg& a, typename V::Reg& b, typename V::Reg& c,
                           typename V::Reg& d) {
  const auto ab_low = V::unpack_low32(a, b), ab_high = V::unpack_high32(a, b);
  const auto cd_low = V::unpack_low32(c, d), cd_high = V::unpack_high32(c, d);
  a = V::unpack_low64(ab_low, cd_low);
  b = V::unpack_high64(ab_low, cd_low);
  c = V::unpack_low64(ab_high, cd_high);
  d = V::unpack_high64(ab_high, cd_high);
}

// into_words takes whole blocks, as they stand in memory, to a group; out_of_words goes back and
// puts the words in the order that ends the cipher.
template <class V, std::size_t kCount>
HEQI_INLINE void into_words(Blocks<V, kCount>& blocks, std::size_t group) {
  auto& w = blocks.word;
  transpose<V>(w[0][group], w[1][group], w[2][group], w[3][group]);
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i) w[i][group] = V::into_basis(V::swap_words(w[i][group]));
}
template <class V, std::size_t kCount>
HEQI_INLINE void out_of_words(Blocks<V, kCount>& blocks, std::size_t group) {
  auto& w = blocks.word;
  auto a = w[3][group], b = w[2][group], c = w[1][group], d = w[0][group];
  transpose<V>(a, b, c, d);
  w[0][group] = V::swap_words(V::out_of_basis(a));
  w[1][group] = V::swap_words(V::out_of_basis(b));
  w[2][group] = V::swap_words(V::out_of_basis(c));
  w[3][group] = V::swap_words(V::out_of_basis(d));
}

// two_rounds does rounds i and i + 1, which share the sum of two words.
template <class V, std::size_t kCount>
HEQI_INLINE void two_rounds(Blocks<V, kCount>& blocks, std::size_t a, std::size_t b, std::size_t c,
                            std::size_t d, const std::uint32_t* keys) {
  auto& w = blocks.word;
  const auto first = V::broadcast32(keys[0]), second = V::broadcast32(keys[1]);
#pragma GCC unroll 8
  for (std::size_t g = 0; g < kCount; ++g) {
    const auto shared = V::add(w[c][g], w[d][g]);
    w[a][g] = V::mix(w[a][g], V::add(shared, w[b][g], first));
    w[b][g] = V::mix(w[b][g], V::add(shared, w[a][g], second));
  }
}

// rounds runs all rounds; beside(i), for i = 0 … 7, is work to be done in between.
template <class V, std::size_t kCount, class Beside>
HEQI_INLINE void rounds(Blocks<V, kCount>& blocks, const Sm4RoundKeys& keys, Beside beside) {
#pragma GCC unroll 1
  for (std::size_t i = 0; i < 8; ++i) {
    two_rounds<V>(blocks, 0, 1, 2, 3, keys.data() + 4 * i);
    two_rounds<V>(blocks, 2, 3, 0, 1, keys.data() + 4 * i + 2);
    beside(i);
  }
}
template <class V, std::size_t kCount>
HEQI_INLINE void rounds(Blocks<V, kCount>& blocks, const Sm4RoundKeys& keys) {
  rounds<V>(blocks, keys, [](std::size_t) {});
}

// expand is the key schedule (GB/T 32907 §7.3); the round keys are put into V's basis at the end.
template <class V>
void expand(const std::uint8_t* key, Sm4Keys& keys) {
  using N = typename V::Narrow;
  constexpr std::uint32_t family[4] = {0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC};
  std::uint32_t k[4];
  for (std::size_t i = 0; i < 4; ++i) k[i] = load_be32(key + 4 * i) ^ family[i];
  for (std::uint32_t i = 0; i < 32; ++i) {
    std::uint32_t constant = 0;
    for (std::uint32_t j = 0; j < 4; ++j) constant = constant << 8 | ((4 * i + j) * 7 & 0xFF);
    const std::uint32_t t = N::first32(
        N::substitute(N::broadcast32(k[(i + 1) % 4] ^ k[(i + 2) % 4] ^ k[(i + 3) % 4] ^ constant)));
    k[i % 4] ^= t ^ (t << 13 | t >> 19) ^ (t << 23 | t >> 9);
    keys.encrypt[i] = keys.decrypt[31 - i] =
        N::first32(N::key_into_basis(N::broadcast32(k[i % 4])));
  }
  base::secure_wipe(k, sizeof k);
}

}  // namespace heqi::crypto::internal::sm4_vector
