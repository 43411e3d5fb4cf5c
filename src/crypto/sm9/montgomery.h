// montgomery.h: products modulo any odd number between 2^255 and 0.9·2^256, in portable words. A
// Modulus is a type with the number, kWords, and −number⁻¹ modulo 2^64, kInverse.
#pragma once
#include "../words.h"

namespace heqi::crypto::sm9::internal {

using crypto::internal::Words;

// montgomery_step is one word of the product and of the reduction: (t4 … t0) becomes
// ((t4 … t0) + a·b + m·modulus) / 2^64, with m such that the lowest word vanishes. t4 is at most 1.
template <class Modulus>
inline void montgomery_step(std::uint64_t a, const Words& b, std::uint64_t& t0, std::uint64_t& t1,
                            std::uint64_t& t2, std::uint64_t& t3, std::uint64_t& t4) {
  using namespace crypto::internal;
  std::uint64_t high = 0, carry = 0, over = 0;
  add_row(a, b, t0, t1, t2, t3, high);
  t4 = high + t4;  // a·b + t stays below 2^320, as the modulus is below 0.9·2^256
  const std::uint64_t m = t0 * Modulus::kInverse;
  (void)multiply_add(m, Modulus::kWords[0], t0, carry);
  t0 = multiply_add(m, Modulus::kWords[1], t1, carry);
  t1 = multiply_add(m, Modulus::kWords[2], t2, carry);
  t2 = multiply_add(m, Modulus::kWords[3], t3, carry);
  t3 = add_carry(t4, carry, over);
  t4 = over;
}

// montgomery_multiply is a·b·2^−256; one factor may be any 256-bit number, the other is below the
// modulus and comes second.
template <class Modulus>
inline Words montgomery_multiply(const Words& a, const Words& b) {
  std::uint64_t t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
  montgomery_step<Modulus>(a[0], b, t0, t1, t2, t3, t4);
  montgomery_step<Modulus>(a[1], b, t0, t1, t2, t3, t4);
  montgomery_step<Modulus>(a[2], b, t0, t1, t2, t3, t4);
  montgomery_step<Modulus>(a[3], b, t0, t1, t2, t3, t4);
  return crypto::internal::reduce_once({t0, t1, t2, t3}, t4, Modulus::kWords);
}

}  // namespace heqi::crypto::sm9::internal
