// sm4_parallel.h: the modes whose blocks do not wait for one another: ECB, CTR, CBC decryption,
// XTS.
#pragma once
#include <cstring>

#include "sm4_rounds.h"

namespace heqi::crypto::internal::sm4_vector {

// Scratch holds up to one group of blocks that do not fill it, and forgets them.
template <class V>
struct Scratch {
  alignas(64) std::uint8_t bytes[kGroup<V>];
  Scratch() { std::memset(bytes, 0, sizeof bytes); }
  ~Scratch() { base::secure_wipe(bytes, sizeof bytes); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

template <class V, std::size_t kCount>
HEQI_INLINE Blocks<V, kCount> load(const std::uint8_t* in) {
  Blocks<V, kCount> out;
#pragma GCC unroll 8
  for (std::size_t g = 0; g < kCount; ++g) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i)
      out.word[i][g] = V::load(in + g * kGroup<V> + i * kRegister<V>);
    into_words<V>(out, g);
  }
  return out;
}

// Batch<kCount> says how many groups a step takes; each mode is written once for any number.
template <std::size_t kCount>
struct Batch {};

// in_batches calls step(Batch, in, out) over size bytes: kGroups groups at a time, then one, then
// the rest from scratch memory. step must read a batch before it writes it.
template <class V, class Step>
HEQI_INLINE void in_batches(const std::uint8_t* in, std::uint8_t* out, std::size_t size,
                            Step step) {
  constexpr std::size_t whole = V::kGroups * kGroup<V>;
  for (; size >= whole; size -= whole, in += whole, out += whole)
    step(Batch<V::kGroups>(), in, out);
  for (; size >= kGroup<V>; size -= kGroup<V>, in += kGroup<V>, out += kGroup<V>)
    step(Batch<1>(), in, out);
  if (size == 0) return;
  Scratch<V> scratch;
  std::memcpy(scratch.bytes, in, size);
  step(Batch<1>(), scratch.bytes, scratch.bytes);
  std::memcpy(out, scratch.bytes, size);
}

template <class V>
void ecb(const Sm4RoundKeys& keys, const std::uint8_t* in, std::uint8_t* out, std::size_t blocks) {
  in_batches<V>(in, out, 16 * blocks,
                [&]<std::size_t kCount>(Batch<kCount>, const std::uint8_t* from, std::uint8_t* to) {
                  auto state = load<V, kCount>(from);
                  rounds<V>(state, keys);
#pragma GCC unroll 8
                  for (std::size_t g = 0; g < kCount; ++g) {
                    out_of_words<V>(state, g);
#pragma GCC unroll 4
                    for (std::size_t i = 0; i < 4; ++i)
                      V::store(to + g * kGroup<V> + i * kRegister<V>, state.word[i][g]);
                  }
                });
}

// store_added writes the cipher's output plus what stands at other.
template <class V, std::size_t kCount>
HEQI_INLINE void store_added(Blocks<V, kCount>& state, const std::uint8_t* other,
                             std::uint8_t* out) {
#pragma GCC unroll 8
  for (std::size_t g = 0; g < kCount; ++g) {
    out_of_words<V>(state, g);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t at = g * kGroup<V> + i * kRegister<V>;
      V::store(out + at, V::add(state.word[i][g], V::load(other + at)));
    }
  }
}

// Offsets says, in the order of a group's words, which block each element belongs to.
template <class V, std::size_t kCount>
struct Offsets {
  alignas(64) std::uint32_t value[kCount][4 * V::kLanes];
  constexpr Offsets() : value() {
    for (std::size_t g = 0; g < kCount; ++g)
      for (std::size_t lane = 0; lane < V::kLanes; ++lane)
        for (std::size_t i = 0; i < 4; ++i)
          value[g][4 * lane + i] =
              static_cast<std::uint32_t>(g * 4 * V::kLanes + i * V::kLanes + lane);
  }
};

// load_counters is the group of counters whose last word does not overflow within it, or may.
template <class V, std::size_t kCount>
HEQI_INLINE Blocks<V, kCount> load_counters(const std::uint8_t* counter) {
  static constexpr Offsets<V, kCount> offsets;
  Blocks<V, kCount> out;
  const auto last = V::broadcast32(load_be32(counter + 12));
  const auto a = V::into_basis(V::broadcast32(load_be32(counter)));
  const auto b = V::into_basis(V::broadcast32(load_be32(counter + 4)));
  const auto c = V::into_basis(V::broadcast32(load_be32(counter + 8)));
#pragma GCC unroll 8
  for (std::size_t g = 0; g < kCount; ++g) {
    out.word[0][g] = a;
    out.word[1][g] = b;
    out.word[2][g] = c;
    out.word[3][g] = V::into_basis(
        V::add32(last, V::load(reinterpret_cast<const std::uint8_t*>(offsets.value[g]))));
  }
  return out;
}
// load_wide_counters is for the batch in which the last word overflows: once in 2^32 blocks.
template <class V, std::size_t kCount>
__attribute__((noinline)) void load_wide_counters(const std::uint8_t* counter,
                                                  Blocks<V, kCount>& out) {
  std::uint8_t bytes[kCount * kGroup<V>];
  for (std::size_t i = 0; i < sizeof bytes; i += 16) {
    std::memcpy(bytes + i, counter, 16);
    add_to_counter(bytes + i, i / 16);
  }
  out = load<V, kCount>(bytes);
}

template <class V>
void ctr(const Sm4RoundKeys& keys, std::uint8_t* counter, const std::uint8_t* in, std::uint8_t* out,
         std::size_t size) {
  std::uint8_t at[16];
  std::memcpy(at, counter, sizeof at);
  in_batches<V>(in, out, size,
                [&]<std::size_t kCount>(Batch<kCount>, const std::uint8_t* from, std::uint8_t* to) {
                  constexpr std::uint32_t count = kCount * 4 * V::kLanes;
                  auto state = load_counters<V, kCount>(at);
                  if (load_be32(at + 12) > 0xFFFFFFFF - count) load_wide_counters<V>(at, state);
                  rounds<V>(state, keys);
                  store_added<V>(state, from, to);
                  add_to_counter(at, count);
                });
  add_to_counter(counter, (size + 15) / 16);
}

template <class V>
void cbc_decrypt(const Sm4RoundKeys& keys, std::uint8_t* chain, const std::uint8_t* in,
                 std::uint8_t* out, std::size_t blocks) {
  if (blocks == 0) return;
  const auto* last = in + 16 * (blocks - 1);
  std::uint8_t next_chain[16];
  std::memcpy(next_chain, last, 16);
  __m128i before = _mm_loadu_si128(reinterpret_cast<const __m128i*>(chain));
  in_batches<V>(in, out, 16 * blocks,
                [&]<std::size_t kCount>(Batch<kCount>, const std::uint8_t* from, std::uint8_t* to) {
                  constexpr std::size_t size = kCount * kGroup<V>;
                  const auto next =
                      _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + size - 16));
                  auto state = load<V, kCount>(from);
                  rounds<V>(state, keys);
    // From the end, so that what is read, one block to the left, is not yet written in place.
#pragma GCC unroll 8
                  for (std::size_t back = 1; back <= kCount; ++back) {
                    const std::size_t g = kCount - back;
                    out_of_words<V>(state, g);
#pragma GCC unroll 4
                    for (std::size_t j = 0; j < 4; ++j) {
                      const std::size_t i = 3 - j;
                      const std::size_t at = g * kGroup<V> + i * kRegister<V>;
                      const auto previous =
                          at == 0 ? V::shift_in(before, V::load(from)) : V::load(from + at - 16);
                      V::store(to + at, V::add(state.word[i][g], previous));
                    }
                  }
                  before = next;
                });
  std::memcpy(chain, next_chain, 16);
}

}  // namespace heqi::crypto::internal::sm4_vector
