// field_mulx.h: the field of sm2p256v1 with mulx and both carry chains (BMI2, ADX): the operations
// of field.h on the same Montgomery form, fully reduced. For files below kernels/mulx only.
// Constant time.
#pragma once
#include "field.h"

// clang, and g++ with AddressSanitizer, find no registers for the operands in a long function.
#if defined(__clang__) || defined(__SANITIZE_ADDRESS__)
#define HEQI_MULX_INLINE __attribute__((noinline))
#else
#define HEQI_MULX_INLINE __attribute__((always_inline))
#endif

namespace heqi::crypto::internal::mulx {
// Of each object's own: the linker may not give what needs mulx to code that runs everywhere.
namespace {

// It would take the assembly apart:
// clang-format off

// MulxField is Field with this file's arithmetic.
struct MulxField {
  Words words{};
  static MulxField one() { return {kPrimeOne}; }
};

// HEQI_P_STEP takes one word m = t0 out of (t3 … t0): it adds m·p and divides by 2^64. Since
// p + 1 = 2^64·(2^192 − 2^160 − 2^32 + 1), that is m + m·2^192 − m·2^160 − m·2^32. The new highest
// word is in t0; it has no carry, as (t + m·p)/2^64 is below 2^256.
#define HEQI_P_STEP(t0, t1, t2, t3) \
  "movq " t0 ", %[low]\n\t" \
  "movq " t0 ", %[high]\n\t" \
  "movq " t0 ", %%rdx\n\t" \
  "shlq $32, %[low]\n\t" \
  "shrq $32, %[high]\n\t" \
  "subq %[low], " t1 "\n\t" \
  "sbbq %[high], " t2 "\n\t" \
  "sbbq %[low], " t3 "\n\t" \
  "sbbq %[high], " t0 "\n\t" \
  "addq %%rdx, " t1 "\n\t" \
  "adcq $0, " t2 "\n\t" \
  "adcq $0, " t3 "\n\t" \
  "adcq $0, " t0 "\n\t"

// HEQI_P_SUBTRACT puts r − p into t where r, with its carry in %[carry], is not below p, else r.
// high is lost. Words 0 and 2 of p are −1.
#define HEQI_P_SUBTRACT(r0, r1, r2, r3, t0, t1, t2, t3) \
  "movq " r0 ", " t0 "\n\t" \
  "movq " r1 ", " t1 "\n\t" \
  "movq " r2 ", " t2 "\n\t" \
  "movq " r3 ", " t3 "\n\t" \
  "subq $-1, " t0 "\n\t" \
  "movabsq $0xFFFFFFFF00000000, %[high]\n\t" \
  "sbbq %[high], " t1 "\n\t" \
  "sbbq $-1, " t2 "\n\t" \
  "movabsq $0xFFFFFFFEFFFFFFFF, %[high]\n\t" \
  "sbbq %[high], " t3 "\n\t" \
  "sbbq $0, %[carry]\n\t" \
  "cmovcq " r0 ", " t0 "\n\t" \
  "cmovcq " r1 ", " t1 "\n\t" \
  "cmovcq " r2 ", " t2 "\n\t" \
  "cmovcq " r3 ", " t3 "\n\t"

// HEQI_P_REDUCE brings (t7 … t0) to (t3 … t0) = t·2^−256 mod p.
#define HEQI_P_REDUCE \
  HEQI_P_STEP("%[t0]", "%[t1]", "%[t2]", "%[t3]") \
  HEQI_P_STEP("%[t1]", "%[t2]", "%[t3]", "%[t0]") \
  HEQI_P_STEP("%[t2]", "%[t3]", "%[t0]", "%[t1]") \
  HEQI_P_STEP("%[t3]", "%[t0]", "%[t1]", "%[t2]") \
  "xorl %k[carry], %k[carry]\n\t" \
  "addq %[t0], %[t4]\n\t" \
  "adcq %[t1], %[t5]\n\t" \
  "adcq %[t2], %[t6]\n\t" \
  "adcq %[t3], %[t7]\n\t" \
  "adcq $0, %[carry]\n\t" HEQI_P_SUBTRACT("%[t4]", "%[t5]", "%[t6]", "%[t7]", "%[t0]", "%[t1]", \
                                          "%[t2]", "%[t3]")

// HEQI_P_ROW adds rdx·b to (t4 … t0), where t4 is new; the carry register is zero.
#define HEQI_P_ROW(t0, t1, t2, t3, t4) \
  "xorl %k[carry], %k[carry]\n\t" \
  "mulxq %[b0], %[low], %[high]\n\t" \
  "adcxq %[low], " t0 "\n\t" \
  "adoxq %[high], " t1 "\n\t" \
  "mulxq %[b1], %[low], %[high]\n\t" \
  "adcxq %[low], " t1 "\n\t" \
  "adoxq %[high], " t2 "\n\t" \
  "mulxq %[b2], %[low], %[high]\n\t" \
  "adcxq %[low], " t2 "\n\t" \
  "adoxq %[high], " t3 "\n\t" \
  "mulxq %[b3], %[low], " t4 "\n\t" \
  "adcxq %[low], " t3 "\n\t" \
  "adoxq %[carry], " t4 "\n\t" \
  "adcxq %[carry], " t4 "\n\t"

inline HEQI_MULX_INLINE MulxField operator*(const MulxField& a, const MulxField& b) {
  std::uint64_t t0, t1, t2, t3, t4, t5, t6, t7, low, high, carry;
  __asm__(
      "movq %[a0], %%rdx\n\t"
      "mulxq %[b0], %[t0], %[t1]\n\t"
      "mulxq %[b1], %[low], %[t2]\n\t"
      "addq %[low], %[t1]\n\t"
      "mulxq %[b2], %[low], %[t3]\n\t"
      "adcq %[low], %[t2]\n\t"
      "mulxq %[b3], %[low], %[t4]\n\t"
      "adcq %[low], %[t3]\n\t"
      "adcq $0, %[t4]\n\t"
      "movq %[a1], %%rdx\n\t"
      HEQI_P_ROW("%[t1]", "%[t2]", "%[t3]", "%[t4]", "%[t5]")
      "movq %[a2], %%rdx\n\t"
      HEQI_P_ROW("%[t2]", "%[t3]", "%[t4]", "%[t5]", "%[t6]")
      "movq %[a3], %%rdx\n\t"
      HEQI_P_ROW("%[t3]", "%[t4]", "%[t5]", "%[t6]", "%[t7]")
      HEQI_P_REDUCE
      : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4),
        [t5] "=&r"(t5), [t6] "=&r"(t6), [t7] "=&r"(t7), [low] "=&r"(low), [high] "=&r"(high),
        [carry] "=&r"(carry)
      : [a0] "m"(a.words[0]), [a1] "m"(a.words[1]), [a2] "m"(a.words[2]), [a3] "m"(a.words[3]),
        [b0] "m"(b.words[0]), [b1] "m"(b.words[1]), [b2] "m"(b.words[2]), [b3] "m"(b.words[3])
      : "rdx", "cc");
  return {{t0, t1, t2, t3}};
}

// square: each product of different words once, then doubled in the one carry chain while the
// squares of the words come in by the other. The xor before it clears both carries.
inline HEQI_MULX_INLINE MulxField square(const MulxField& a) {
  std::uint64_t t0, t1, t2, t3, t4, t5, t6, t7, low, high, carry;
  __asm__(
      "movq %[a0], %%rdx\n\t"
      "mulxq %[a1], %[t1], %[t2]\n\t"
      "mulxq %[a2], %[low], %[t3]\n\t"
      "addq %[low], %[t2]\n\t"
      "mulxq %[a3], %[low], %[t4]\n\t"
      "adcq %[low], %[t3]\n\t"
      "adcq $0, %[t4]\n\t"
      "movq %[a1], %%rdx\n\t"
      "mulxq %[a2], %[low], %[high]\n\t"
      "mulxq %[a3], %[t6], %[t5]\n\t"
      "addq %[low], %[t3]\n\t"
      "adcq %[high], %[t4]\n\t"
      "adcq $0, %[t5]\n\t"
      "addq %[t6], %[t4]\n\t"
      "movq %[a2], %%rdx\n\t"
      "mulxq %[a3], %[low], %[t6]\n\t"
      "adcq %[low], %[t5]\n\t"
      "adcq $0, %[t6]\n\t"
      "movq %[a0], %%rdx\n\t"
      "mulxq %%rdx, %[t0], %[high]\n\t"
      "xorl %k[t7], %k[t7]\n\t"
      "adcxq %[t1], %[t1]\n\t"
      "adoxq %[high], %[t1]\n\t"
      "movq %[a1], %%rdx\n\t"
      "mulxq %%rdx, %[low], %[high]\n\t"
      "adcxq %[t2], %[t2]\n\t"
      "adoxq %[low], %[t2]\n\t"
      "adcxq %[t3], %[t3]\n\t"
      "adoxq %[high], %[t3]\n\t"
      "movq %[a2], %%rdx\n\t"
      "mulxq %%rdx, %[low], %[high]\n\t"
      "adcxq %[t4], %[t4]\n\t"
      "adoxq %[low], %[t4]\n\t"
      "adcxq %[t5], %[t5]\n\t"
      "adoxq %[high], %[t5]\n\t"
      "movq %[a3], %%rdx\n\t"
      "mulxq %%rdx, %[low], %[high]\n\t"
      "adcxq %[t6], %[t6]\n\t"
      "adoxq %[low], %[t6]\n\t"
      "adcxq %[t7], %[t7]\n\t"
      "adoxq %[high], %[t7]\n\t"
      HEQI_P_REDUCE
      : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4),
        [t5] "=&r"(t5), [t6] "=&r"(t6), [t7] "=&r"(t7), [low] "=&r"(low), [high] "=&r"(high),
        [carry] "=&r"(carry)
      : [a0] "m"(a.words[0]), [a1] "m"(a.words[1]), [a2] "m"(a.words[2]), [a3] "m"(a.words[3])
      : "rdx", "cc");
  return {{t0, t1, t2, t3}};
}

inline HEQI_MULX_INLINE MulxField operator+(const MulxField& a, const MulxField& b) {
  std::uint64_t r0 = a.words[0], r1 = a.words[1], r2 = a.words[2], r3 = a.words[3];
  std::uint64_t t0, t1, t2, t3, high, carry = 0;
  __asm__(
      "addq %[b0], %[r0]\n\t"
      "adcq %[b1], %[r1]\n\t"
      "adcq %[b2], %[r2]\n\t"
      "adcq %[b3], %[r3]\n\t"
      "adcq $0, %[carry]\n\t"
      HEQI_P_SUBTRACT("%[r0]", "%[r1]", "%[r2]", "%[r3]", "%[t0]", "%[t1]", "%[t2]", "%[t3]")
      : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [t0] "=&r"(t0),
        [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [high] "=&r"(high), [carry] "+&r"(carry)
      : [b0] "m"(b.words[0]), [b1] "m"(b.words[1]), [b2] "m"(b.words[2]), [b3] "m"(b.words[3])
      : "cc");
  return {{t0, t1, t2, t3}};
}

// operator-: where it borrows, p is added; its words under the mask m are m, m·2^32, m and m but
// for bit 32.
inline HEQI_MULX_INLINE MulxField operator-(const MulxField& a, const MulxField& b) {
  std::uint64_t r0 = a.words[0], r1 = a.words[1], r2 = a.words[2], r3 = a.words[3];
  std::uint64_t mask, first, third;
  __asm__(
      "subq %[b0], %[r0]\n\t"
      "sbbq %[b1], %[r1]\n\t"
      "sbbq %[b2], %[r2]\n\t"
      "sbbq %[b3], %[r3]\n\t"
      "sbbq %[mask], %[mask]\n\t"
      "movq %[mask], %[first]\n\t"
      "movabsq $0xFFFFFFFEFFFFFFFF, %[third]\n\t"
      "shlq $32, %[first]\n\t"
      "andq %[mask], %[third]\n\t"
      "addq %[mask], %[r0]\n\t"
      "adcq %[first], %[r1]\n\t"
      "adcq %[mask], %[r2]\n\t"
      "adcq %[third], %[r3]\n\t"
      : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [mask] "=&r"(mask),
        [first] "=&r"(first), [third] "=&r"(third)
      : [b0] "m"(b.words[0]), [b1] "m"(b.words[1]), [b2] "m"(b.words[2]), [b3] "m"(b.words[3])
      : "cc");
  return {{r0, r1, r2, r3}};
}

// half is a/2: an odd a becomes a + p first, whose carry is shifted in.
inline HEQI_MULX_INLINE MulxField half(const MulxField& a) {
  std::uint64_t r0 = a.words[0], r1 = a.words[1], r2 = a.words[2], r3 = a.words[3];
  std::uint64_t mask, first, third;
  __asm__(
      "movq %[r0], %[mask]\n\t"
      "andl $1, %k[mask]\n\t"
      "negq %[mask]\n\t"
      "movq %[mask], %[first]\n\t"
      "movabsq $0xFFFFFFFEFFFFFFFF, %[third]\n\t"
      "shlq $32, %[first]\n\t"
      "andq %[mask], %[third]\n\t"
      "addq %[mask], %[r0]\n\t"
      "adcq %[first], %[r1]\n\t"
      "adcq %[mask], %[r2]\n\t"
      "adcq %[third], %[r3]\n\t"
      "sbbq %[mask], %[mask]\n\t"
      "shrdq $1, %[r1], %[r0]\n\t"
      "shrdq $1, %[r2], %[r1]\n\t"
      "shrdq $1, %[r3], %[r2]\n\t"
      "shrdq $1, %[mask], %[r3]\n\t"
      : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [mask] "=&r"(mask),
        [first] "=&r"(first), [third] "=&r"(third)
      :
      : "cc");
  return {{r0, r1, r2, r3}};
}

#undef HEQI_P_ROW
#undef HEQI_P_REDUCE
#undef HEQI_P_SUBTRACT
#undef HEQI_P_STEP

inline __attribute__((always_inline)) base::ct::Mask is_zero(const MulxField& a) {
  return internal::is_zero(a.words);
}

// clang-format on

}  // namespace
}  // namespace heqi::crypto::internal::mulx
