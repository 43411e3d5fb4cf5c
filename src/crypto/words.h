// words.h: 256-bit numbers as four 64-bit words, least significant first. Constant time throughout.
#pragma once
#include <array>
#include <cstdint>

#include <type_traits>

#include <heqi/base/constant_time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

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

// add_carry and subtract_borrow take and give a carry of 0 or 1. The x86-64 forms keep it in the
// flag.
inline constexpr std::uint64_t add_carry(std::uint64_t a, std::uint64_t b, std::uint64_t& carry) {
#if defined(__x86_64__)
  if (!std::is_constant_evaluated()) {
    unsigned long long sum = 0;
    carry = _addcarry_u64(static_cast<unsigned char>(carry), a, b, &sum);
    return sum;
  }
#endif
  const DoubleWord sum = DoubleWord(a) + b + carry;
  carry = high_word(sum);
  return low_word(sum);
}

inline constexpr std::uint64_t subtract_borrow(std::uint64_t a, std::uint64_t b,
                                               std::uint64_t& borrow) {
#if defined(__x86_64__)
  if (!std::is_constant_evaluated()) {
    unsigned long long difference = 0;
    borrow = _subborrow_u64(static_cast<unsigned char>(borrow), a, b, &difference);
    return difference;
  }
#endif
  const DoubleWord difference = DoubleWord(a) - b - borrow;
  borrow = high_word(difference) & 1;
  return low_word(difference);
}

// multiply_add is a·b + addend + carry, which always fits two words. WebAssembly has no product of
// two words: compilers call a function for it, which takes longer than four products of halves.
inline constexpr std::uint64_t multiply_add(std::uint64_t a, std::uint64_t b, std::uint64_t addend,
                                            std::uint64_t& carry) {
#if defined(__wasm__)
  constexpr std::uint64_t half = 0xFFFFFFFF;
  const std::uint64_t a0 = a & half, a1 = a >> 32, b0 = b & half, b1 = b >> 32;
  const std::uint64_t lowest = a0 * b0 + (addend & half) + (carry & half);
  const std::uint64_t left = a0 * b1 + (lowest >> 32) + (addend >> 32);
  const std::uint64_t right = a1 * b0 + (left & half) + (carry >> 32);
  carry = a1 * b1 + (left >> 32) + (right >> 32);
  return right << 32 | (lowest & half);
#else
  const DoubleWord sum = DoubleWord(a) * b + addend + carry;
  carry = high_word(sum);
  return low_word(sum);
#endif
}

// What follows is written out word by word: compilers then keep everything in registers.

// select is a where mask is set, else b.
inline Words select(base::ct::Mask mask, const Words& a, const Words& b) {
  const std::uint64_t hidden = base::ct::barrier(mask);
  return {b[0] ^ (hidden & (a[0] ^ b[0])), b[1] ^ (hidden & (a[1] ^ b[1])),
          b[2] ^ (hidden & (a[2] ^ b[2])), b[3] ^ (hidden & (a[3] ^ b[3]))};
}

// add and subtract give the carry or borrow of 2^256 beside the result.
inline Words add(const Words& a, const Words& b, std::uint64_t& carry) {
  carry = 0;
  const std::uint64_t w0 = add_carry(a[0], b[0], carry), w1 = add_carry(a[1], b[1], carry);
  const std::uint64_t w2 = add_carry(a[2], b[2], carry), w3 = add_carry(a[3], b[3], carry);
  return {w0, w1, w2, w3};
}
inline Words subtract(const Words& a, const Words& b, std::uint64_t& borrow) {
  borrow = 0;
  const std::uint64_t w0 = subtract_borrow(a[0], b[0], borrow);
  const std::uint64_t w1 = subtract_borrow(a[1], b[1], borrow);
  const std::uint64_t w2 = subtract_borrow(a[2], b[2], borrow);
  const std::uint64_t w3 = subtract_borrow(a[3], b[3], borrow);
  return {w0, w1, w2, w3};
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
  (void)subtract(a, b, borrow);
  return base::ct::mask_from_bit(borrow);
}

// reduce_once takes a + carry·2^256 < 2·modulus to below modulus.
inline Words reduce_once(const Words& a, std::uint64_t carry, const Words& modulus) {
  std::uint64_t borrow = 0;
  const Words lower = subtract(a, modulus, borrow);
  // Below the modulus exactly where the subtraction borrows more than the carry gives.
  return select(base::ct::mask_from_bit(borrow & ~carry), a, lower);
}

inline Words add_modulo(const Words& a, const Words& b, const Words& modulus) {
  std::uint64_t carry = 0;
  const Words sum = add(a, b, carry);
  return reduce_once(sum, carry, modulus);
}

inline Words subtract_modulo(const Words& a, const Words& b, const Words& modulus) {
  std::uint64_t borrow = 0, carry = 0;
  const Words difference = subtract(a, b, borrow);
  const base::ct::Mask mask = base::ct::mask_from_bit(borrow);
  return add(difference,
             {modulus[0] & mask, modulus[1] & mask, modulus[2] & mask, modulus[3] & mask}, carry);
}

// add_row is (r4 … r0) = (r3 … r0) + a·b.
inline void add_row(std::uint64_t a, const Words& b, std::uint64_t& r0, std::uint64_t& r1,
                    std::uint64_t& r2, std::uint64_t& r3, std::uint64_t& r4) {
  std::uint64_t carry = 0;
  r0 = multiply_add(a, b[0], r0, carry);
  r1 = multiply_add(a, b[1], r1, carry);
  r2 = multiply_add(a, b[2], r2, carry);
  r3 = multiply_add(a, b[3], r3, carry);
  r4 = carry;
}

inline Wide multiply_wide(const Words& a, const Words& b) {
  std::uint64_t r0 = 0, r1 = 0, r2 = 0, r3 = 0, r4, r5, r6, r7;
  add_row(a[0], b, r0, r1, r2, r3, r4);
  add_row(a[1], b, r1, r2, r3, r4, r5);
  add_row(a[2], b, r2, r3, r4, r5, r6);
  add_row(a[3], b, r3, r4, r5, r6, r7);
  return {r0, r1, r2, r3, r4, r5, r6, r7};
}

inline Wide square_wide(const Words& a) {
  // The products of different words once, doubled, and the squares added.
  std::uint64_t carry = 0;
  std::uint64_t r1 = multiply_add(a[0], a[1], 0, carry);
  std::uint64_t r2 = multiply_add(a[0], a[2], 0, carry);
  std::uint64_t r3 = multiply_add(a[0], a[3], 0, carry);
  std::uint64_t r4 = carry;
  carry = 0;
  r3 = multiply_add(a[1], a[2], r3, carry);
  r4 = multiply_add(a[1], a[3], r4, carry);
  std::uint64_t r5 = carry;
  carry = 0;
  r5 = multiply_add(a[2], a[3], r5, carry);
  std::uint64_t r6 = carry;
  std::uint64_t r7 = r6 >> 63;
  r6 = r6 << 1 | r5 >> 63;
  r5 = r5 << 1 | r4 >> 63;
  r4 = r4 << 1 | r3 >> 63;
  r3 = r3 << 1 | r2 >> 63;
  r2 = r2 << 1 | r1 >> 63;
  r1 <<= 1;
  std::uint64_t high0 = 0, high1 = 0, high2 = 0, high3 = 0;
  const std::uint64_t low0 = multiply_add(a[0], a[0], 0, high0);
  const std::uint64_t low1 = multiply_add(a[1], a[1], 0, high1);
  const std::uint64_t low2 = multiply_add(a[2], a[2], 0, high2);
  const std::uint64_t low3 = multiply_add(a[3], a[3], 0, high3);
  carry = 0;
  r1 = add_carry(r1, high0, carry);
  r2 = add_carry(r2, low1, carry);
  r3 = add_carry(r3, high1, carry);
  r4 = add_carry(r4, low2, carry);
  r5 = add_carry(r5, high2, carry);
  r6 = add_carry(r6, low3, carry);
  r7 = add_carry(r7, high3, carry);
  return {low0, r1, r2, r3, r4, r5, r6, r7};
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
