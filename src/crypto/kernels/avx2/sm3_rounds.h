// sm3_rounds.h: the rounds of SM3 (GB/T 32905 §5.3.3) in x86-64 assembly with BMI1 and BMI2. From E
// to the next E it is six cycles: an addition, a rotation, an addition and P0.
//
// The eight words A … H stay in their registers and change names from round to round. GG of the
// next round is made from two halves of E = p ^ q before they are joined, which keeps it off that
// chain: with m = F ^ G it is F ^ (m & p) ^ (m & ~q), where q = TT2 and p = q ^ P0(q).
// %rdi points to an Sm3Frame; rsi and r12 … r15 are temporary.
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
// of them costs time, so that the order of the instructions was found by measuring many. What the
// next round begins with stands in the one before: SM3_WITH leaves it in, SM3_WITHOUT out.
#define SM3_WITH(TEXT) TEXT
#define SM3_WITHOUT(TEXT) ""

// A round finds A <<< 12 in r12, F rotated, W and W' added to H and D. q grows in H, p in r13, SS2
// in r12, FF in r15; then D is TT1, H is P0(TT2), and r14 GG of the next round. N is the next
// round's number; V1 … V7 are pieces of something else.
#define SM3_ROUND_A(A, B, C, D, E, F, G, H, J, N, NEXT, V1, V2, V3, V4, V5, V6, V7)             \
  "leal " SM3_T(J, "0x79cc4519") "(%%r12),%%r13d\n\t"                                           \
  V1                                                                                            \
  "addl %%" E ",%%r13d\n\t"                                                                     \
  V2                                                                                            \
  "movl %%" A ",%%r15d\n\t"                                                                     \
  "rorxl $25,%%r13d,%%r13d\n\t"                                                                 \
  "xorl %%" B ",%%r15d\n\t"                                                                     \
  "addl %%r14d,%%" H "\n\t"                                                                     \
  "addl %%r13d,%%" H "\n\t"                                                                     \
  "xorl %%r13d,%%r12d\n\t"                                                                      \
  "rorxl $23,%%" H ",%%r13d\n\t"                                                                \
  "xorl %%" C ",%%r15d\n\t"                                                                     \
  NEXT("addl 4*" #N "(%%rdi),%%" G "\n\t")                                                      \
  V3                                                                                            \
  "addl %%r15d,%%" D "\n\t"                                                                     \
  V4                                                                                            \
  "rorxl $15,%%" H ",%%r15d\n\t"                                                                \
  V5                                                                                            \
  V6                                                                                            \
  "xorl %%r15d,%%r13d\n\t"                                                                      \
  "movl %%" E ",%%r14d\n\t"                                                                     \
  "addl %%r12d,%%" D "\n\t"                                                                     \
  NEXT("rorxl $13,%%" E ",%%" E "\n\t")                                                         \
  "xorl %%" F ",%%r14d\n\t"                                                                     \
  "xorl %%" H ",%%r14d\n\t"                                                                     \
  V7                                                                                            \
  "xorl %%r13d,%%" H "\n\t"                                                                     \
  "xorl %%r13d,%%r14d\n\t"                                                                      \
  NEXT("rorxl $20,%%" D ",%%r12d\n\t")                                                          \
  NEXT("addl 272+4*" #N "(%%rdi),%%" C "\n\t")                                                  \
  "rorxl $23,%%" B ",%%" B "\n\t"
// The same where GG of the next round is a choice. The two terms of the majority have no bit in
// common: they are added. Without the first, and with xorl for JOIN, it is the sum of round 15.
#define SM3_ROUND_CHOICE(T, FIRST_TERM, JOIN, A, B, C, D, E, F, G, H, J, N, NEXT, V1, V2, V3,   \
                         V4, V5, V6, V7)                                                        \
  "leal " SM3_T(J, T) "(%%r12),%%r13d\n\t"                                                      \
  V1                                                                                            \
  "addl %%" E ",%%r13d\n\t"                                                                     \
  "addl %%r14d,%%" H "\n\t"                                                                     \
  V2                                                                                            \
  "rorxl $25,%%r13d,%%r13d\n\t"                                                                 \
  FIRST_TERM("movl %%" A ",%%esi\n\t")                                                          \
  FIRST_TERM("andl %%" B ",%%esi\n\t")                                                          \
  "addl %%r13d,%%" H "\n\t"                                                                     \
  "xorl %%r13d,%%r12d\n\t"                                                                      \
  "movl %%" A ",%%r15d\n\t"                                                                     \
  "movl %%" E ",%%r14d\n\t"                                                                     \
  V3                                                                                            \
  "rorxl $23,%%" H ",%%r13d\n\t"                                                                \
  "xorl %%" B ",%%r15d\n\t"                                                                     \
  FIRST_TERM("addl %%esi,%%" D "\n\t")                                                          \
  JOIN " %%" C ",%%r15d\n\t"                                                                    \
  "addl %%r15d,%%" D "\n\t"                                                                     \
  "rorxl $15,%%" H ",%%r15d\n\t"                                                                \
  NEXT("addl 272+4*" #N "(%%rdi),%%" C "\n\t")                                                  \
  V4                                                                                            \
  "xorl %%" F ",%%r14d\n\t"                                                                     \
  "addl %%r12d,%%" D "\n\t"                                                                     \
  V5                                                                                            \
  V6                                                                                            \
  NEXT("addl 4*" #N "(%%rdi),%%" G "\n\t")                                                      \
  "xorl %%r15d,%%r13d\n\t"                                                                      \
  "andnl %%r14d,%%" H ",%%r15d\n\t"                                                             \
  NEXT("rorxl $20,%%" D ",%%r12d\n\t")                                                          \
  "xorl %%" E ",%%r15d\n\t"                                                                     \
  V7                                                                                            \
  NEXT("rorxl $13,%%" E ",%%" E "\n\t")                                                         \
  "andl %%r13d,%%r14d\n\t"                                                                      \
  "xorl %%r15d,%%r14d\n\t"                                                                      \
  "rorxl $23,%%" B ",%%" B "\n\t"                                                               \
  "xorl %%r13d,%%" H "\n\t"
#define SM3_ROUND_AB(...) SM3_ROUND_CHOICE_OF("0x79cc4519", SM3_WITHOUT, "xorl", __VA_ARGS__)
#define SM3_ROUND_B(...) SM3_ROUND_CHOICE_OF("0x7a879d8a", SM3_WITH, "andl", __VA_ARGS__)
#define SM3_ROUND_CHOICE_OF(...) SM3_ROUND_CHOICE(__VA_ARGS__)

// Four rounds with the pieces P0 … P3, each a list of seven; L is the last one's kind.
#define SM3_FOUR(R, L, NEXT, J0, J1, J2, J3, J4, P0, P1, P2, P3)                                \
  R("eax", "ebx", "ecx", "edx", "r8d", "r9d", "r10d", "r11d", J0, J1, SM3_WITH, P0)             \
  R("edx", "eax", "ebx", "ecx", "r11d", "r8d", "r9d", "r10d", J1, J2, SM3_WITH, P1)             \
  R("ecx", "edx", "eax", "ebx", "r10d", "r11d", "r8d", "r9d", J2, J3, SM3_WITH, P2)             \
  L("ebx", "ecx", "edx", "eax", "r9d", "r10d", "r11d", "r8d", J3, J4, NEXT, P3)

// The registers from the state in the frame, and what a round finds.
#define SM3_BEGIN                                                                               \
  "movl %%r9d,%%r14d\n\t xorl %%r10d,%%r14d\n\t"                                               \
  "rorxl $20,%%eax,%%r12d\n\t"                                                                 \
  "xorl %%r8d,%%r14d\n\t"                                                                      \
  "addl (%%rdi),%%r11d\n\t addl 272(%%rdi),%%edx\n\t"                                         \
  "rorxl $13,%%r9d,%%r9d\n\t"
#define SM3_LOAD_STATE                                                                          \
  "movl 528(%%rdi),%%eax\n\t movl 532(%%rdi),%%ebx\n\t"                                         \
  "movl 536(%%rdi),%%ecx\n\t movl 540(%%rdi),%%edx\n\t"                                         \
  "movl 544(%%rdi),%%r8d\n\t movl 548(%%rdi),%%r9d\n\t"                                         \
  "movl 552(%%rdi),%%r10d\n\t movl 556(%%rdi),%%r11d\n\t"                                       \
  SM3_BEGIN
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
