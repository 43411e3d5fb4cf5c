// sm4_xts.h: XTS over vector registers, with the tweaks of IEEE 1619 and of GB/T 17964-2021.
#pragma once
#include "sm4_parallel.h"

namespace heqi::crypto::internal::sm4_vector {

// An order of tweaks says how one is multiplied by α, and by α^kBits in each lane of a register.
// Inside a register a tweak stands so that the products without carries fit it.
template <class V>
struct IeeeOrder {
  using Reg = typename V::Reg;
  static void times_alpha(std::uint8_t* tweak) { times_alpha_ieee(tweak); }
  static HEQI_INLINE Reg turn(Reg tweaks) { return tweaks; }
  template <int kBits>
  static HEQI_INLINE Reg advance(Reg tweaks) {
    const Reg overflow = V::template multiply<0x01>(V::template shift_right64<64 - kBits>(tweaks),
                                                    V::broadcast64(0x87));
    return V::add(V::template shift_bytes_up<kBits / 8>(tweaks), overflow);
  }
};
template <class V>
struct GbOrder {
  using Reg = typename V::Reg;
  static void times_alpha(std::uint8_t* tweak) { times_alpha_gb(tweak); }
  static HEQI_INLINE Reg turn(Reg tweaks) { return V::reverse_bytes(tweaks); }
  template <int kBits>
  static HEQI_INLINE Reg advance(Reg tweaks) {
    // The reflected 0x87 is 0xE1; it has to stand 57 places higher, which is one and seven bytes.
    const Reg overflow = V::template multiply<0x00>(V::template shift_left64<64 - kBits>(tweaks),
                                                    V::broadcast64(0x1C2));
    return V::add(V::template shift_bytes_down<kBits / 8>(tweaks),
                  V::template shift_bytes_up<7>(overflow));
  }
};

template <class V>
struct Tweaks {
  static constexpr std::size_t kCount = V::kGroups * 4;                // registers
  static constexpr std::size_t kChains = V::kLanes == 1 ? 8 : 4;       // registers
  static constexpr int kBits = static_cast<int>(kChains * V::kLanes);  // from one link to the next
  static_assert(kCount % kChains == 0 && kBits % 8 == 0);
  alignas(64) std::uint8_t bytes[kCount * kRegister<V>];
  ~Tweaks() { base::secure_wipe(bytes, sizeof bytes); }

  // fill writes the next count tweaks and moves tweak on.
  template <class Order>
  void fill(std::uint8_t* tweak, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      std::memcpy(bytes + 16 * i, tweak, 16);
      Order::times_alpha(tweak);
    }
  }
};

// crypt_under_tweaks encrypts or decrypts one batch whose tweaks are ready.
template <class V, std::size_t kCount>
HEQI_INLINE void crypt_under_tweaks(const Sm4RoundKeys& keys, const std::uint8_t* tweaks,
                                    const std::uint8_t* in, std::uint8_t* out) {
  Blocks<V, kCount> state;
#pragma GCC unroll 8
  for (std::size_t g = 0; g < kCount; ++g) {
#pragma GCC unroll 4
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t at = g * kGroup<V> + i * kRegister<V>;
      state.word[i][g] = V::add(V::load(in + at), V::load(tweaks + at));
    }
    into_words<V>(state, g);
  }
  rounds<V>(state, keys);
  store_added<V>(state, tweaks, out);
}

template <class V, class Order>
void xts(const Sm4RoundKeys& keys, std::uint8_t* tweak, const std::uint8_t* in, std::uint8_t* out,
         std::size_t blocks) {
  using T = Tweaks<V>;
  constexpr std::size_t whole = T::kCount * kRegister<V>;
  T tweaks;
  std::size_t size = 16 * blocks;
  if (size >= whole) {
    typename V::Reg chain[T::kChains];
    tweaks.template fill<Order>(tweak, T::kChains * V::kLanes);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < T::kChains; ++i)
      chain[i] = Order::turn(V::load(tweaks.bytes + i * kRegister<V>));
    for (; size >= whole; size -= whole, in += whole, out += whole) {
#pragma GCC unroll 16
      for (std::size_t i = 0; i < T::kCount; ++i) {
        auto& link = chain[i % T::kChains];
        V::store(tweaks.bytes + i * kRegister<V>, Order::turn(link));
        link = Order::template advance<T::kBits>(link);
      }
      crypt_under_tweaks<V, V::kGroups>(keys, tweaks.bytes, in, out);
    }
    V::store(tweaks.bytes, Order::turn(chain[0]));
    std::memcpy(tweak, tweaks.bytes, 16);
  }
  for (; size >= kGroup<V>; size -= kGroup<V>, in += kGroup<V>, out += kGroup<V>) {
    tweaks.template fill<Order>(tweak, kGroup<V> / 16);
    crypt_under_tweaks<V, 1>(keys, tweaks.bytes, in, out);
  }
  if (size == 0) return;
  Scratch<V> scratch;
  std::memcpy(scratch.bytes, in, size);
  tweaks.template fill<Order>(tweak, size / 16);
  crypt_under_tweaks<V, 1>(keys, tweaks.bytes, scratch.bytes, scratch.bytes);
  std::memcpy(out, scratch.bytes, size);
}

}  // namespace heqi::crypto::internal::sm4_vector
