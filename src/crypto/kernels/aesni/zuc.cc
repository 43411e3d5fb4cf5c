// zuc.cc: ZUC with the inverse of AES-NI behind S1, look-ups of four bits in registers, and
// products without carries for the tag.
#include <immintrin.h>

#include "kernels/zuc_vector.h"
#include "zuc_core.h"

namespace heqi::crypto::internal {
namespace {

// S1(x) = After·SubBytes(Before·x) ^ FE: Before takes the field of S1 to that of AES by x → 32,
// After undoes the affine map of AES, goes back, and applies M.
constexpr ZucColumns kBefore = {0x01, 0x32, 0x73, 0x75, 0xD9, 0xE8, 0xCD, 0x2D};
constexpr ZucColumns kAfter = {0x4F, 0x90, 0x4B, 0x37, 0x34, 0x42, 0x36, 0x66};

constexpr std::uint8_t apply(const ZucColumns& columns, unsigned x) {
  unsigned out = 0;
  for (unsigned i = 0; i < 8; ++i) out ^= (0 - (x >> i & 1)) & columns[i];
  return static_cast<std::uint8_t>(out);
}
// A linear map of a byte is the sum of one function of each half.
consteval ZucNibbles low_half(const ZucColumns& columns, std::uint8_t constant) {
  ZucNibbles out{};
  for (unsigned i = 0; i < 16; ++i)
    out[i] = static_cast<std::uint8_t>(apply(columns, i) ^ constant);
  return out;
}
consteval ZucNibbles high_half(const ZucColumns& columns) {
  ZucNibbles out{};
  for (unsigned i = 0; i < 16; ++i) out[i] = apply(columns, i << 4);
  return out;
}
constexpr ZucNibbles kBeforeLow = low_half(kBefore, 0), kBeforeHigh = high_half(kBefore),
                     kAfterLow = low_half(kAfter, 0xFE), kAfterHigh = high_half(kAfter);

__m128i s1(__m128i low, __m128i high) {
  const __m128i in = _mm_xor_si128(look_up(kBeforeLow, low), look_up(kBeforeHigh, high));
  const __m128i made = _mm_aesenclast_si128(in, _mm_setzero_si128());
  return _mm_xor_si128(look_up(kAfterLow, low_nibbles(made)),
                       look_up(kAfterHigh, high_nibbles(made)));
}

struct AesniBoxes {
  // AES turns row r of its four columns by r. With u in columns 0 and 2 and v in 1 and 3 that moves
  // bytes 1 and 3 only, which are those of S0.
  static ZucPair substitute(std::uint32_t u, std::uint32_t v) {
    const __m128i once = _mm_cvtsi64_si128(static_cast<long long>(std::uint64_t(v) << 32 | u));
    const __m128i x = _mm_unpacklo_epi64(once, once);
    const __m128i low = low_nibbles(x), high = high_nibbles(x);
    const __m128i out =
        _mm_blendv_epi8(s1(low, high), s0(low, high), _mm_set1_epi16(static_cast<short>(0xFF00)));
    const auto both = static_cast<std::uint64_t>(_mm_cvtsi128_si64(out));
    return {static_cast<std::uint32_t>(both), static_cast<std::uint32_t>(both >> 32)};
  }
};

bool runs(const Processor& processor) {
  return processor.aes && processor.clmul;
}

}  // namespace

extern const ZucKernel kZucAesni{"aesni", runs, ZucCore<AesniBoxes>::initialise,
                                 ZucCore<AesniBoxes>::generate, absorb};

}  // namespace heqi::crypto::internal
