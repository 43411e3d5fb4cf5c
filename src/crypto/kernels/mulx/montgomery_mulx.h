// montgomery_mulx.h: the Montgomery product a·b·2^−256 modulo any odd modulus of at most 256 bits,
// with mulx and both carry chains (BMI2, ADX). For files below kernels/mulx only. Constant time.
#pragma once
#include "words.h"

namespace heqi::crypto::internal::mulx {

// It would take the assembly apart:
// clang-format off

// HEQI_MULX_ROW adds rdx·(x0 … x3) to (t5 … t0); t5 is zero or a carry before and after.
#define HEQI_MULX_ROW(x0, x1, x2, x3, t0, t1, t2, t3, t4, t5) \
  "xorl %k[zero], %k[zero]\n\t" \
  "mulxq " x0 ", %[low], %[high]\n\t" \
  "adcxq %[low], " t0 "\n\t" \
  "adoxq %[high], " t1 "\n\t" \
  "mulxq " x1 ", %[low], %[high]\n\t" \
  "adcxq %[low], " t1 "\n\t" \
  "adoxq %[high], " t2 "\n\t" \
  "mulxq " x2 ", %[low], %[high]\n\t" \
  "adcxq %[low], " t2 "\n\t" \
  "adoxq %[high], " t3 "\n\t" \
  "mulxq " x3 ", %[low], %[high]\n\t" \
  "adcxq %[low], " t3 "\n\t" \
  "adoxq %[high], " t4 "\n\t" \
  "adcxq %[zero], " t4 "\n\t" \
  "adoxq %[zero], " t5 "\n\t" \
  "adcxq %[zero], " t5 "\n\t"

// HEQI_MULX_STEP adds a_i·b and then the multiple of the modulus that makes t0 vanish; t0 then
// serves as the next step's t5.
#define HEQI_MULX_STEP(a, t0, t1, t2, t3, t4, t5) \
  "movq " a ", %%rdx\n\t" HEQI_MULX_ROW("%[b0]", "%[b1]", "%[b2]", "%[b3]", \
                                        t0, t1, t2, t3, t4, t5) \
  "movq %[inverse], %%rdx\n\t" \
  "imulq " t0 ", %%rdx\n\t" HEQI_MULX_ROW("%[m0]", "%[m1]", "%[m2]", "%[m3]", \
                                          t0, t1, t2, t3, t4, t5)

// montgomery_multiply: inverse is −modulus⁻¹ modulo 2^64. One factor may be any 256-bit number, the
// other is below the modulus; so is the result.
inline __attribute__((always_inline)) Words montgomery_multiply(const Words& a, const Words& b,
                                                                const Words& modulus,
                                                                const std::uint64_t& inverse) {
  std::uint64_t t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0, t5 = 0, low, high, zero;
  __asm__(HEQI_MULX_STEP("%[a0]", "%[t0]", "%[t1]", "%[t2]", "%[t3]", "%[t4]", "%[t5]")
              HEQI_MULX_STEP("%[a1]", "%[t1]", "%[t2]", "%[t3]", "%[t4]", "%[t5]", "%[t0]")
                  HEQI_MULX_STEP("%[a2]", "%[t2]", "%[t3]", "%[t4]", "%[t5]", "%[t0]", "%[t1]")
                      HEQI_MULX_STEP("%[a3]", "%[t3]", "%[t4]", "%[t5]", "%[t0]", "%[t1]", "%[t2]")
          // The result is (t1 t0 t5 t4) with the carry t2; t3 is zero.
          "movq %[t4], %[low]\n\t"
          "movq %[t5], %[high]\n\t"
          "movq %[t0], %[zero]\n\t"
          "movq %[t1], %%rdx\n\t"
          "subq %[m0], %[t4]\n\t"
          "sbbq %[m1], %[t5]\n\t"
          "sbbq %[m2], %[t0]\n\t"
          "sbbq %[m3], %[t1]\n\t"
          "sbbq $0, %[t2]\n\t"
          "cmovcq %[low], %[t4]\n\t"
          "cmovcq %[high], %[t5]\n\t"
          "cmovcq %[zero], %[t0]\n\t"
          "cmovcq %%rdx, %[t1]\n\t"
          : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4),
            [t5] "+&r"(t5), [low] "=&r"(low), [high] "=&r"(high), [zero] "=&r"(zero)
          : [a0] "m"(a[0]), [a1] "m"(a[1]), [a2] "m"(a[2]), [a3] "m"(a[3]), [b0] "m"(b[0]),
            [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3]), [m0] "m"(modulus[0]),
            [m1] "m"(modulus[1]), [m2] "m"(modulus[2]), [m3] "m"(modulus[3]), [inverse] "m"(inverse)
          : "rdx", "cc");
  return {t4, t5, t0, t1};
}

#undef HEQI_MULX_STEP
#undef HEQI_MULX_ROW

// clang-format on

}  // namespace heqi::crypto::internal::mulx
