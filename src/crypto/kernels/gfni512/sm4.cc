// SM4 with GFNI on 512-bit registers and VPCLMULQDQ: 64 blocks in flight.
#include "../../sm4_affine.h"
#include "../register128.h"
#include "../sm4_table.h"

namespace heqi::crypto::internal {
namespace {

using namespace sm4_affine;

constexpr int kSumOfThree = 0x96;  // of VPTERNLOG

// Single is four blocks in a 128-bit register, for a message whose blocks wait for one another.
struct Single : sm4_vector::Register128 {
  using Narrow = Single;
  using Register128::add;
  static HEQI_INLINE Reg add(Reg a, Reg b, Reg c) {
    return _mm_ternarylogic_epi32(a, b, c, kSumOfThree);
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
    return add(add(old_word, others, first),
               add(_mm_rol_epi32(middle, 8), _mm_rol_epi32(middle, 16), _mm_rol_epi32(last, 24)));
  }
};

struct Wide {
  using Reg = __m512i;
  using Narrow = Single;
  static constexpr std::size_t kLanes = 4, kGroups = 4;

  static HEQI_INLINE Reg load(const std::uint8_t* in) { return _mm512_loadu_si512(in); }
  static HEQI_INLINE void store(std::uint8_t* out, Reg a) { _mm512_storeu_si512(out, a); }
  template <class Address>
  static HEQI_INLINE Reg load_lanes(Address address) {
    Reg out = _mm512_castsi128_si512(Single::load(address(0)));
    out = _mm512_inserti32x4(out, Single::load(address(1)), 1);
    out = _mm512_inserti32x4(out, Single::load(address(2)), 2);
    return _mm512_inserti32x4(out, Single::load(address(3)), 3);
  }
  template <class Address>
  static HEQI_INLINE void store_lanes(Reg a, Address address) {
    Single::store(address(0), lane<0>(a));
    Single::store(address(1), lane<1>(a));
    Single::store(address(2), lane<2>(a));
    Single::store(address(3), lane<3>(a));
  }
  // lane avoids the intrinsics for it, which make GCC 12 warn of what they leave undefined.
  template <int kLane>
  static HEQI_INLINE __m128i lane(Reg a) {
    return __builtin_shufflevector(a, a, 2 * kLane, 2 * kLane + 1);
  }
  static HEQI_INLINE Reg zero() { return _mm512_setzero_si512(); }
  static HEQI_INLINE Reg broadcast32(std::uint32_t a) {
    return _mm512_set1_epi32(static_cast<int>(a));
  }
  static HEQI_INLINE Reg broadcast64(std::uint64_t a) {
    return _mm512_set1_epi64(static_cast<long long>(a));
  }

  static HEQI_INLINE Reg add(Reg a, Reg b) { return _mm512_xor_si512(a, b); }
  static HEQI_INLINE Reg add(Reg a, Reg b, Reg c) {
    return _mm512_ternarylogic_epi32(a, b, c, kSumOfThree);
  }
  static HEQI_INLINE Reg add32(Reg a, Reg b) { return _mm512_add_epi32(a, b); }
  static HEQI_INLINE Reg unpack_low32(Reg a, Reg b) { return _mm512_unpacklo_epi32(a, b); }
  static HEQI_INLINE Reg unpack_high32(Reg a, Reg b) { return _mm512_unpackhi_epi32(a, b); }
  static HEQI_INLINE Reg unpack_low64(Reg a, Reg b) { return _mm512_unpacklo_epi64(a, b); }
  static HEQI_INLINE Reg unpack_high64(Reg a, Reg b) { return _mm512_unpackhi_epi64(a, b); }
  static HEQI_INLINE Reg shift_in(__m128i before, Reg a) {
    return _mm512_alignr_epi64(a, _mm512_broadcast_i32x4(before), 6);
  }
  static HEQI_INLINE __m128i add_lanes(Reg a) {
    return Single::add(Single::add(lane<0>(a), lane<1>(a), lane<2>(a)), lane<3>(a));
  }
  static HEQI_INLINE Reg widen(__m128i a) { return _mm512_zextsi128_si512(a); }

  static HEQI_INLINE Reg swap_words(Reg a) {
    return _mm512_shuffle_epi8(a,
                               _mm512_set4_epi32(0x0C0D0E0F, 0x08090A0B, 0x04050607, 0x00010203));
  }
  static HEQI_INLINE Reg reverse_bytes(Reg a) {
    return _mm512_shuffle_epi8(a,
                               _mm512_set4_epi32(0x00010203, 0x04050607, 0x08090A0B, 0x0C0D0E0F));
  }
  template <int kHalves>
  static HEQI_INLINE Reg multiply(Reg a, Reg b) {
    return _mm512_clmulepi64_epi128(a, b, kHalves);
  }
  template <int kBits>
  static HEQI_INLINE Reg shift_right64(Reg a) {
    return _mm512_srli_epi64(a, kBits);
  }
  template <int kBits>
  static HEQI_INLINE Reg shift_left64(Reg a) {
    return _mm512_slli_epi64(a, kBits);
  }
  template <int kBytes>
  static HEQI_INLINE Reg shift_bytes_up(Reg a) {
    return _mm512_bslli_epi128(a, kBytes);
  }
  template <int kBytes>
  static HEQI_INLINE Reg shift_bytes_down(Reg a) {
    return _mm512_bsrli_epi128(a, kBytes);
  }

  static HEQI_INLINE Reg matrix(std::uint64_t rows) { return broadcast64(rows); }
  static HEQI_INLINE Reg into_basis(Reg a) {
    return _mm512_gf2p8affine_epi64_epi8(a, matrix(rows_of(kIntoBasis)), 0);
  }
  static HEQI_INLINE Reg out_of_basis(Reg a) {
    return _mm512_gf2p8affine_epi64_epi8(a, matrix(rows_of(kOutOfBasis)), 0);
  }
  static HEQI_INLINE Reg mix(Reg old_word, Reg t) {
    const Reg first = _mm512_gf2p8affineinv_epi64_epi8(t, matrix(rows_of(kFirst)), kRoundConstant);
    const Reg middle = _mm512_gf2p8affineinv_epi64_epi8(t, matrix(rows_of(kMiddle)), 0);
    const Reg last = _mm512_gf2p8affineinv_epi64_epi8(t, matrix(rows_of(kLast)), 0);
    return add(add(old_word, first, _mm512_rol_epi32(middle, 8)), _mm512_rol_epi32(middle, 16),
               _mm512_rol_epi32(last, 24));
  }
  static HEQI_INLINE Reg mix_soon(Reg old_word, Reg others, Reg t) {
    const Reg first = _mm512_gf2p8affineinv_epi64_epi8(t, matrix(rows_of(kFirst)), kRoundConstant);
    const Reg middle = _mm512_gf2p8affineinv_epi64_epi8(t, matrix(rows_of(kMiddle)), 0);
    const Reg last = _mm512_gf2p8affineinv_epi64_epi8(t, matrix(rows_of(kLast)), 0);
    return add(
        add(old_word, others, first),
        add(_mm512_rol_epi32(middle, 8), _mm512_rol_epi32(middle, 16), _mm512_rol_epi32(last, 24)));
  }
};

bool runs(const Processor& processor) {
  return processor.gfni_avx512 && processor.vpclmul && processor.clmul;
}

}  // namespace

constinit const Sm4Kernel kSm4Gfni512 = sm4_vector::make_table<Wide>("gfni512", runs);

}  // namespace heqi::crypto::internal
