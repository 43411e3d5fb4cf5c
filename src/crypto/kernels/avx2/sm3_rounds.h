// sm3_rounds.h: the rounds of SM3 (GB/T 32905 §5.3.3) in x86-64 assembly with BMI1 and BMI2. From E
// to the next E it is six cycles: an addition, a rotation, an addition and P0.
//
// The eight words A … H stay in their registers and change names from round to round. GG of the
// next round is made from two halves of E = p ^ q before they are joined, which keeps it off that
// chain: with m = F ^ G it is F ^ (m & p) ^ (m & ~q), where q = TT2 and p = q ^ P0(q).
// %rdi points to an Sm3Frame; r12 … r15 are temporary; r14 holds GG between rounds.
#pragma once
#include <cstddef>
#include <cstdint>

namespace heqi::crypto::internal {

// Sm3Frame is the memory of the assembly: W, W' (5.3.2), the state and what is left to hash.
struct alignas(64) Sm3Frame {
  std::uint32_t w[68];
  std::uint32_t x[64];
  std::uint32_t state[8];
  const std::uint8_t* data;
  std::uint64_t blocks;
};
static_assert(offsetof(Sm3Frame, x) == 272 && offsetof(Sm3Frame, state) == 528 &&
              offsetof(Sm3Frame, data) == 560 && offsetof(Sm3Frame, blocks) == 568);

}  // namespace heqi::crypto::internal

// clang-format off
#define SM3_T(J, T)                                                                             \
  "(((((" T "<<(" #J "&31))|(" T ">>(32-(" #J "&31))))&0xffffffff)^0x80000000)-0x80000000)"

// SS1 in r13, SS2 in r12; H becomes TT2.
#define SM3_SUMS(A, D, E, H, J, T)                                                              \
  "rorxl $20,%%" A ",%%r12d\n\t"                                                                \
  "leal " SM3_T(J, T) "(%%r12),%%r13d\n\t"                                                      \
  "addl 4*" #J "(%%rdi),%%" H "\n\t"                                                            \
  "addl %%" E ",%%r13d\n\t"                                                                     \
  "addl %%r14d,%%" H "\n\t"                                                                     \
  "rorxl $25,%%r13d,%%r13d\n\t"                                                                 \
  "addl 272+4*" #J "(%%rdi),%%" D "\n\t"                                                        \
  "xorl %%r13d,%%r12d\n\t"                                                                      \
  "addl %%r13d,%%" H "\n\t"

#define SM3_FF_FIRST(A, B, C, D)                                                                \
  "movl %%" A ",%%r15d\n\t"                                                                     \
  "xorl %%" B ",%%r15d\n\t"                                                                     \
  "xorl %%" C ",%%r15d\n\t"                                                                     \
  "addl %%r15d,%%" D "\n\t"                                                                     \
  "addl %%r12d,%%" D "\n\t"
// The two terms of the majority have no bit in common: they are added.
#define SM3_FF(A, B, C, D)                                                                      \
  "movl %%" A ",%%r13d\n\t"                                                                     \
  "movl %%" A ",%%r15d\n\t"                                                                     \
  "andl %%" B ",%%r13d\n\t"                                                                     \
  "xorl %%" B ",%%r15d\n\t"                                                                     \
  "addl %%r13d,%%" D "\n\t"                                                                     \
  "andl %%" C ",%%r15d\n\t"                                                                     \
  "addl %%r15d,%%" D "\n\t"                                                                     \
  "addl %%r12d,%%" D "\n\t"

// The rotations of B and F, then P0 with q = TT2 in h and p in r13, m in r14.
#define SM3_P0(B, E, F, H)                                                                      \
  "rorxl $23,%%" H ",%%r13d\n\t"                                                                \
  "rorxl $15,%%" H ",%%r15d\n\t"                                                                \
  "rorxl $13,%%" F ",%%" F "\n\t"                                                               \
  "rorxl $23,%%" B ",%%" B "\n\t"                                                               \
  "movl %%" E ",%%r14d\n\t"                                                                     \
  "xorl %%r15d,%%r13d\n\t"                                                                      \
  "xorl %%" F ",%%r14d\n\t"
#define SM3_GG_FIRST(E, H)                                                                      \
  "xorl %%" H ",%%r14d\n\t"                                                                     \
  "xorl %%r13d,%%" H "\n\t"                                                                     \
  "xorl %%r13d,%%r14d\n\t"
#define SM3_GG(E, H)                                                                            \
  "andnl %%r14d,%%" H ",%%r15d\n\t"                                                             \
  "xorl %%r13d,%%" H "\n\t"                                                                     \
  "andl %%r13d,%%r14d\n\t"                                                                      \
  "xorl %%" E ",%%r15d\n\t"                                                                     \
  "xorl %%r15d,%%r14d\n\t"

#define SM3_ROUND_A(A, B, C, D, E, F, G, H, J)                                                  \
  SM3_SUMS(A, D, E, H, J, "0x79cc4519") SM3_FF_FIRST(A, B, C, D)                                \
  SM3_P0(B, E, F, H) SM3_GG_FIRST(E, H)
#define SM3_ROUND_AB(A, B, C, D, E, F, G, H, J)                                                 \
  SM3_SUMS(A, D, E, H, J, "0x79cc4519") SM3_FF_FIRST(A, B, C, D) SM3_P0(B, E, F, H) SM3_GG(E, H)
#define SM3_ROUND_B(A, B, C, D, E, F, G, H, J)                                                  \
  SM3_SUMS(A, D, E, H, J, "0x7a879d8a") SM3_FF(A, B, C, D) SM3_P0(B, E, F, H) SM3_GG(E, H)

// Four rounds with the four pieces of an expansion before them; L is the last one's kind.
#define SM3_FOUR(R, L, P0, P1, P2, P3, J0, J1, J2, J3)                                          \
  P0 R("eax", "ebx", "ecx", "edx", "r8d", "r9d", "r10d", "r11d", J0)                            \
  P1 R("edx", "eax", "ebx", "ecx", "r11d", "r8d", "r9d", "r10d", J1)                            \
  P2 R("ecx", "edx", "eax", "ebx", "r10d", "r11d", "r8d", "r9d", J2)                            \
  P3 L("ebx", "ecx", "edx", "eax", "r9d", "r10d", "r11d", "r8d", J3)

// The registers from the state in the frame, with GG of the first round.
#define SM3_GG_AT_START                                                                         \
  "movl %%r9d,%%r14d\n\t xorl %%r10d,%%r14d\n\t xorl %%r8d,%%r14d\n\t"
#define SM3_LOAD_STATE                                                                          \
  "movl 528(%%rdi),%%eax\n\t movl 532(%%rdi),%%ebx\n\t"                                         \
  "movl 536(%%rdi),%%ecx\n\t movl 540(%%rdi),%%edx\n\t"                                         \
  "movl 544(%%rdi),%%r8d\n\t movl 548(%%rdi),%%r9d\n\t"                                         \
  "movl 552(%%rdi),%%r10d\n\t movl 556(%%rdi),%%r11d\n\t"                                       \
  SM3_GG_AT_START
#define SM3_FOLD(R, AT) "xorl " #AT "(%%rdi),%%" R "\n\t movl %%" R "," #AT "(%%rdi)\n\t"
#define SM3_FOLD_STATE                                                                          \
  SM3_FOLD("eax", 528) SM3_FOLD("ebx", 532) SM3_FOLD("ecx", 536) SM3_FOLD("edx", 540)           \
  SM3_FOLD("r8d", 544) SM3_FOLD("r9d", 548) SM3_FOLD("r10d", 552) SM3_FOLD("r11d", 556)

#define SM3_CLOBBERS                                                                            \
  "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",      \
      "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "cc",     \
      "memory"
// clang-format on
