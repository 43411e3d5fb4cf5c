// sm4_gcm.h: GCM in one pass: the rounds over one batch run beside GHASH over the ciphertext of
// another, the same one when it is read and the one before when it is written.
#pragma once
#include "ghash_vector.h"

namespace heqi::crypto::internal::sm4_vector {

// HashBeside takes a batch of ciphertext into the sum in eight parts, one for each four rounds.
template <class V>
class HashBeside {
 public:
  using N = typename V::Narrow;
  static constexpr std::size_t kRegisters = 4 * V::kGroups;
  static constexpr std::size_t kPerPart = (kRegisters + 7) / 8;
  static_assert(4 * V::kGroups * V::kLanes <= kGhashPowers);

  HEQI_INLINE HashBeside(const GhashPowers& powers, typename N::Reg before,
                         const std::uint8_t* cipher)
      : power_(powers_for(powers, kRegisters * V::kLanes)),
        cipher_(cipher),
        sum_{V::zero(), V::zero(), V::zero()},
        before_(V::widen(before)) {}

  HEQI_INLINE void operator()(std::size_t part) {
#pragma GCC unroll 2
    for (std::size_t i = 0; i < kPerPart; ++i) {
      const std::size_t at = (part * kPerPart + i) * kRegister<V>;
      if (kRegisters % 8 != 0 && at >= kRegisters * kRegister<V>) return;
      add_product(sum_, V::add(V::reverse_bytes(V::load(cipher_ + at)), before_),
                  V::load(power_ + at));
      before_ = V::zero();
    }
  }
  HEQI_INLINE typename N::Reg finish() const {
    return reduce<V>(sum_);
  }

 private:
  const std::uint8_t* power_;
  const std::uint8_t* cipher_;
  Sum<V> sum_;
  typename V::Reg before_;
};

// gcm_ctr is CTR with a counter of 32 bits, for what is not hashed beside it.
template <class V>
void gcm_ctr(const Sm4RoundKeys& keys, std::uint8_t* counter, const std::uint8_t* in,
             std::uint8_t* out, std::size_t size) {
  std::uint8_t at[16];
  std::memcpy(at, counter, sizeof at);
  in_batches<V>(in, out, size,
                [&]<std::size_t kCount>(Batch<kCount>, const std::uint8_t* from, std::uint8_t* to) {
                  auto state = load_counters<V, kCount>(at);
                  rounds<V>(state, keys);
                  store_added<V>(state, from, to);
                  add_to_counter32(at, kCount * 4 * V::kLanes);
                });
  add_to_counter32(counter, (size + 15) / 16);
}

template <class V>
void gcm_encrypt(const Sm4RoundKeys& keys, const GhashPowers& powers, GcmState& state,
                 const std::uint8_t* in, std::uint8_t* out, std::size_t size) {
  using N = typename V::Narrow;
  constexpr std::size_t whole = V::kGroups * kGroup<V>;
  if (size >= 2 * whole) {
    auto sum = N::reverse_bytes(N::load(state.sum.data()));
    gcm_ctr<V>(keys, state.counter.data(), in, out, whole);
    for (; size >= 2 * whole; size -= whole) {
      in += whole;
      auto blocks = load_counters<V, V::kGroups>(state.counter.data());
      HashBeside<V> hash(powers, sum, out);
      rounds<V>(
          blocks, keys, [&](std::size_t part) __attribute__((always_inline)) { hash(part); });
      sum = hash.finish();
      out += whole;
      store_added<V>(blocks, in, out);
      add_to_counter32(state.counter.data(), whole / 16);
    }
    N::store(state.sum.data(), N::reverse_bytes(sum));
    ghash<V>(powers, state.sum.data(), out, whole);
    in += whole;
    out += whole;
    size -= whole;
  }
  gcm_ctr<V>(keys, state.counter.data(), in, out, size);
  ghash<V>(powers, state.sum.data(), out, size);
}

template <class V>
void gcm_decrypt(const Sm4RoundKeys& keys, const GhashPowers& powers, GcmState& state,
                 const std::uint8_t* in, std::uint8_t* out, std::size_t size) {
  using N = typename V::Narrow;
  constexpr std::size_t whole = V::kGroups * kGroup<V>;
  auto sum = N::reverse_bytes(N::load(state.sum.data()));
  for (; size >= whole; size -= whole, in += whole, out += whole) {
    auto blocks = load_counters<V, V::kGroups>(state.counter.data());
    HashBeside<V> hash(powers, sum, in);
    rounds<V>(
        blocks, keys, [&](std::size_t part) __attribute__((always_inline)) { hash(part); });
    sum = hash.finish();
    store_added<V>(blocks, in, out);
    add_to_counter32(state.counter.data(), whole / 16);
  }
  N::store(state.sum.data(), N::reverse_bytes(sum));
  ghash<V>(powers, state.sum.data(), in, size);
  gcm_ctr<V>(keys, state.counter.data(), in, out, size);
}

}  // namespace heqi::crypto::internal::sm4_vector
