// field.h: the field of sm2p256v1, p = 2^256 − 2^224 − 2^96 + 2^64 − 1 (GB/T 32918.5), elements in
// Montgomery form, always fully reduced. Constant time.
#pragma once
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

// montgomery_reduce uses −p⁻¹ = 1 modulo 2^64: each step adds m·p for m the lowest word, and p's
// shape makes that shifts and subtractions.
inline Field montgomery_reduce(Wide t) {
  std::uint64_t top = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint64_t m = t[i], low = m << 32, high = m >> 32;
    std::uint64_t borrow = 0, carry = 0;
    // m·(p + 1) / 2^64 = m + m·2^192 − m·2^32 − m·2^160; the lowest word vanishes.
    const std::uint64_t a0 = subtract_borrow(m, low, borrow);
    const std::uint64_t a1 = subtract_borrow(0, high, borrow);
    const std::uint64_t a2 = subtract_borrow(0, low, borrow);
    const std::uint64_t a3 = subtract_borrow(m, high, borrow);
    t[i + 1] = add_carry(t[i + 1], a0, carry);
    t[i + 2] = add_carry(t[i + 2], a1, carry);
    t[i + 3] = add_carry(t[i + 3], a2, carry);
    const DoubleWord highest = DoubleWord(t[i + 4]) + a3 + carry + top;
    t[i + 4] = low_word(highest);
    top = high_word(highest);  // belongs to the word that the next step adds to last
  }
  return {reduce_once({t[4], t[5], t[6], t[7]}, top, kPrime)};
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

Field inverse(const Field& a);      // of zero is zero
Field square_root(const Field& a);  // a^((p+1)/4); a root only where there is one

}  // namespace heqi::crypto::internal
