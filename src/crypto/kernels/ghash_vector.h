// ghash_vector.h: the hash of GCM (GB/T 36624 §10.4) by products without carries. A block stands
// with its bytes reversed, so that bit 127 - i is the coefficient of x^i; the powers of the hash
// key carry a factor of 1/x, which takes away the shift that this order would ask of each product.
#pragma once
#include <cstring>

#include "sm4_parallel.h"

namespace heqi::crypto::internal::sm4_vector {

// Sum is a sum of products that is not reduced yet: lane by lane.
template <class V>
struct Sum {
  typename V::Reg low, middle, high;
};

template <class V>
HEQI_INLINE void add_product(Sum<V>& sum, typename V::Reg a, typename V::Reg b) {
  sum.low = V::add(sum.low, V::template multiply<0x00>(a, b));
  sum.high = V::add(sum.high, V::template multiply<0x11>(a, b));
  sum.middle =
      V::add(sum.middle, V::template multiply<0x01>(a, b), V::template multiply<0x10>(a, b));
}

// reduce takes the sum modulo x^128 + x^7 + x^2 + x + 1, folding the lowest 64 bits twice.
template <class V>
HEQI_INLINE typename V::Narrow::Reg reduce(const Sum<V>& sum) {
  using N = typename V::Narrow;
  const auto middle = V::add_lanes(sum.middle);
  const auto low = N::add(V::add_lanes(sum.low), N::template shift_bytes_up<8>(middle));
  const auto high = N::add(V::add_lanes(sum.high), N::template shift_bytes_down<8>(middle));
  const auto modulus = N::broadcast64(0xC200000000000000);
  const auto once = N::add(N::template pick32<0x4E>(low), N::template multiply<0x00>(low, modulus));
  return N::add(N::add(high, N::template pick32<0x4E>(once)),
                N::template multiply<0x00>(once, modulus));
}

template <class V>
HEQI_INLINE typename V::Narrow::Reg product(typename V::Narrow::Reg a, typename V::Narrow::Reg b) {
  using N = typename V::Narrow;
  Sum<N> sum{N::zero(), N::zero(), N::zero()};
  add_product(sum, a, b);
  return reduce<N>(sum);
}

// make_powers writes H^64/x … H/x.
template <class V>
void make_powers(const std::uint8_t* hash_key, GhashPowers& powers) {
  using N = typename V::Narrow;
  const std::uint64_t high = load_be64(hash_key), low = load_be64(hash_key + 8);
  const std::uint64_t top = 0 - (high >> 63);  // the coefficient of 1, as a mask
  alignas(16) std::uint64_t first[2] = {low << 1 ^ (top & 1),
                                        (high << 1 | low >> 63) ^ (top & 0xC200000000000000)};
  const auto key = N::load(reinterpret_cast<const std::uint8_t*>(first));
  auto power = key;
  for (std::size_t i = kGhashPowers; i-- > 0;) {
    N::store(powers.data() + 16 * i, power);
    power = product<V>(power, key);
  }
  base::secure_wipe(first, sizeof first);
}

// powers_for points to the power that the first of count blocks is multiplied by.
inline const std::uint8_t* powers_for(const GhashPowers& powers, std::size_t count) {
  return powers.data() + 16 * (kGhashPowers - count);
}

// ghash_blocks takes in up to kGhashPowers whole blocks.
template <class V>
HEQI_INLINE typename V::Narrow::Reg ghash_blocks(const GhashPowers& powers,
                                                 typename V::Narrow::Reg before,
                                                 const std::uint8_t* in, std::size_t blocks) {
  using N = typename V::Narrow;
  const std::uint8_t* power = powers_for(powers, blocks);
  Sum<N> rest{N::zero(), N::zero(), N::zero()};
  // The part of a register comes first, so that the sum so far is added to a lone block.
  const std::size_t lone = (blocks - 1) % V::kLanes + 1;
  for (std::size_t i = 0; i < lone; ++i, in += 16, power += 16) {
    const auto block = N::reverse_bytes(N::load(in));
    add_product(rest, i == 0 ? N::add(block, before) : block, N::load(power));
  }
  Sum<V> sum{V::widen(rest.low), V::widen(rest.middle), V::widen(rest.high)};
  for (std::size_t i = lone; i < blocks; i += V::kLanes) {
    add_product(sum, V::reverse_bytes(V::load(in)), V::load(power));
    in += kRegister<V>;
    power += kRegister<V>;
  }
  return reduce<V>(sum);
}

template <class V>
void ghash(const GhashPowers& powers, std::uint8_t* sum, const std::uint8_t* in, std::size_t size) {
  using N = typename V::Narrow;
  auto value = N::reverse_bytes(N::load(sum));
  while (size >= 16) {
    const std::size_t blocks = size / 16 < kGhashPowers ? size / 16 : kGhashPowers;
    value = ghash_blocks<V>(powers, value, in, blocks);
    in += 16 * blocks;
    size -= 16 * blocks;
  }
  if (size != 0) {
    alignas(16) std::uint8_t last[16] = {};
    std::memcpy(last, in, size);
    value =
        product<V>(N::add(value, N::reverse_bytes(N::load(last))), N::load(powers_for(powers, 1)));
    base::secure_wipe(last, sizeof last);
  }
  N::store(sum, N::reverse_bytes(value));
}

}  // namespace heqi::crypto::internal::sm4_vector
