// zuc_vector.h: what the paths of ZUC on vectors have in common: look-ups of four bits in registers
// and products without carries for the tag. Of each object's own.
#pragma once
#include <immintrin.h>

#include "../zuc_boxes.h"
#include "../zuc_kernel.h"

namespace heqi::crypto::internal {
namespace {

__m128i look_up(const ZucNibbles& values, __m128i nibbles) {
  const __m128i table = _mm_loadu_si128(reinterpret_cast<const __m128i*>(values.data()));
  return _mm_shuffle_epi8(table, nibbles);
}
__m128i low_nibbles(__m128i x) {
  return _mm_and_si128(x, _mm_set1_epi8(0x0F));
}
__m128i high_nibbles(__m128i x) {
  return _mm_and_si128(_mm_srli_epi16(x, 4), _mm_set1_epi8(0x0F));
}

__m128i s0(__m128i low, __m128i high) {
  const __m128i q1 = _mm_xor_si128(high, look_up(kZucP1, low));
  const __m128i q2 = _mm_xor_si128(low, look_up(kZucP2, q1));
  return _mm_xor_si128(look_up(kZucS0High, q1), look_up(kZucS0Low, q2));
}
// reversed turns the bits of each octet round, so that bit i of the message is bit i of the word.
__m128i reversed(__m128i octets) {
  constexpr ZucNibbles turned = {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15};
  constexpr ZucNibbles turned_high = {0x00, 0x80, 0x40, 0xC0, 0x20, 0xA0, 0x60, 0xE0,
                                      0x10, 0x90, 0x50, 0xD0, 0x30, 0xB0, 0x70, 0xF0};
  return _mm_or_si128(look_up(turned_high, low_nibbles(octets)),
                      look_up(turned, high_nibbles(octets)));
}

// The windows at the bits of one word m are bits 63 … 32 of (z0 || z1)·m.
__m128i windows(const std::uint32_t* z, std::uint64_t m) {
  const std::uint64_t both = std::uint64_t(z[0]) << 32 | z[1];
  return _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(both)),
                              _mm_cvtsi64_si128(static_cast<long long>(m)), 0);
}

void absorb(std::uint32_t* tag, std::size_t tag_words, const std::uint32_t* z,
            const std::uint8_t* message, std::size_t words) {
  __m128i sums[kZucTagWordsMax] = {};
  for (std::size_t k = 0; k < words; ++k, message += 4) {
    const __m128i octets = _mm_loadu_si32(message);
    const auto m = static_cast<std::uint32_t>(_mm_cvtsi128_si32(reversed(octets)));
    for (std::size_t j = 0; j < tag_words; ++j)
      sums[j] = _mm_xor_si128(sums[j], windows(z + j + k, m));
  }
  for (std::size_t j = 0; j < tag_words; ++j)
    tag[j] ^=
        static_cast<std::uint32_t>(static_cast<std::uint64_t>(_mm_cvtsi128_si64(sums[j])) >> 32);
}

}  // namespace
}  // namespace heqi::crypto::internal
