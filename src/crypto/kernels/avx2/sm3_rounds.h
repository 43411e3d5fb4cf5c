// sm3_rounds.h: the rounds of SM3 (GB/T 32905 §5.3.3) in x86-64 assembly with BMI1 and BMI2. From E
// to the next E it is six cycles: an addition, a rotation, an addition and P0.
//
// The eight words A … H stay in their registers and change names from round to round. GG of the
// next round is made from two halves of E = p ^ q before they are joined, which keeps it off that
// chain: with m = F ^ G it is F ^ (m & p) ^ (m & ~q), where q = TT2 and p = q ^ P0(q).
// %rdi points to an Sm3Frame; rsi and r12 … r15 are temporary; r14 holds GG between rounds.
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

// Three chains take six cycles a round: from E to E, from A to A, and over GG. Whatever delays one
// of them costs time, so that the order of the instructions was found by measuring many.
//
// With h = H on its way to q = TT2, these end with q in h, SS2 in r12 and D + FF in d.
#define SM3_SUMS_FIRST(A, B, C, D, E, H, J)                                                     \
  "rorxl $20,%%" A ",%%r12d\n\t"                                                                \
  "leal " SM3_T(J, "0x79cc4519") "(%%r12),%%r13d\n\t"                                           \
  "addl 272+4*" #J "(%%rdi),%%" D "\n\t"                                                        \
  "addl 4*" #J "(%%rdi),%%" H "\n\t"                                                            \
  "addl %%" E ",%%r13d\n\t"                                                                     \
  "rorxl $25,%%r13d,%%r13d\n\t"                                                                 \
  "addl %%r14d,%%" H "\n\t"                                                                     \
  "addl %%r13d,%%" H "\n\t"                                                                     \
  "movl %%" A ",%%r15d\n\t"                                                                     \
  "xorl %%" B ",%%r15d\n\t"                                                                     \
  "xorl %%" C ",%%r15d\n\t"                                                                     \
  "addl %%r15d,%%" D "\n\t"                                                                     \
  "xorl %%r13d,%%r12d\n\t"
// The two terms of the majority have no bit in common: they are added. F is rotated here.
#define SM3_SUMS(A, B, C, D, E, F, H, J)                                                        \
  "rorxl $20,%%" A ",%%r12d\n\t"                                                                \
  "leal " SM3_T(J, "0x7a879d8a") "(%%r12),%%r13d\n\t"                                           \
  "addl 4*" #J "(%%rdi),%%" H "\n\t"                                                            \
  "addl %%" E ",%%r13d\n\t"                                                                     \
  "rorxl $25,%%r13d,%%r13d\n\t"                                                                 \
  "rorxl $13,%%" F ",%%" F "\n\t"                                                               \
  "addl %%r14d,%%" H "\n\t"                                                                     \
  "xorl %%r13d,%%r12d\n\t"                                                                      \
  "addl 272+4*" #J "(%%rdi),%%" D "\n\t"                                                        \
  "addl %%r13d,%%" H "\n\t"                                                                     \
  "movl %%" A ",%%r15d\n\t"                                                                     \
  "movl %%" A ",%%esi\n\t"                                                                      \
  "andl %%" B ",%%esi\n\t"                                                                      \
  "xorl %%" B ",%%r15d\n\t"                                                                     \
  "addl %%esi,%%" D "\n\t"                                                                      \
  "andl %%" C ",%%r15d\n\t"                                                                     \
  "addl %%r15d,%%" D "\n\t"

// With p in r13 and m in r14, these make D TT1, H P0(TT2), and r14 GG of the next round.
#define SM3_GG_FIRST(B, D, E, F, H)                                                             \
  "addl %%r12d,%%" D "\n\t"                                                                     \
  "rorxl $23,%%" H ",%%r13d\n\t"                                                                \
  "rorxl $15,%%" H ",%%r15d\n\t"                                                                \
  "rorxl $13,%%" F ",%%" F "\n\t"                                                               \
  "movl %%" E ",%%r14d\n\t"                                                                     \
  "xorl %%r15d,%%r13d\n\t"                                                                      \
  "xorl %%" F ",%%r14d\n\t"                                                                     \
  "xorl %%" H ",%%r14d\n\t"                                                                     \
  "xorl %%r13d,%%" H "\n\t"                                                                     \
  "xorl %%r13d,%%r14d\n\t"                                                                      \
  "rorxl $23,%%" B ",%%" B "\n\t"
#define SM3_GG(B, D, E, F, H)                                                                   \
  "movl %%" E ",%%r14d\n\t"                                                                     \
  "rorxl $15,%%" H ",%%r15d\n\t"                                                                \
  "addl %%r12d,%%" D "\n\t"                                                                     \
  "rorxl $23,%%" H ",%%r13d\n\t"                                                                \
  "xorl %%r15d,%%r13d\n\t"                                                                      \
  "xorl %%" F ",%%r14d\n\t"                                                                     \
  "andnl %%r14d,%%" H ",%%r15d\n\t"                                                             \
  "andl %%r13d,%%r14d\n\t"                                                                      \
  "rorxl $23,%%" B ",%%" B "\n\t"                                                               \
  "xorl %%" E ",%%r15d\n\t"                                                                     \
  "xorl %%r13d,%%" H "\n\t"                                                                     \
  "xorl %%r15d,%%r14d\n\t"

#define SM3_ROUND_A(A, B, C, D, E, F, G, H, J)                                                  \
  SM3_SUMS_FIRST(A, B, C, D, E, H, J) SM3_GG_FIRST(B, D, E, F, H)
#define SM3_ROUND_AB(A, B, C, D, E, F, G, H, J)                                                 \
  SM3_SUMS_FIRST(A, B, C, D, E, H, J) "rorxl $13,%%" F ",%%" F "\n\t" SM3_GG(B, D, E, F, H)
#define SM3_ROUND_B(A, B, C, D, E, F, G, H, J)                                                  \
  SM3_SUMS(A, B, C, D, E, F, H, J) SM3_GG(B, D, E, F, H)

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

// The next block is brought in between the last rounds: its words would come too late for the first
// round if they were fetched there. Its place is the block's own where there is no next.
#define SM3_NEXT_PLACE                                                                          \
  "xorl %%esi,%%esi\n\t"                                                                        \
  "cmpq $1,568(%%rdi)\n\t"                                                                      \
  "setne %%sil\n\t"                                                                             \
  "shll $6,%%esi\n\t"                                                                           \
  "addq %%rsi,560(%%rdi)\n\t"
#define LOAD_WORDS                                                                              \
  "movq 560(%%rdi),%%rsi\n\t"                                                                   \
  "vmovdqu (%%rsi)," V0 "\n\t"                                                                  \
  "vmovdqu 16(%%rsi)," V1 "\n\t"                                                                \
  "vmovdqu 32(%%rsi)," V2 "\n\t"                                                                \
  "vmovdqu 48(%%rsi)," V3 "\n\t"
#define ORDER_WORDS(V, AT)                                                                      \
  "vpshufb %%xmm8," V "," V "\n\t"                                                              \
  "vmovdqa " V "," #AT "(%%rdi)\n\t"
#define STORE_PRIMED(A, B, AT)                                                                  \
  "vpxor " A "," B ",%%xmm4\n\t"                                                                \
  "vmovdqa %%xmm4,272+" #AT "(%%rdi)\n\t"

#define SM3_CLOBBERS                                                                            \
  "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",             \
      "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "cc",     \
      "memory"
// clang-format on
