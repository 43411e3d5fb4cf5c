// SM4 with GFNI on 256-bit registers and VPCLMULQDQ, without AVX-512.
#include "../../sm4_affine.h"
#include "../register128.h"
#include "../sm4_table.h"

namespace heqi::crypto::internal {
namespace {

using namespace sm4_affine;

// turned is the pattern that rotates each 32-bit word to the left by 8·bytes bits.
constexpr long long turned(int bytes) {
  long long out = 0;
  for (int i = 0; i < 8; ++i) out |= static_cast<long long>((i & 4) | ((i - bytes) & 3)) << (8 * i);
  return out;
}
constexpr long long kSecondWords = 0x0808080808080808;

// Single is four blocks in a 128-bit register, for a message whose blocks wait for one another.
struct Single : sm4_vector::Register128 {
  using Narrow = Single;
  using Register128::add;
  static HEQI_INLINE Reg add(Reg a, Reg b, Reg c) { return add(add(a, b), c); }
  template <int kBytes>
  static HEQI_INLINE Reg turn(Reg a) {
    return _mm_shuffle_epi8(a, _mm_set_epi64x(turned(kBytes) | kSecondWords, turned(kBytes)));
  }
  static HEQI_INLINE Reg matrix(std::uint64_t rows) { return broadcast64(rows); }
  static HEQI_INLINE Reg into_basis(Reg a) {
    return _mm_gf2p8affine_epi64_epi8(a, matrix(rows_of(kIntoBasis)), 0);
  }
  static HEQI_INLINE Reg out_of_basis(Reg a) {
    return _mm_gf2p8affine_epi64_epi8(a, matrix(rows_of(kOutOfBasis)), 0);
  }
  static HEQI_INLINE Reg key_into_basis(Reg a) {
    return _mm_gf2p8affine_epi64_epi8(a, matrix(rows_of(kIntoBasis)), kKeyConstant);
  }
  static HEQI_INLINE Reg substitute(Reg a) {
    return _mm_gf2p8affineinv_epi64_epi8(key_into_basis(a), matrix(rows_of(kAfterInverse)), kC);
  }
  static HEQI_INLINE Reg mix_soon(Reg old_word, Reg others, Reg t) {
    const Reg first = _mm_gf2p8affineinv_epi64_epi8(t, matrix(rows_of(kFirst)), kRoundConstant);
    const Reg middle = _mm_gf2p8affineinv_epi64_epi8(t, matrix(rows_of(kMiddle)), 0);
    const Reg last = _mm_gf2p8affineinv_epi64_epi8(t, matrix(rows_of(kLast)), 0);
    const Reg early = sm4_vector::held(add(sm4_vector::held(add(old_word, others)), first));
    return add(add(early, turn<3>(last)), sm4_vector::held(add(turn<1>(middle), turn<2>(middle))));
  }
};

struct Wide {
  using Reg = __m256i;
  using Narrow = Single;
  static constexpr std::size_t kLanes = 2, kGroups = 4;

  static HEQI_INLINE Reg load(const std::uint8_t* in) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
  }
  static HEQI_INLINE void store(std::uint8_t* out, Reg a) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), a);
  }
  template <class Address>
  static HEQI_INLINE Reg load_lanes(Address address) {
    const __m128i first = Single::load(address(0)), second = Single::load(address(1));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
  }
  template <class Address>
  static HEQI_INLINE void store_lanes(Reg a, Address address) {
    Single::store(address(0), _mm256_castsi256_si128(a));
    Single::store(address(1), _mm256_extracti128_si256(a, 1));
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
  template <int kHalves>
  static HEQI_INLINE Reg multiply(Reg a, Reg b) {
    return _mm256_clmulepi64_epi128(a, b, kHalves);
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

  template <int kBytes>
  static HEQI_INLINE Reg turn(Reg a) {
    constexpr long long low = turned(kBytes), high = turned(kBytes) | kSecondWords;
    return _mm256_shuffle_epi8(a, _mm256_set_epi64x(high, low, high, low));
  }
  static HEQI_INLINE Reg matrix(std::uint64_t rows) { return broadcast64(rows); }
  static HEQI_INLINE Reg into_basis(Reg a) {
    return _mm256_gf2p8affine_epi64_epi8(a, matrix(rows_of(kIntoBasis)), 0);
  }
  static HEQI_INLINE Reg out_of_basis(Reg a) {
    return _mm256_gf2p8affine_epi64_epi8(a, matrix(rows_of(kOutOfBasis)), 0);
  }
  static HEQI_INLINE Reg mix(Reg old_word, Reg t) {
    const Reg first = _mm256_gf2p8affineinv_epi64_epi8(t, matrix(rows_of(kFirst)), kRoundConstant);
    const Reg middle = _mm256_gf2p8affineinv_epi64_epi8(t, matrix(rows_of(kMiddle)), 0);
    const Reg last = _mm256_gf2p8affineinv_epi64_epi8(t, matrix(rows_of(kLast)), 0);
    return add(add(old_word, first), add(turn<1>(middle), turn<2>(middle)), turn<3>(last));
  }
  static HEQI_INLINE Reg mix_soon(Reg old_word, Reg others, Reg t) {
    return mix(add(old_word, others), t);
  }
};

bool runs(const Processor& processor) {
  return processor.gfni_avx2 && processor.vpclmul && processor.clmul;
}

}  // namespace

constinit const Sm4Kernel kSm4Gfni256 = sm4_vector::make_table<Wide>("gfni256", runs);

}  // namespace heqi::crypto::internal
