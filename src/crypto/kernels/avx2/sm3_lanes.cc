// sm3_lanes.cc: SM3 of eight messages at once.
#include <immintrin.h>

#include "kernels/sm3_lanes.h"
#include "sm3_kernel.h"

namespace heqi::crypto::internal {
namespace {

struct Avx2 {
  using Word = __m256i;
  static Word set(std::uint32_t value) { return _mm256_set1_epi32(static_cast<int>(value)); }
  static Word add(Word a, Word b) { return _mm256_add_epi32(a, b); }
  static Word exclusive_or(Word a, Word b) { return _mm256_xor_si256(a, b); }
  static Word exclusive_or(Word a, Word b, Word c) { return exclusive_or(exclusive_or(a, b), c); }
  static Word majority(Word a, Word b, Word c) {
    return _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(_mm256_or_si256(a, b), c));
  }
  static Word choice(Word a, Word b, Word c) {
    return exclusive_or(_mm256_and_si256(exclusive_or(b, c), a), c);
  }
  template <int kBy>
  static Word rotate(Word a) {
    return _mm256_or_si256(_mm256_slli_epi32(a, kBy), _mm256_srli_epi32(a, 32 - kBy));
  }
  static Word load(const std::uint32_t* from) {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
  }
  static void store(std::uint32_t* to, Word a) {
    _mm256_store_si256(reinterpret_cast<__m256i*>(to), a);
  }

  // load_half turns eight words of eight blocks, a row each, into eight columns.
  static void load_half(Word* w, const std::uint8_t* const* data, std::size_t offset) {
    const Word swap = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
    const auto row = [&](std::size_t i) {
      return _mm256_shuffle_epi8(
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data[i] + offset)), swap);
    };
    Word pairs[8], fours[8];
    for (std::size_t i = 0; i < 8; i += 2) {
      const Word r0 = row(i), r1 = row(i + 1);
      pairs[i] = _mm256_unpacklo_epi32(r0, r1);
      pairs[i + 1] = _mm256_unpackhi_epi32(r0, r1);
    }
    for (std::size_t i = 0; i < 8; i += 4) {
      fours[i] = _mm256_unpacklo_epi64(pairs[i], pairs[i + 2]);
      fours[i + 1] = _mm256_unpackhi_epi64(pairs[i], pairs[i + 2]);
      fours[i + 2] = _mm256_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
      fours[i + 3] = _mm256_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      w[k] = _mm256_permute2x128_si256(fours[k], fours[4 + k], 0x20);
      w[4 + k] = _mm256_permute2x128_si256(fours[k], fours[4 + k], 0x31);
    }
  }
  static void load_block(Word* w, const std::uint8_t* const* data, std::size_t offset) {
    load_half(w, data, offset);
    load_half(w + 8, data, offset + 32);
  }
};

}  // namespace

void sm3_compress_8_lanes(Sm3Lanes& lanes, const std::uint8_t* const* data, std::size_t blocks) {
  Sm3Vector<Avx2>::compress(lanes, data, blocks);
}

}  // namespace heqi::crypto::internal
