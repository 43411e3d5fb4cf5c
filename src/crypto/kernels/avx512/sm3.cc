// sm3.cc: SM3 of sixteen messages at once.
#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 calls uninitialised what its own <immintrin.h> leaves undefined on purpose.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include "kernels/sm3_lanes.h"
#include "sm3_kernel.h"

namespace heqi::crypto::internal {
namespace {

struct Avx512 {
  using Word = __m512i;
  static Word set(std::uint32_t value) { return _mm512_set1_epi32(static_cast<int>(value)); }
  static Word add(Word a, Word b) { return _mm512_add_epi32(a, b); }
  static Word exclusive_or(Word a, Word b) { return _mm512_xor_si512(a, b); }
  static Word exclusive_or(Word a, Word b, Word c) {
    return _mm512_ternarylogic_epi32(a, b, c, 0x96);
  }
  static Word majority(Word a, Word b, Word c) { return _mm512_ternarylogic_epi32(a, b, c, 0xE8); }
  static Word choice(Word a, Word b, Word c) { return _mm512_ternarylogic_epi32(a, b, c, 0xCA); }
  template <int kBy>
  static Word rotate(Word a) {
    return _mm512_rol_epi32(a, kBy);
  }
  static Word load(const std::uint32_t* from) { return _mm512_load_si512(from); }
  static void store(std::uint32_t* to, Word a) { _mm512_store_si512(to, a); }

  // load_block turns sixteen blocks, a row each, into sixteen words, a column each.
  static void load_block(Word* w, const std::uint8_t* const* data, std::size_t offset) {
    const Word swap =
        _mm512_broadcast_i32x4(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
    Word pairs[16], fours[16];
    for (std::size_t i = 0; i < 16; i += 2) {
      const Word r0 = _mm512_shuffle_epi8(_mm512_loadu_si512(data[i] + offset), swap);
      const Word r1 = _mm512_shuffle_epi8(_mm512_loadu_si512(data[i + 1] + offset), swap);
      pairs[i] = _mm512_unpacklo_epi32(r0, r1);
      pairs[i + 1] = _mm512_unpackhi_epi32(r0, r1);
    }
    // fours[4q + k]: of lanes 4q … 4q+3, the words k, k+4, k+8 and k+12, in 128 bits each.
    for (std::size_t i = 0; i < 16; i += 4) {
      fours[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
      fours[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
      fours[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
      fours[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      const Word low01 = _mm512_shuffle_i32x4(fours[k], fours[4 + k], 0x44);
      const Word high01 = _mm512_shuffle_i32x4(fours[k], fours[4 + k], 0xEE);
      const Word low23 = _mm512_shuffle_i32x4(fours[8 + k], fours[12 + k], 0x44);
      const Word high23 = _mm512_shuffle_i32x4(fours[8 + k], fours[12 + k], 0xEE);
      w[k] = _mm512_shuffle_i32x4(low01, low23, 0x88);
      w[4 + k] = _mm512_shuffle_i32x4(low01, low23, 0xDD);
      w[8 + k] = _mm512_shuffle_i32x4(high01, high23, 0x88);
      w[12 + k] = _mm512_shuffle_i32x4(high01, high23, 0xDD);
    }
  }
};

bool runs(const Processor& processor) {
  return processor.avx512;
}

}  // namespace

void sm3_compress_16_lanes(Sm3Lanes& lanes, const std::uint8_t* const* data, std::size_t blocks) {
  Sm3Vector<Avx512>::compress(lanes, data, blocks);
}

extern const Sm3Kernel kSm3Avx512{"avx512", runs, sm3_compress_avx2, 16, sm3_compress_16_lanes};

}  // namespace heqi::crypto::internal
