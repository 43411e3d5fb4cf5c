// register128.h: the 128-bit register of x86-64, under the names that the SM4 kernels use. Compiled
// in each kernel for its own instruction set, so that everything is inlined by force.
#pragma once
#include <cstddef>
#include <cstdint>

// GCC 12 takes the undefined operands inside its own AVX-512 intrinsics for faults (its PR 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop

#include "../sm4_bytes.h"

namespace heqi::crypto::internal::sm4_vector {

struct Register128 {
  using Reg = __m128i;
  static constexpr std::size_t kLanes = 1;

  static HEQI_INLINE Reg load(const std::uint8_t* in) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  }
  static HEQI_INLINE void store(std::uint8_t* out, Reg a) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), a);
  }
  template <class Address>
  static HEQI_INLINE Reg load_lanes(Address address) {
    return load(address(0));
  }
  template <class Address>
  static HEQI_INLINE void store_lanes(Reg a, Address address) {
    store(address(0), a);
  }
  static HEQI_INLINE Reg zero() { return _mm_setzero_si128(); }
  static HEQI_INLINE Reg broadcast32(std::uint32_t a) {
    return _mm_set1_epi32(static_cast<int>(a));
  }
  static HEQI_INLINE Reg broadcast64(std::uint64_t a) {
    return _mm_set1_epi64x(static_cast<long long>(a));
  }
  static HEQI_INLINE std::uint32_t first32(Reg a) {
    return static_cast<std::uint32_t>(_mm_cvtsi128_si32(a));
  }
  template <int kPattern>
  static HEQI_INLINE Reg pick32(Reg a) {
    return _mm_shuffle_epi32(a, kPattern);
  }

  static HEQI_INLINE Reg add(Reg a, Reg b) { return _mm_xor_si128(a, b); }
  static HEQI_INLINE Reg add32(Reg a, Reg b) { return _mm_add_epi32(a, b); }
  static HEQI_INLINE Reg unpack_low32(Reg a, Reg b) { return _mm_unpacklo_epi32(a, b); }
  static HEQI_INLINE Reg unpack_high32(Reg a, Reg b) { return _mm_unpackhi_epi32(a, b); }
  static HEQI_INLINE Reg unpack_low64(Reg a, Reg b) { return _mm_unpacklo_epi64(a, b); }
  static HEQI_INLINE Reg unpack_high64(Reg a, Reg b) { return _mm_unpackhi_epi64(a, b); }

  // shift_in puts before in front of the blocks and drops the last one.
  static HEQI_INLINE Reg shift_in(__m128i before, Reg) { return before; }
  // add_lanes adds the 128-bit lanes to one another; widen puts zeros into the other lanes.
  static HEQI_INLINE Reg add_lanes(Reg a) { return a; }
  static HEQI_INLINE Reg widen(Reg a) { return a; }

  static HEQI_INLINE Reg swap_words(Reg a) {
    return _mm_shuffle_epi8(a, _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
  }
  static HEQI_INLINE Reg reverse_bytes(Reg a) {
    return _mm_shuffle_epi8(a, _mm_setr_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
  }
  template <int kHalves>
  static HEQI_INLINE Reg multiply(Reg a, Reg b) {
    return _mm_clmulepi64_si128(a, b, kHalves);
  }
  template <int kBits>
  static HEQI_INLINE Reg shift_right64(Reg a) {
    return _mm_srli_epi64(a, kBits);
  }
  template <int kBits>
  static HEQI_INLINE Reg shift_left64(Reg a) {
    return _mm_slli_epi64(a, kBits);
  }
  template <int kBytes>
  static HEQI_INLINE Reg shift_bytes_up(Reg a) {
    return _mm_slli_si128(a, kBytes);
  }
  template <int kBytes>
  static HEQI_INLINE Reg shift_bytes_down(Reg a) {
    return _mm_srli_si128(a, kBytes);
  }
};

}  // namespace heqi::crypto::internal::sm4_vector
