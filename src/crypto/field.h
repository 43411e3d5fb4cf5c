// field.h: the field of sm2p256v1, p = 2^256 − 2^224 − 2^96 + 2^64 − 1 (GB/T 32918.5), elements in
// Montgomery form, always fully reduced. Constant time.
#pragma once
#include <span>

#include "words.h"

namespace heqi::crypto::internal {

inline constexpr Words kPrime = {0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF00000000, 0xFFFFFFFFFFFFFFFF,
                                 0xFFFFFFFEFFFFFFFF};
inline constexpr Words kPrimeOne = minus(kPrime);
inline constexpr Words kPrimeRadixSquared = radix_squared(kPrime);
static_assert(montgomery_inverse(kPrime) == 1);

// Field is an element of the field.
struct Field {
  Words words{};

  static Field one() { return {kPrimeOne}; }
  static Field from_plain(const Words& plain);
  Words to_plain() const;
};

// reduce_step adds m·p to (t4 … t0) for m = t0, so that t0 vanishes (−p⁻¹ = 1 modulo 2^64); p's
// shape makes that shifts and subtractions: m·(p + 1) / 2^64 = m + m·2^192 − m·2^32 − m·2^160.
// pending is the carry that belongs to t4.
inline void reduce_step(std::uint64_t m, std::uint64_t& t1, std::uint64_t& t2, std::uint64_t& t3,
                        std::uint64_t& t4, std::uint64_t& pending) {
  const std::uint64_t low = m << 32, high = m >> 32;
  std::uint64_t borrow = 0, carry = 0;
  const std::uint64_t a0 = subtract_borrow(m, low, borrow);
  const std::uint64_t a1 = subtract_borrow(0, high, borrow);
  const std::uint64_t a2 = subtract_borrow(0, low, borrow);
  const std::uint64_t a3 = m - high - borrow + pending;  // below 2^64, as high is large when m is
  t1 = add_carry(t1, a0, carry);
  t2 = add_carry(t2, a1, carry);
  t3 = add_carry(t3, a2, carry);
  t4 = add_carry(t4, a3, carry);
  pending = carry;
}

inline Field montgomery_reduce(const Wide& t) {
  std::uint64_t t1 = t[1], t2 = t[2], t3 = t[3], t4 = t[4], t5 = t[5], t6 = t[6], t7 = t[7];
  std::uint64_t pending = 0;
  reduce_step(t[0], t1, t2, t3, t4, pending);
  reduce_step(t1, t2, t3, t4, t5, pending);
  reduce_step(t2, t3, t4, t5, t6, pending);
  reduce_step(t3, t4, t5, t6, t7, pending);
  return {reduce_once({t4, t5, t6, t7}, pending, kPrime)};
}

inline Field operator*(const Field& a, const Field& b) {
  return montgomery_reduce(multiply_wide(a.words, b.words));
}
inline Field square(const Field& a) {
  return montgomery_reduce(square_wide(a.words));
}
inline Field operator+(const Field& a, const Field& b) {
  return {add_modulo(a.words, b.words, kPrime)};
}
inline Field operator-(const Field& a, const Field& b) {
  return {subtract_modulo(a.words, b.words, kPrime)};
}
inline Field twice(const Field& a) {
  return a + a;
}
inline Field thrice(const Field& a) {
  return a + a + a;
}

// half is a/2: an odd a becomes a + p first, whose carry is shifted in.
inline Field half(const Field& a) {
  const base::ct::Mask odd = base::ct::mask_from_bit(a.words[0]);
  std::uint64_t carry = 0;
  const Words sum =
      add(a.words, {kPrime[0] & odd, kPrime[1] & odd, kPrime[2] & odd, kPrime[3] & odd}, carry);
  return {{sum[0] >> 1 | sum[1] << 63, sum[1] >> 1 | sum[2] << 63, sum[2] >> 1 | sum[3] << 63,
           sum[3] >> 1 | carry << 63}};
}

inline Field Field::from_plain(const Words& plain) {
  return Field{plain} * Field{kPrimeRadixSquared};
}
inline Words Field::to_plain() const {
  return montgomery_reduce({words[0], words[1], words[2], words[3], 0, 0, 0, 0}).words;
}

inline base::ct::Mask is_zero(const Field& a) {
  return is_zero(a.words);
}
inline Field select(base::ct::Mask mask, const Field& a, const Field& b) {
  return {select(mask, a.words, b.words)};
}

Field inverse(const Field& a);  // of zero is zero
// invert_all inverts every element by one inversion and three products each; zero stays zero.
void invert_all(std::span<Field> elements);
Field square_root(const Field& a);  // a^((p+1)/4); a root only where there is one

}  // namespace heqi::crypto::internal
