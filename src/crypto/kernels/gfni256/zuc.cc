// zuc.cc: ZUC with the affine maps and the inverse of GFNI for S1, look-ups of four bits in
// registers for S0, and products without carries for the tag.
#include "kernels/zuc_vector.h"
#include "sm4_affine.h"
#include "zuc_core.h"

namespace heqi::crypto::internal {
namespace {

// kIntoAes takes the field of S1 to that of AES; 32 there is a root of S1's polynomial.
constexpr ZucColumns kIntoAes = {0x01, 0x32, 0x73, 0x75, 0xD9, 0xE8, 0xCD, 0x2D};
constexpr ZucColumns kAfterInverse = sm4_affine::compose(kZucM, sm4_affine::inverse(kIntoAes));

struct GfniBoxes {
  static ZucPair substitute(std::uint32_t u, std::uint32_t v) {
    static constexpr std::uint64_t kInto = sm4_affine::rows_of(kIntoAes);
    static constexpr std::uint64_t kAfter = sm4_affine::rows_of(kAfterInverse);
    const __m128i x = _mm_cvtsi64_si128(static_cast<long long>(std::uint64_t(v) << 32 | u));
    const __m128i of_s1 = _mm_gf2p8affineinv_epi64_epi8(
        _mm_gf2p8affine_epi64_epi8(x, _mm_set1_epi64x(static_cast<long long>(kInto)), 0),
        _mm_set1_epi64x(static_cast<long long>(kAfter)), 0x55);
    const __m128i out = _mm_blendv_epi8(of_s1, s0(low_nibbles(x), high_nibbles(x)),
                                        _mm_set1_epi16(static_cast<short>(0xFF00)));
    const auto both = static_cast<std::uint64_t>(_mm_cvtsi128_si64(out));
    return {static_cast<std::uint32_t>(both), static_cast<std::uint32_t>(both >> 32)};
  }
};

bool runs(const Processor& processor) {
  return processor.gfni_avx2 && processor.clmul;
}

}  // namespace

extern const ZucKernel kZucGfni{"gfni256", runs, ZucCore<GfniBoxes>::initialise,
                                ZucCore<GfniBoxes>::generate, absorb};

}  // namespace heqi::crypto::internal
