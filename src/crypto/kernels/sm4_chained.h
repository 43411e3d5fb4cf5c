// sm4_chained.h: the modes in which a block waits for the one before: CBC encryption and CBC-MAC of
// one message and of sixteen, and CCM, whose counters ride beside its CBC-MAC in the same
// registers.
#pragma once
#include "sm4_parallel.h"

namespace heqi::crypto::internal::sm4_vector {

template <class V, std::size_t kCount>
using Word = typename V::Reg[kCount];

// chained_rounds runs all rounds with the shortest chain of dependent instructions: the argument of
// each round's S-box is made from that of the round before, and the new word from it, in its shade.
template <class V, std::size_t kCount>
HEQI_INLINE void chained_rounds(Blocks<V, kCount>& blocks, const Sm4RoundKeys& keys) {
  auto& w = blocks.word;
  Word<V, kCount> t;
#pragma GCC unroll 8
  for (std::size_t g = 0; g < kCount; ++g)
    t[g] = V::add(V::add(w[2][g], V::broadcast32(keys[0]), w[1][g]), w[3][g]);
  const auto round = [&](std::size_t a, std::size_t c, std::size_t d, std::uint32_t next_key) {
    const auto key = V::broadcast32(next_key);
#pragma GCC unroll 8
    for (std::size_t g = 0; g < kCount; ++g) {
      const auto others = held(V::add(w[c][g], w[d][g], key));
      t[g] = held(V::mix_soon(w[a][g], others, t[g]));
      w[a][g] = V::add(t[g], others);
    }
  };
#pragma GCC unroll 1
  for (std::size_t i = 0; i < 28; i += 4) {
    round(0, 2, 3, keys[i + 1]);
    round(1, 3, 0, keys[i + 2]);
    round(2, 0, 1, keys[i + 3]);
    round(3, 1, 2, keys[i + 4]);
  }
  round(0, 2, 3, keys[29]);
  round(1, 3, 0, keys[30]);
  round(2, 0, 1, keys[31]);
  round(3, 1, 2, 0);
}

// Chain is the blocks that came out last, as words, in the order in which the next ones go in.
template <class V, std::size_t kCount>
HEQI_INLINE void add_chain(Blocks<V, kCount>& next, const Blocks<V, kCount>& chain) {
#pragma GCC unroll 8
  for (std::size_t g = 0; g < kCount; ++g)
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i)
      next.word[i][g] = V::add(next.word[i][g], chain.word[3 - i][g]);
}

// One is a single message: a block is element 0 of each word; another may ride in element 1.
template <class V>
using One = Blocks<typename V::Narrow, 1>;

template <class V>
HEQI_INLINE One<V> load_one(const std::uint8_t* in) {
  using N = typename V::Narrow;
  const auto block = N::into_basis(N::swap_words(N::load(in)));
  One<V> out;
  out.word[0][0] = block;
  out.word[1][0] = N::template pick32<0x55>(block);
  out.word[2][0] = N::template pick32<0xAA>(block);
  out.word[3][0] = N::template pick32<0xFF>(block);
  return out;
}
// block_of is the block in element 0 of the words that came out.
template <class V>
HEQI_INLINE typename V::Narrow::Reg block_of(const One<V>& words) {
  using N = typename V::Narrow;
  const auto first = N::unpack_low32(words.word[3][0], words.word[2][0]);
  const auto second = N::unpack_low32(words.word[1][0], words.word[0][0]);
  return N::swap_words(N::out_of_basis(N::unpack_low64(first, second)));
}
// reversed makes a chain of a block that was loaded in the order of the input.
template <class V>
HEQI_INLINE One<V> reversed(const One<V>& in) {
  One<V> out;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i) out.word[i][0] = in.word[3 - i][0];
  return out;
}

template <class V>
void cbc_encrypt(const Sm4RoundKeys& keys, std::uint8_t* chain, const std::uint8_t* in,
                 std::uint8_t* out, std::size_t blocks) {
  using N = typename V::Narrow;
  auto last = reversed<V>(load_one<V>(chain));
  for (std::size_t i = 0; i < blocks; ++i) {
    auto next = load_one<V>(in + 16 * i);
    add_chain<N>(next, last);
    chained_rounds<N>(next, keys);
    N::store(out + 16 * i, block_of<V>(next));
    last = next;
  }
  N::store(chain, block_of<V>(last));
}

template <class V>
void cbc_mac(const Sm4RoundKeys& keys, std::uint8_t* chain, const std::uint8_t* in,
             std::size_t blocks) {
  using N = typename V::Narrow;
  auto last = reversed<V>(load_one<V>(chain));
  for (std::size_t i = 0; i < blocks; ++i) {
    auto next = load_one<V>(in + 16 * i);
    add_chain<N>(next, last);
    chained_rounds<N>(next, keys);
    last = next;
  }
  N::store(chain, block_of<V>(last));
}

// load_streams takes one block of each of the sixteen messages.
template <class V, std::size_t kCount, class Address>
HEQI_INLINE Blocks<V, kCount> load_streams(Address address) {
  Blocks<V, kCount> out;
#pragma GCC unroll 8
  for (std::size_t g = 0; g < kCount; ++g) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i)
      out.word[i][g] =
          V::load_lanes([&](std::size_t lane) { return address((g * 4 + i) * V::kLanes + lane); });
    into_words<V>(out, g);
  }
  return out;
}
template <class V, std::size_t kCount, class Address>
HEQI_INLINE void store_streams(Blocks<V, kCount> words, Address address) {
#pragma GCC unroll 8
  for (std::size_t g = 0; g < kCount; ++g) {
    out_of_words<V>(words, g);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i)
      V::store_lanes(words.word[i][g],
                     [&](std::size_t lane) { return address((g * 4 + i) * V::kLanes + lane); });
  }
}

template <class V>
void cbc_streams(const Sm4RoundKeys& keys, Sm4Stream* streams, std::size_t blocks) {
  constexpr std::size_t groups = kSm4Streams / 4 / V::kLanes;
  const auto chains =
      load_streams<V, groups>([&](std::size_t i) { return streams[i].chain.data(); });
  Blocks<V, groups> last;
#pragma GCC unroll 8
  for (std::size_t g = 0; g < groups; ++g)
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) last.word[i][g] = chains.word[3 - i][g];
  for (std::size_t step = 0; step < blocks; ++step) {
    auto next = load_streams<V, groups>([&](std::size_t i) {
      const std::uint8_t* const at = streams[i].in;
      streams[i].in += streams[i].in_step;
      return at;
    });
    add_chain<V>(next, last);
    chained_rounds<V>(next, keys);
    store_streams<V>(next, [&](std::size_t i) {
      std::uint8_t* const at = streams[i].out;
      streams[i].out += streams[i].out_step;
      return at;
    });
    last = next;
  }
  store_streams<V>(last, [&](std::size_t i) { return streams[i].chain.data(); });
}

// beside puts the block of other into element 1 of each word.
template <class V>
HEQI_INLINE One<V> beside(const One<V>& one, const One<V>& other) {
  using N = typename V::Narrow;
  One<V> out;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i)
    out.word[i][0] = N::unpack_low32(one.word[i][0], other.word[i][0]);
  return out;
}
// other_of is the block in element 1 of the words that came out.
template <class V>
HEQI_INLINE typename V::Narrow::Reg other_of(const One<V>& words) {
  using N = typename V::Narrow;
  const auto first = N::unpack_low32(words.word[3][0], words.word[2][0]);
  const auto second = N::unpack_low32(words.word[1][0], words.word[0][0]);
  return N::swap_words(N::out_of_basis(N::unpack_high64(first, second)));
}

// ccm does the CBC-MAC of block i together with the key stream of block i + 1.
template <class V, bool kEncrypt>
void ccm(const Sm4RoundKeys& keys, CcmState& state, const std::uint8_t* in, std::uint8_t* out,
         std::size_t size) {
  using N = typename V::Narrow;
  if (size == 0) return;
  const auto next_counter = [&] {
    const auto block = load_one<V>(state.counter.data());
    add_to_counter(state.counter.data(), 1);
    return block;
  };
  auto first = next_counter();
  chained_rounds<N>(first, keys);
  auto stream = block_of<V>(first);
  auto mac = reversed<V>(load_one<V>(state.mac.data()));
  alignas(16) std::uint8_t plain[16], part[16];
  for (std::size_t at = 0; at < size; at += 16) {
    const std::size_t count = size - at < 16 ? size - at : 16;
    std::memset(part, 0, sizeof part);
    std::memcpy(part, in + at, count);
    std::memcpy(plain, part, sizeof plain);
    N::store(part, N::add(N::load(part), stream));
    std::memcpy(out + at, part, count);
    if (!kEncrypt) {
      std::memset(plain, 0, sizeof plain);
      std::memcpy(plain, part, count);
    }
    auto block = load_one<V>(plain);
    add_chain<N>(block, mac);
    const bool last = size - at <= 16;
    auto both = beside<V>(block, last ? block : next_counter());
    chained_rounds<N>(both, keys);
    stream = other_of<V>(both);
    mac = both;
  }
  N::store(state.mac.data(), block_of<V>(mac));
  base::secure_wipe(plain, sizeof plain);
  base::secure_wipe(part, sizeof part);
}

}  // namespace heqi::crypto::internal::sm4_vector
