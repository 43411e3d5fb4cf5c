// words.h: 256-bit numbers as four 64-bit words, least significant first. Constant time throughout.
#pragma once
#include <array>
#include <cstdint>

#include <heqi/base/constant_time.h>

namespace heqi::crypto::internal {

using Words = std::array<std::uint64_t, 4>;
using Wide = std::array<std::uint64_t, 8>;
using DoubleWord = unsigned __int128;

inline constexpr std::uint64_t low_word(DoubleWord value) {
  return static_cast<std::uint64_t>(value);
}
inline constexpr std::uint64_t high_word(DoubleWord value) {
  return static_cast<std::uint64_t>(value >> 64);
}

inline constexpr std::uint64_t add_carry(std::uint64_t a, std::uint64_t b, std::uint64_t& carry) {
  const DoubleWord sum = DoubleWord(a) + b + carry;
  carry = high_word(sum);
  return low_word(sum);
}

inline constexpr std::uint64_t subtract_borrow(std::uint64_t a, std::uint64_t b,
                                               std::uint64_t& borrow) {
  const DoubleWord difference = DoubleWord(a) - b - borrow;
  borrow = high_word(difference) & 1;
  return low_word(difference);
}

// multiply_add is a·b + addend + carry, which always fits two words.
inline constexpr std::uint64_t multiply_add(std::uint64_t a, std::uint64_t b, std::uint64_t addend,
                                            std::uint64_t& carry) {
  const DoubleWord sum = DoubleWord(a) * b + addend + carry;
  carry = high_word(sum);
  return low_word(sum);
}

// select is a where mask is set, else b.
inline Words select(base::ct::Mask mask, const Words& a, const Words& b) {
  const std::uint64_t hidden = base::ct::barrier(mask);
  Words out;
  for (std::size_t i = 0; i < 4; ++i) out[i] = b[i] ^ (hidden & (a[i] ^ b[i]));
  return out;
}

inline base::ct::Mask is_zero(const Words& a) {
  return base::ct::is_zero(a[0] | a[1] | a[2] | a[3]);
}
inline base::ct::Mask equal(const Words& a, const Words& b) {
  return base::ct::is_zero((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]));
}
// less is set where a < b.
inline base::ct::Mask less(const Words& a, const Words& b) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) (void)subtract_borrow(a[i], b[i], borrow);
  return base::ct::mask_from_bit(borrow);
}

// reduce_once takes a + carry·2^256 < 2·modulus to below modulus.
inline Words reduce_once(const Words& a, std::uint64_t carry, const Words& modulus) {
  Words lower;
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) lower[i] = subtract_borrow(a[i], modulus[i], borrow);
  // Below the modulus exactly where the subtraction borrows more than the carry gives.
  return select(base::ct::mask_from_bit(borrow & ~carry), a, lower);
}

inline Words add_modulo(const Words& a, const Words& b, const Words& modulus) {
  Words sum;
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < 4; ++i) sum[i] = add_carry(a[i], b[i], carry);
  return reduce_once(sum, carry, modulus);
}

inline Words subtract_modulo(const Words& a, const Words& b, const Words& modulus) {
  Words out;
  std::uint64_t borrow = 0, carry = 0;
  for (std::size_t i = 0; i < 4; ++i) out[i] = subtract_borrow(a[i], b[i], borrow);
  const base::ct::Mask mask = base::ct::mask_from_bit(borrow);
  for (std::size_t i = 0; i < 4; ++i) out[i] = add_carry(out[i], modulus[i] & mask, carry);
  return out;
}

inline Wide multiply_wide(const Words& a, const Words& b) {
  Wide out{};
  for (std::size_t i = 0; i < 4; ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < 4; ++j) out[i + j] = multiply_add(a[i], b[j], out[i + j], carry);
    out[i + 4] = carry;
  }
  return out;
}

inline Wide square_wide(const Words& a) {
  Wide out{};
  std::uint64_t carry = 0;
  out[1] = multiply_add(a[0], a[1], 0, carry);
  out[2] = multiply_add(a[0], a[2], 0, carry);
  out[3] = multiply_add(a[0], a[3], 0, carry);
  out[4] = carry;
  carry = 0;
  out[3] = multiply_add(a[1], a[2], out[3], carry);
  out[4] = multiply_add(a[1], a[3], out[4], carry);
  out[5] = carry;
  carry = 0;
  out[5] = multiply_add(a[2], a[3], out[5], carry);
  out[6] = carry;
  out[7] = out[6] >> 63;
  for (std::size_t i = 6; i > 1; --i) out[i] = out[i] << 1 | out[i - 1] >> 63;
  out[1] <<= 1;
  carry = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const DoubleWord diagonal = DoubleWord(a[i]) * a[i];
    out[2 * i] = add_carry(out[2 * i], low_word(diagonal), carry);
    out[2 * i + 1] = add_carry(out[2 * i + 1], high_word(diagonal), carry);
  }
  return out;
}

inline std::uint64_t load_be64(const std::uint8_t* in) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | in[i];
  return value;
}
inline void store_be64(std::uint8_t* out, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
}

inline Words load_words(const std::uint8_t* in) {
  return {load_be64(in + 24), load_be64(in + 16), load_be64(in + 8), load_be64(in)};
}
inline void store_words(std::uint8_t* out, const Words& words) {
  for (std::size_t i = 0; i < 4; ++i) store_be64(out + 8 * i, words[3 - i]);
}

// minus, double_modulo and to_montgomery make constants; they run in the compiler only.
consteval Words minus(const Words& modulus) {
  Words out{};
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) out[i] = subtract_borrow(0, modulus[i], borrow);
  return out;
}
consteval Words double_modulo(const Words& a, const Words& modulus) {
  Words sum{}, lower{};
  std::uint64_t carry = 0, borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) sum[i] = add_carry(a[i], a[i], carry);
  for (std::size_t i = 0; i < 4; ++i) lower[i] = subtract_borrow(sum[i], modulus[i], borrow);
  return borrow > carry ? sum : lower;
}
// to_montgomery is a·2^256 modulo a modulus above 2^255.
consteval Words to_montgomery(Words a, const Words& modulus) {
  for (int i = 0; i < 256; ++i) a = double_modulo(a, modulus);
  return a;
}
consteval Words radix_squared(const Words& modulus) {
  return to_montgomery(minus(modulus), modulus);
}
// montgomery_inverse is −modulus⁻¹ modulo 2^64.
consteval std::uint64_t montgomery_inverse(const Words& modulus) {
  std::uint64_t inverse = 1;
  for (int i = 0; i < 6; ++i) inverse *= 2 - modulus[0] * inverse;
  return 0 - inverse;
}

// power raises to a public exponent with windows of four bits: 256 squarings, 64 products.
template <class Number>
Number power(const Number& number, const Words& exponent, const Number& one) {
  std::array<Number, 16> table;
  table[0] = one;
  for (std::size_t i = 1; i < 16; ++i) table[i] = table[i - 1] * number;
  Number out = one;
  for (std::size_t i = 64; i-- > 0;) {
    for (int j = 0; j < 4; ++j) out = square(out);
    out = out * table[exponent[i / 16] >> (4 * (i % 16)) & 15];
  }
  return out;
}

}  // namespace heqi::crypto::internal
