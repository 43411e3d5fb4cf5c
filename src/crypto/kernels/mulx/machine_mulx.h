// machine_mulx.h: the Machine of curve_operations.h with mulx, adcx, adox, and AVX2 or AVX-512 for
// reading tables. For files below kernels/mulx only.
#pragma once
#include <heqi/crypto/dispatch.h>

#include "field_mulx.h"

namespace heqi::crypto::internal {
// Of each object's own, as all that is compiled for these instructions.
namespace {

struct Mulx {
  using Element = mulx::MulxField;

  // look_up reads every entry and keeps the one whose number is index.
  template <class Entry, std::size_t kCount, class Stored>
  static void look_up(Entry& out, const std::array<Stored, kCount>& row, std::uint64_t index) {
    static_assert(sizeof(Entry) == sizeof(Stored) && sizeof(Entry) % kPart == 0);
    const auto* stored = reinterpret_cast<const std::uint8_t*>(&row);
    auto* found = reinterpret_cast<std::uint8_t*>(&out);
    std::size_t at = 0;
    if (sizeof(Entry) == 2 * kPart && processor().avx512)
      return keep_two_wide<kCount>(found, stored, index);
    for (; at + 2 * kPart <= sizeof(Entry); at += 2 * kPart)
      keep_two<kCount, sizeof(Entry)>(found + at, stored + at, index);
    if (at < sizeof(Entry)) keep_one<kCount, sizeof(Entry)>(found + at, stored + at, index);
  }

 private:
  static constexpr std::size_t kPart = sizeof(__m256i);

  static __m256i part(const std::uint8_t* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  }
  static void put(std::uint8_t* at, __m256i part) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), part);
  }

  // Two entries at a time, so that the sums of both do not wait for each other. Not inlined: g++ 12
  // would keep what is found in the caller's memory and not in registers.
  template <std::size_t kCount, std::size_t kStride>
  static __attribute__((noinline)) void keep_two(std::uint8_t* out, const std::uint8_t* stored,
                                                 std::uint64_t index) {
    static_assert(kCount % 2 == 0);
    const __m256i wanted = _mm256_set1_epi64x(static_cast<long long>(index)),
                  two = _mm256_set1_epi64x(2);
    __m256i first = _mm256_setzero_si256(), second = first, odd_first = first, odd_second = first;
    __m256i number = first, odd_number = _mm256_set1_epi64x(1);
    for (std::size_t j = 0; j < kCount; j += 2, stored += 2 * kStride) {
      const __m256i mask = _mm256_cmpeq_epi64(number, wanted);
      const __m256i odd_mask = _mm256_cmpeq_epi64(odd_number, wanted);
      first = _mm256_or_si256(first, _mm256_and_si256(mask, part(stored)));
      second = _mm256_or_si256(second, _mm256_and_si256(mask, part(stored + kPart)));
      odd_first = _mm256_or_si256(odd_first, _mm256_and_si256(odd_mask, part(stored + kStride)));
      odd_second =
          _mm256_or_si256(odd_second, _mm256_and_si256(odd_mask, part(stored + kStride + kPart)));
      number = _mm256_add_epi64(number, two);
      odd_number = _mm256_add_epi64(odd_number, two);
    }
    put(out, _mm256_or_si256(first, odd_first));
    put(out + kPart, _mm256_or_si256(second, odd_second));
  }

  // The same with one wide register for an affine entry; a tenth of a multiple of the base point.
  template <std::size_t kCount>
  static __attribute__((noinline, target("avx512f"))) void keep_two_wide(std::uint8_t* out,
                                                                         const std::uint8_t* stored,
                                                                         std::uint64_t index) {
    static_assert(kCount % 2 == 0);
    const __m512i wanted = _mm512_set1_epi64(static_cast<long long>(index)),
                  two = _mm512_set1_epi64(2);
    __m512i found = _mm512_setzero_si512(), odd_found = found, number = found,
            odd_number = _mm512_set1_epi64(1);
    for (std::size_t j = 0; j < kCount; j += 2, stored += 4 * kPart) {
      const __mmask8 mask = _mm512_cmpeq_epi64_mask(number, wanted);
      const __mmask8 odd_mask = _mm512_cmpeq_epi64_mask(odd_number, wanted);
      found = _mm512_mask_or_epi64(found, mask, found, _mm512_loadu_si512(stored));
      odd_found = _mm512_mask_or_epi64(odd_found, odd_mask, odd_found,
                                       _mm512_loadu_si512(stored + 2 * kPart));
      number = _mm512_add_epi64(number, two);
      odd_number = _mm512_add_epi64(odd_number, two);
    }
    _mm512_storeu_si512(out, _mm512_or_si512(found, odd_found));
  }

  template <std::size_t kCount, std::size_t kStride>
  static __attribute__((noinline)) void keep_one(std::uint8_t* out, const std::uint8_t* stored,
                                                 std::uint64_t index) {
    const __m256i wanted = _mm256_set1_epi64x(static_cast<long long>(index)),
                  one = _mm256_set1_epi64x(1);
    __m256i first = _mm256_setzero_si256(), number = first;
    for (std::size_t j = 0; j < kCount; ++j, stored += kStride) {
      const __m256i mask = _mm256_cmpeq_epi64(number, wanted);
      first = _mm256_or_si256(first, _mm256_and_si256(mask, part(stored)));
      number = _mm256_add_epi64(number, one);
    }
    put(out, first);
  }
};

}  // namespace
}  // namespace heqi::crypto::internal
