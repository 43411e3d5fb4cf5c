// sm4_slices.h: the rounds of SM4 on bit slices, for any processor and in constant time. A word of
// each of 16 blocks is eight slices of 64 bits: bit b of byte p of block i is bit 16·p + i of slice
// b. Rotations by whole bytes are then rotations of a slice by 16, other ones also change its name.
// A Slice is one such word of 64 bits, or a vector of them with 16 more blocks in each.
#pragma once
#include <bit>

#include <heqi/base/secret.h>

#include "sm4_bytes.h"
#include "sm4_kernel.h"
#include "sm4_substitution.h"

namespace heqi::crypto::internal::sm4_slices {

using namespace sm4_bytes;
using Slice64 = std::uint64_t;
typedef std::uint64_t Slice128 __attribute__((vector_size(16)));

template <class Slice>
inline constexpr std::size_t kWords = sizeof(Slice) / 8;
template <class Slice>
inline constexpr std::size_t kBlocks = 16 * kWords<Slice>;

template <class Slice>
struct State {
  Slices<Slice> word[4];
};

inline Slice64 turn(Slice64 slice) {
  return std::rotl(slice, 16);
}
inline Slice128 turn(Slice128 slice) {
  typedef std::uint16_t Quarters __attribute__((vector_size(16)));
  const Quarters q = reinterpret_cast<Quarters>(slice);
  return reinterpret_cast<Slice128>(__builtin_shufflevector(q, q, 3, 0, 1, 2, 7, 4, 5, 6));
}
template <class Slice>
inline Slice turn2(Slice slice) {
  return turn(turn(slice));
}

// spread moves byte p of a word to byte 2·p; gathered goes back.
inline std::uint64_t spread(std::uint32_t word) {
  std::uint64_t out = word;
  out = (out | out << 16) & 0x0000FFFF0000FFFF;
  return (out | out << 8) & 0x00FF00FF00FF00FF;
}
inline std::uint32_t gathered(std::uint64_t bytes) {
  bytes &= 0x00FF00FF00FF00FF;
  bytes = (bytes | bytes >> 8) & 0x0000FFFF0000FFFF;
  return static_cast<std::uint32_t>(bytes | bytes >> 16);
}

template <class Slice>
inline State<Slice> load(const std::uint8_t* in) {
  State<Slice> out;
  for (std::size_t j = 0; j < 4; ++j) {
    for (std::size_t i = 0; i < 8; ++i) {
      std::uint64_t pairs[kWords<Slice>];
      for (std::size_t lane = 0; lane < kWords<Slice>; ++lane) {
        const std::uint8_t* at = in + 16 * (16 * lane + 2 * i) + 4 * j;
        pairs[lane] = spread(load_be32(at)) | spread(load_be32(at + 16)) << 8;
      }
      std::memcpy(&out.word[j][i], pairs, sizeof pairs);
    }
    transpose(out.word[j]);
  }
  return out;
}
template <class Slice>
inline void store(State<Slice>& state, std::uint8_t* out) {
  for (std::size_t j = 0; j < 4; ++j) {
    Slices<Slice>& word = state.word[3 - j];
    transpose(word);
    for (std::size_t i = 0; i < 8; ++i) {
      std::uint64_t pairs[kWords<Slice>];
      std::memcpy(pairs, &word[i], sizeof pairs);
      for (std::size_t lane = 0; lane < kWords<Slice>; ++lane) {
        std::uint8_t* at = out + 16 * (16 * lane + 2 * i) + 4 * j;
        store_be32(at, gathered(pairs[lane]));
        store_be32(at + 16, gathered(pairs[lane] >> 8));
      }
    }
  }
}

// key_slice is bit b of every byte of a round key, for all blocks.
inline std::uint64_t key_slice(std::uint64_t spread_key, std::size_t b) {
  return (spread_key >> b & 0x0001000100010001) * 0xFFFF;
}

template <class Slice>
inline void round(const Slices<Slice>& x1, const Slices<Slice>& x2, const Slices<Slice>& x3,
                  std::uint32_t key, Slices<Slice>& x0) {
  const std::uint64_t spread_key = spread(key);
  Slices<Slice> t;
  for (std::size_t b = 0; b < 8; ++b) t[b] = x1[b] ^ x2[b] ^ x3[b] ^ key_slice(spread_key, b);
  t = substitute(t);
  // L(t) = t + (t <<< 24) + (y <<< 2), y = t + (t <<< 8) + (t <<< 16).
  Slices<Slice> y;
  for (std::size_t b = 0; b < 8; ++b) {
    const Slice once = turn(t[b]), twice = turn(once);
    y[b] = t[b] ^ once ^ twice;
    x0[b] ^= t[b] ^ turn(twice);
  }
  x0[0] ^= turn(y[6]);
  x0[1] ^= turn(y[7]);
  for (std::size_t b = 2; b < 8; ++b) x0[b] ^= y[b - 2];
}

// crypt runs the rounds over kBlocks<Slice> blocks; in and out may be the same.
template <class Slice>
void crypt(const Sm4RoundKeys& keys, const std::uint8_t* in, std::uint8_t* out) {
  State<Slice> state = load<Slice>(in);
  auto& x = state.word;
  for (std::size_t i = 0; i < 32; i += 4) {
    round(x[1], x[2], x[3], keys[i], x[0]);
    round(x[2], x[3], x[0], keys[i + 1], x[1]);
    round(x[3], x[0], x[1], keys[i + 2], x[2]);
    round(x[0], x[1], x[2], keys[i + 3], x[3]);
  }
  store(state, out);
  base::secure_wipe(&state, sizeof state);
}

}  // namespace heqi::crypto::internal::sm4_slices
