// register256.h: the 256-bit register of AVX2, under the names that the SM4 kernels use, but for
// the products without carries, which need more than AVX2.
#pragma once
#include "register128.h"

namespace heqi::crypto::internal::sm4_vector {

struct Register256 {
  using Reg = __m256i;
  static constexpr std::size_t kLanes = 2;

  static HEQI_INLINE Reg load(const std::uint8_t* in) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
  }
  static HEQI_INLINE void store(std::uint8_t* out, Reg a) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), a);
  }
  template <class Address>
  static HEQI_INLINE Reg load_lanes(Address address) {
    const __m128i first = Register128::load(address(0)), second = Register128::load(address(1));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
  }
  template <class Address>
  static HEQI_INLINE void store_lanes(Reg a, Address address) {
    Register128::store(address(0), _mm256_castsi256_si128(a));
    Register128::store(address(1), _mm256_extracti128_si256(a, 1));
  }
  static HEQI_INLINE Reg zero() { return _mm256_setzero_si256(); }
  static HEQI_INLINE Reg broadcast32(std::uint32_t a) {
    return _mm256_set1_epi32(static_cast<int>(a));
  }
  static HEQI_INLINE Reg broadcast64(std::uint64_t a) {
    return _mm256_set1_epi64x(static_cast<long long>(a));
  }

  static HEQI_INLINE Reg add(Reg a, Reg b) { return _mm256_xor_si256(a, b); }
  static HEQI_INLINE Reg add(Reg a, Reg b, Reg c) { return add(add(a, b), c); }
  static HEQI_INLINE Reg add32(Reg a, Reg b) { return _mm256_add_epi32(a, b); }
  static HEQI_INLINE Reg unpack_low32(Reg a, Reg b) { return _mm256_unpacklo_epi32(a, b); }
  static HEQI_INLINE Reg unpack_high32(Reg a, Reg b) { return _mm256_unpackhi_epi32(a, b); }
  static HEQI_INLINE Reg unpack_low64(Reg a, Reg b) { return _mm256_unpacklo_epi64(a, b); }
  static HEQI_INLINE Reg unpack_high64(Reg a, Reg b) { return _mm256_unpackhi_epi64(a, b); }
  static HEQI_INLINE Reg shift_in(__m128i before, Reg a) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(before), _mm256_castsi256_si128(a), 1);
  }
  static HEQI_INLINE __m128i add_lanes(Reg a) {
    return _mm_xor_si128(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
  }
  static HEQI_INLINE Reg widen(__m128i a) { return _mm256_zextsi128_si256(a); }

  static HEQI_INLINE Reg swap_words(Reg a) {
    return _mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(_mm_setr_epi8(
                                      3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)));
  }
  static HEQI_INLINE Reg reverse_bytes(Reg a) {
    return _mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(_mm_setr_epi8(
                                      15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)));
  }
  template <int kBits>
  static HEQI_INLINE Reg shift_right64(Reg a) {
    return _mm256_srli_epi64(a, kBits);
  }
  template <int kBits>
  static HEQI_INLINE Reg shift_left64(Reg a) {
    return _mm256_slli_epi64(a, kBits);
  }
  template <int kBytes>
  static HEQI_INLINE Reg shift_bytes_up(Reg a) {
    return _mm256_bslli_epi128(a, kBytes);
  }
  template <int kBytes>
  static HEQI_INLINE Reg shift_bytes_down(Reg a) {
    return _mm256_bsrli_epi128(a, kBytes);
  }
};

}  // namespace heqi::crypto::internal::sm4_vector
