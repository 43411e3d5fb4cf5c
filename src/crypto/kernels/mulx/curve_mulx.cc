// curve_mulx.cc: the curve's operations with mulx, adcx, adox, and AVX2 or AVX-512 for
// reading tables.
#include "curve_operations.h"
#include "field_mulx.h"
#include "montgomery_mulx.h"

namespace heqi::crypto::internal {
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

  // Not inlined: g++ 12 would keep what is found in the caller's memory and not in registers.
  template <std::size_t kCount, std::size_t kStride>
  static __attribute__((noinline)) void keep_two(std::uint8_t* out, const std::uint8_t* stored,
                                                 std::uint64_t index) {
    const __m256i wanted = _mm256_set1_epi64x(static_cast<long long>(index)),
                  one = _mm256_set1_epi64x(1);
    __m256i first = _mm256_setzero_si256(), second = first, number = first;
    for (std::size_t j = 0; j < kCount; ++j, stored += kStride) {
      const __m256i mask = _mm256_cmpeq_epi64(number, wanted);
      first = _mm256_or_si256(first, _mm256_and_si256(mask, part(stored)));
      second = _mm256_or_si256(second, _mm256_and_si256(mask, part(stored + kPart)));
      number = _mm256_add_epi64(number, one);
    }
    put(out, first);
    put(out + kPart, second);
  }

  // The same with one wide register for an affine entry; a tenth of a multiple of the base point.
  template <std::size_t kCount>
  static __attribute__((noinline, target("avx512f"))) void keep_two_wide(std::uint8_t* out,
                                                                         const std::uint8_t* stored,
                                                                         std::uint64_t index) {
    const __m512i wanted = _mm512_set1_epi64(static_cast<long long>(index)),
                  one = _mm512_set1_epi64(1);
    __m512i first = _mm512_setzero_si512(), number = first;
    for (std::size_t j = 0; j < kCount; ++j, stored += 2 * kPart) {
      const __mmask8 mask = _mm512_cmpeq_epi64_mask(number, wanted);
      first = _mm512_mask_or_epi64(first, mask, first, _mm512_loadu_si512(stored));
      number = _mm512_add_epi64(number, one);
    }
    _mm512_storeu_si512(out, first);
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

Words order_product(const Words& a, const Words& b) {
  static constexpr Words kModulus = kOrder;
  static constexpr std::uint64_t kInverse = montgomery_inverse(kOrder);
  return mulx::montgomery_multiply(a, b, kModulus, kInverse);
}

bool has_mulx(const Processor& processor) {
  return processor.bmi2_adx && processor.avx2;
}

}  // namespace

const CurveKernel kMulxCurve = CurveOperations<Mulx>::kernel("mulx", has_mulx, order_product);

}  // namespace heqi::crypto::internal
