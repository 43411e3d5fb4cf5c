// sm3.cc: one stream of SM3. Four words of the message are expanded at once in a vector, in
// pieces between the rounds.
#include <heqi/base/secret.h>

#include <algorithm>

#include "kernels/avx2/sm3_rounds.h"
#include "sm3_kernel.h"

namespace heqi::crypto::internal {
namespace {

// clang-format off
// Vectors X0 … X3 hold W[j-16] … W[j-1]; X0 becomes W[j] … W[j+3], stored with W'[j-4] …. Lane 3
// needs W[j] of lane 0: P1 is linear, so that P1(W[j] <<< 15) is added in at the end; 64-bit
// shifts of doubled words rotate.
#define PIECE_1(X0, X1, X2, X3)                                                                 \
  "vpsrldq $4," X3 ",%%xmm4\n\t",                                                               \
  "vpalignr $12," X1 "," X2 ",%%xmm5\n\t",                                                      \
  "vpsrld $17,%%xmm4,%%xmm6\n\t",                                                               \
  "",                                                                                           \
  "vpslld $15,%%xmm4,%%xmm4\n\t"                                                                \
  "vpalignr $12," X0 "," X1 ",%%xmm7\n\t"                                                       \
  "vpxor %%xmm5," X0 "," X0 "\n\t",                                                             \
  "",                                                                                           \
  "vpxor %%xmm6,%%xmm4,%%xmm4\n\t"
#define PIECE_2(X0, X1, X2, X3)                                                                 \
  "",                                                                                           \
  "vpxor %%xmm4," X0 "," X0 "\n\t",                                                             \
  "vpsrld $25,%%xmm7,%%xmm5\n\t"                                                                \
  "vpslld $7,%%xmm7,%%xmm7\n\t"                                                                 \
  "vpalignr $8," X2 "," X3 ",%%xmm6\n\t",                                                       \
  "",                                                                                           \
  "vpxor %%xmm5,%%xmm7,%%xmm7\n\t"                                                              \
  "vpslld $15," X0 ",%%xmm4\n\t"                                                                \
  "vpsrld $17," X0 ",%%xmm5\n\t",                                                               \
  "",                                                                                           \
  "vpxor %%xmm6,%%xmm7,%%xmm7\n\t"
#define PIECE_3(X0, X1, X2, X3)                                                                 \
  "vpxor %%xmm5,%%xmm4,%%xmm4\n\t",                                                             \
  "vpxor %%xmm7," X0 "," X0 "\n\t",                                                             \
  "vpshufb %%xmm9,%%xmm4,%%xmm5\n\t",                                                           \
  "vpxor %%xmm4," X0 "," X0 "\n\t",                                                             \
  "vpxor %%xmm5," X0 "," X0 "\n\t"                                                              \
  "vpshufd $0," X0 ",%%xmm4\n\t"                                                                \
  "vpsrlq $17,%%xmm4,%%xmm5\n\t",                                                               \
  "vpsrlq $2,%%xmm4,%%xmm6\n\t",                                                                \
  ""
#define PIECE_4(X0, X1, X2, X3, W, X)                                                           \
  "vpsrlq $26,%%xmm4,%%xmm4\n\t",                                                               \
  "vpxor %%xmm6,%%xmm5,%%xmm5\n\t",                                                             \
  "vpxor %%xmm4,%%xmm5,%%xmm5\n\t",                                                             \
  "vpslldq $12,%%xmm5,%%xmm5\n\t",                                                              \
  "vpxor %%xmm5," X0 "," X0 "\n\t"                                                              \
  "vpxor " X0 "," X3 ",%%xmm4\n\t",                                                             \
  "",                                                                                           \
  "vmovdqa " X0 "," #W "(%%rdi)\n\t"                                                            \
  "vmovdqa %%xmm4," #X "(%%rdi)\n\t"
#define PIECE(TEXT) TEXT, "", "", "", "", "", ""

#define EXPANDING(R, L, X0, X1, X2, X3, J0, J1, J2, J3, J4)                                     \
  SM3_FOUR(R, L, SM3_WITH, J0, J1, J2, J3, J4, PIECE_1(X0, X1, X2, X3),                         \
           PIECE_2(X0, X1, X2, X3), PIECE_3(X0, X1, X2, X3),                                    \
           PIECE_4(X0, X1, X2, X3, 4*J0+64, 272+4*J0+48))
#define V0 "%%xmm0"
#define V1 "%%xmm1"
#define V2 "%%xmm2"
#define V3 "%%xmm3"
#define EXPANDING_0(R, L, ...) EXPANDING(R, L, V0, V1, V2, V3, __VA_ARGS__)
#define EXPANDING_1(R, L, ...) EXPANDING(R, L, V1, V2, V3, V0, __VA_ARGS__)
#define EXPANDING_2(R, L, ...) EXPANDING(R, L, V2, V3, V0, V1, __VA_ARGS__)
#define EXPANDING_3(R, L, ...) EXPANDING(R, L, V3, V0, V1, V2, __VA_ARGS__)
#define PLAIN(NEXT, T0, T1, T2, T3, J0, J1, J2, J3, J4)                                         \
  SM3_FOUR(SM3_ROUND_B, SM3_ROUND_B, NEXT, J0, J1, J2, J3, J4, PIECE(T0), PIECE(T1), PIECE(T2), \
           PIECE(T3))

alignas(16) constexpr std::uint8_t kMasks[32] = {
    3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,   // big-endian words
    3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14};  // words rotated left by 8

void run(Sm3Frame* frame) {
  const std::uint8_t* masks = kMasks;
  __asm__ volatile(
      "vmovdqa (%%rsi),%%xmm8\n\t"
      "vmovdqa 16(%%rsi),%%xmm9\n\t"
      LOAD_WORDS
      ORDER_WORDS(V0, 0) ORDER_WORDS(V1, 16) ORDER_WORDS(V2, 32) ORDER_WORDS(V3, 48)
      STORE_PRIMED(V0, V1, 0) STORE_PRIMED(V1, V2, 16) STORE_PRIMED(V2, V3, 32)
      SM3_LOAD_STATE
      ".p2align 6\n"
      "1:\n\t"
      SM3_NEXT_PLACE
      EXPANDING_0(SM3_ROUND_A, SM3_ROUND_A, 0, 1, 2, 3, 4)
      EXPANDING_1(SM3_ROUND_A, SM3_ROUND_A, 4, 5, 6, 7, 8)
      EXPANDING_2(SM3_ROUND_A, SM3_ROUND_A, 8, 9, 10, 11, 12)
      EXPANDING_3(SM3_ROUND_A, SM3_ROUND_AB, 12, 13, 14, 15, 16)
      EXPANDING_0(SM3_ROUND_B, SM3_ROUND_B, 16, 17, 18, 19, 20)
      EXPANDING_1(SM3_ROUND_B, SM3_ROUND_B, 20, 21, 22, 23, 24)
      EXPANDING_2(SM3_ROUND_B, SM3_ROUND_B, 24, 25, 26, 27, 28)
      EXPANDING_3(SM3_ROUND_B, SM3_ROUND_B, 28, 29, 30, 31, 32)
      EXPANDING_0(SM3_ROUND_B, SM3_ROUND_B, 32, 33, 34, 35, 36)
      EXPANDING_1(SM3_ROUND_B, SM3_ROUND_B, 36, 37, 38, 39, 40)
      EXPANDING_2(SM3_ROUND_B, SM3_ROUND_B, 40, 41, 42, 43, 44)
      EXPANDING_3(SM3_ROUND_B, SM3_ROUND_B, 44, 45, 46, 47, 48)
      EXPANDING_0(SM3_ROUND_B, SM3_ROUND_B, 48, 49, 50, 51, 52)
      PLAIN(SM3_WITH, LOAD_WORDS, ORDER_WORDS(V0, 0), ORDER_WORDS(V1, 16), ORDER_WORDS(V2, 32),
            52, 53, 54, 55, 56)
      PLAIN(SM3_WITH, ORDER_WORDS(V3, 48), STORE_PRIMED(V0, V1, 0), STORE_PRIMED(V1, V2, 16),
            STORE_PRIMED(V2, V3, 32), 56, 57, 58, 59, 60)
      PLAIN(SM3_WITHOUT, "", "", "", "", 60, 61, 62, 63, 64)
      SM3_FOLD_STATE
      SM3_BEGIN
      "decq 568(%%rdi)\n\t"
      "jnz 1b\n\t"
      : "+S"(masks), "+D"(frame) : : SM3_CLOBBERS);
}
// clang-format on

bool runs(const Processor& processor) {
  return processor.avx2;
}

}  // namespace

void sm3_compress_avx2(std::uint32_t* state, const std::uint8_t* data, std::size_t blocks) {
  Sm3Frame frame;
  std::copy_n(state, 8, frame.state);
  frame.data = data;
  frame.blocks = blocks;
  run(&frame);
  std::copy_n(frame.state, 8, state);
  base::secure_wipe(&frame, sizeof frame);
}

extern const Sm3Kernel kSm3Avx2{"avx2", runs, sm3_compress_avx2, 8, sm3_compress_8_lanes};

}  // namespace heqi::crypto::internal
