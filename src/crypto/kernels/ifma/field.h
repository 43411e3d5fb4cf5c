// field.h: the field of sm2p256v1 in eight lanes: five limbs of 52 bits, Montgomery form with the
// radix 2^260. Constant time. Included by the kernels of this folder only: what stands here is
// compiled for AVX-512 IFMA, so nothing may be shared with other code by the linker (README.md).
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace heqi::crypto::internal::ifma {

using Vector = __m512i;
using LaneMask = __mmask8;  // one bit a lane
#define HEQI_LANES static inline __attribute__((always_inline))

inline constexpr int kLimbs = 5, kLimbBits = 52;
inline constexpr std::uint64_t kLimbMask = (std::uint64_t(1) << kLimbBits) - 1;

// Number is an element: limbs of 52 bits, its value below 16p, which is just below 2^260. How far
// below decides what a product of it is below: a < A·p and b < B·p give a·b < (A·B/16 + 1)·p.
struct Number {
  Vector limb[kLimbs];
};
// Sum is a sum of products and numbers before its carries: limbs are signed and below 2^62.
struct Sum {
  Vector limb[kLimbs];
};

using Limbs = std::uint64_t[kLimbs];
inline constexpr Limbs kPrime1 = {0xFFFFFFFFFFFFF, 0xFF00000000FFF, 0xFFFFFFFFFFFFF,
                                  0xFFFFFFFFFFFFF, 0x0FFFFFFFEFFFF};
inline constexpr Limbs kOne = {0x10, 0xFFFFFFFF0000, 0, 0, 0x100000};  // 2^260
inline constexpr Limbs kRadixSquared = {0x20000000300, 0xFFFFFFFF00000, 0x100000002, 0x200000001000,
                                        0x4000000};
inline constexpr Limbs kFieldB = {0x30632BC0DD422, 0xB09B537AB70D2, 0xA51C3C71CF379,
                                  0x2C8527981505E, 0x40FE188DA20E};

HEQI_LANES Vector all(std::uint64_t value) {
  return _mm512_set1_epi64(static_cast<long long>(value));
}
HEQI_LANES Number all(const Limbs& value) {
  Number out;
  for (int i = 0; i < kLimbs; ++i) out.limb[i] = all(value[i]);
  return out;
}
// Shifts by a constant, as operators of the compilers' vectors: with g++ 12 the intrinsics of the
// same name warn of an uninitialised value of their own.
HEQI_LANES Vector up(Vector a, int bits) {
  return a << bits;
}
HEQI_LANES Vector down_signed(Vector a, int bits) {
  return a >> bits;
}
HEQI_LANES Vector down(Vector a, int bits) {
  typedef unsigned long long Unsigned __attribute__((vector_size(64)));
  return reinterpret_cast<Vector>(reinterpret_cast<Unsigned>(a) >> static_cast<unsigned>(bits));
}
HEQI_LANES Vector add_low(Vector sum, Vector a, Vector b) {
  return _mm512_madd52lo_epu64(sum, a, b);
}
HEQI_LANES Vector add_high(Vector sum, Vector a, Vector b) {
  return _mm512_madd52hi_epu64(sum, a, b);
}

HEQI_LANES Sum operator+(const Sum& a, const Sum& b) {
  Sum out;
  for (int i = 0; i < kLimbs; ++i) out.limb[i] = _mm512_add_epi64(a.limb[i], b.limb[i]);
  return out;
}
HEQI_LANES Sum operator-(const Sum& a, const Sum& b) {
  Sum out;
  for (int i = 0; i < kLimbs; ++i) out.limb[i] = _mm512_sub_epi64(a.limb[i], b.limb[i]);
  return out;
}
HEQI_LANES Sum sum_of(const Number& a) {
  Sum out;
  for (int i = 0; i < kLimbs; ++i) out.limb[i] = a.limb[i];
  return out;
}
template <int kShift>
HEQI_LANES Sum shifted(const Sum& a) {
  Sum out;
  for (int i = 0; i < kLimbs; ++i) out.limb[i] = up(a.limb[i], kShift);
  return out;
}
// primes is kCount·p: what a difference needs to stay above zero.
template <std::uint64_t kCount>
HEQI_LANES Sum primes() {
  Sum out;
  for (int i = 0; i < kLimbs; ++i) out.limb[i] = all(kCount * kPrime1[i]);
  return out;
}

// carried brings the limbs of a sum in 0…16p to 52 bits.
HEQI_LANES Number carried(const Sum& a) {
  const Vector mask = all(kLimbMask);
  Number out;
  Vector carry = _mm512_setzero_si512();
  for (int i = 0; i < kLimbs - 1; ++i) {
    const Vector whole = _mm512_add_epi64(a.limb[i], carry);
    out.limb[i] = _mm512_and_si512(whole, mask);
    carry = down_signed(whole, kLimbBits);
  }
  out.limb[kLimbs - 1] = _mm512_add_epi64(a.limb[kLimbs - 1], carry);
  return out;
}

// Columns are the ten limbs of sums of products.
struct Columns {
  Vector column[2 * kLimbs];
};

// reduced is columns·2^−260 modulo p. Five times a limb m vanishes by adding m·p, as −p⁻¹ is 1
// modulo 2^52; of (p + 1)/2^52 = 2^204 − 2^172 − 2^44 + 2^12 the part below 2^52 is taken as
// (2^52 − 2^44 + 2^12) − 2^52, so that only m itself is ever subtracted.
HEQI_LANES Sum reduced(Columns t) {
  const Vector mask = all(kLimbMask);
  const Vector low_part = all((std::uint64_t(1) << 52) - (std::uint64_t(1) << 44) + (1 << 12));
  const Vector high_part = all((std::uint64_t(1) << 48) - (1 << 16));
  for (int i = 0; i < kLimbs; ++i) {
    const Vector whole = t.column[i], m = _mm512_and_si512(whole, mask);
    const Vector carry = down_signed(whole, kLimbBits);
    t.column[i + 1] = add_low(_mm512_add_epi64(t.column[i + 1], carry), m, low_part);
    t.column[i + 2] = add_high(_mm512_sub_epi64(t.column[i + 2], m), m, low_part);
    t.column[i + 4] = add_low(t.column[i + 4], m, high_part);
    t.column[i + 5] = add_high(t.column[i + 5], m, high_part);
  }
  Sum out;
  for (int i = 0; i < kLimbs; ++i) out.limb[i] = t.column[i + kLimbs];
  return out;
}

HEQI_LANES void add_product(Columns& t, const Number& a, const Number& b) {
  for (int i = 0; i < kLimbs; ++i)
    for (int j = 0; j < kLimbs; ++j) {
      t.column[i + j] = add_low(t.column[i + j], a.limb[i], b.limb[j]);
      t.column[i + j + 1] = add_high(t.column[i + j + 1], a.limb[i], b.limb[j]);
    }
}
HEQI_LANES Columns no_columns() {
  Columns t;
  for (Vector& column : t.column) column = _mm512_setzero_si512();
  return t;
}

HEQI_LANES Sum multiply(const Number& a, const Number& b) {
  Columns t = no_columns();
  add_product(t, a, b);
  return reduced(t);
}
// multiply_two is a·b + c·d with one reduction: below (A·B + C·D)/16 + 1 times p.
HEQI_LANES Sum multiply_two(const Number& a, const Number& b, const Number& c, const Number& d) {
  Columns t = no_columns();
  add_product(t, a, b);
  add_product(t, c, d);
  return reduced(t);
}
HEQI_LANES Sum square(const Number& a) {
  Columns t = no_columns();
  for (int i = 0; i < kLimbs; ++i)
    for (int j = i + 1; j < kLimbs; ++j) {
      t.column[i + j] = add_low(t.column[i + j], a.limb[i], a.limb[j]);
      t.column[i + j + 1] = add_high(t.column[i + j + 1], a.limb[i], a.limb[j]);
    }
  for (Vector& column : t.column) column = _mm512_add_epi64(column, column);
  for (int i = 0; i < kLimbs; ++i) {
    t.column[2 * i] = add_low(t.column[2 * i], a.limb[i], a.limb[i]);
    t.column[2 * i + 1] = add_high(t.column[2 * i + 1], a.limb[i], a.limb[i]);
  }
  return reduced(t);
}

HEQI_LANES Number operator*(const Number& a, const Number& b) {
  return carried(multiply(a, b));
}
HEQI_LANES Number squared(const Number& a) {
  return carried(square(a));
}

// folded takes a sum in 0…16p to a number below 2^256 + 2^228, that is "1p": the bits from 2^256
// on, t·2^256, become t·(2^224 + 2^96 − 2^64 + 1).
HEQI_LANES Number folded(Sum a) {
  const Vector top = down_signed(a.limb[4], 48);
  a.limb[0] = _mm512_add_epi64(a.limb[0], top);
  a.limb[1] = _mm512_add_epi64(a.limb[1], _mm512_sub_epi64(up(top, 44), up(top, 12)));
  a.limb[4] = _mm512_sub_epi64(a.limb[4], _mm512_sub_epi64(up(top, 48), up(top, 16)));
  return carried(a);
}

HEQI_LANES Number select(LaneMask mask, const Number& a, const Number& b) {
  Number out;
  for (int i = 0; i < kLimbs; ++i)
    out.limb[i] = _mm512_mask_blend_epi64(mask, b.limb[i], a.limb[i]);
  return out;
}
// equal_limbs asks for the same limbs, not for the same element.
HEQI_LANES LaneMask equal_limbs(const Number& a, const Number& b) {
  Vector difference = _mm512_setzero_si512();
  for (int i = 0; i < kLimbs; ++i)
    difference = _mm512_or_si512(difference, _mm512_xor_si512(a.limb[i], b.limb[i]));
  return _mm512_testn_epi64_mask(difference, difference);
}
// is_zero asks for 0 modulo p.
HEQI_LANES LaneMask is_zero(const Number& a) {
  Sum plain = sum_of(a);
  const Number small = folded(plain);  // 0 or p, if it is a multiple of p
  Number zero;
  for (Vector& limb : zero.limb) limb = _mm512_setzero_si512();
  return static_cast<LaneMask>(equal_limbs(small, zero) | equal_limbs(small, all(kPrime1)));
}

// from_montgomery is the plain number, below p.
HEQI_LANES Number from_montgomery(const Number& a) {
  const Number at_most_p = a * all(Limbs{1, 0, 0, 0, 0});
  const LaneMask is_p = equal_limbs(at_most_p, all(kPrime1));
  Number out;
  for (int i = 0; i < kLimbs; ++i)
    out.limb[i] = _mm512_maskz_mov_epi64(static_cast<LaneMask>(~is_p), at_most_p.limb[i]);
  return out;
}

}  // namespace heqi::crypto::internal::ifma
