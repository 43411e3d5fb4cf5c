// SM4 with GFNI on 256-bit registers and VPCLMULQDQ, without AVX-512.
#include "../../sm4_affine.h"
#include "../register256.h"
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

struct Wide : sm4_vector::Register256 {
  using Narrow = Single;
  static constexpr std::size_t kGroups = 4;

  template <int kHalves>
  static HEQI_INLINE Reg multiply(Reg a, Reg b) {
    return _mm256_clmulepi64_epi128(a, b, kHalves);
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
