// sm3.cc: one stream of SM3 with the instructions made for it; many messages go side by side as on
// the other paths.
#include "../../sm3_kernel.h"
#include "instructions.h"

namespace heqi::crypto::internal {
namespace {

using namespace sm3_instructions;

// State is the eight words as the instructions take them.
struct State {
  Four feba, hgdc;
};

// The rounds rotate C and D by 9, G and H by 19 when they take them in; between blocks all stays
// as it is, since the sum of states can be made before a rotation.
HEQI_INLINE Four rotate(Four a, Four left, Four right) {
  return _mm_or_si128(_mm_sllv_epi32(a, left), _mm_srlv_epi32(a, right));
}
HEQI_INLINE State load_state(const std::uint32_t* v) {
  const auto word = [v](std::size_t i) { return static_cast<int>(v[i]); };
  const Four hgdc = _mm_set_epi32(word(2), word(3), word(6), word(7));
  return {_mm_set_epi32(word(0), word(1), word(4), word(5)),
          rotate(hgdc, _mm_setr_epi32(13, 13, 23, 23), _mm_setr_epi32(19, 19, 9, 9))};
}
HEQI_INLINE void store_state(const State& state, std::uint32_t* v) {
  const Four hgdc =
      rotate(state.hgdc, _mm_setr_epi32(19, 19, 9, 9), _mm_setr_epi32(13, 13, 23, 23));
  const Four dcba = _mm_unpackhi_epi64(hgdc, state.feba);
  const Four hgfe = _mm_unpacklo_epi64(hgdc, state.feba);
  _mm_storeu_si128(reinterpret_cast<Four*>(v), _mm_shuffle_epi32(dcba, 0x1B));
  _mm_storeu_si128(reinterpret_cast<Four*>(v + 4), _mm_shuffle_epi32(hgfe, 0x1B));
}

HEQI_INLINE Four load_words(const std::uint8_t* block, std::size_t at) {
  using sm4_vector::Register128;
  return Register128::swap_words(Register128::load(block + at));
}

// expand gives W[16…19] of W[0…15].
HEQI_INLINE Four expand(Four w0, Four w4, Four w8, Four w12) {
  const Four begun = expand_first(_mm_alignr_epi8(w8, w4, 12), _mm_srli_si128(w12, 4), w0);
  return expand_last(begun, _mm_alignr_epi8(w4, w0, 12), _mm_alignr_epi8(w12, w8, 8));
}

template <int kRound>
HEQI_INLINE void four_rounds(State& state, Four w0, Four w4) {
  state.hgdc = two_rounds<kRound>(state.hgdc, state.feba, _mm_unpacklo_epi64(w0, w4));
  state.feba = two_rounds<kRound + 2>(state.feba, state.hgdc, _mm_unpackhi_epi64(w0, w4));
}
// expanding_rounds also puts W[j+16…j+19] into the place of W[j…j+3].
template <int kRound>
HEQI_INLINE void expanding_rounds(State& state, Four& w0, Four w4, Four w8, Four w12) {
  four_rounds<kRound>(state, w0, w4);
  w0 = expand(w0, w4, w8, w12);
}
template <int kRound>
HEQI_INLINE void sixteen_rounds(State& state, Four& a, Four& b, Four& c, Four& d) {
  expanding_rounds<kRound>(state, a, b, c, d);
  expanding_rounds<kRound + 4>(state, b, c, d, a);
  expanding_rounds<kRound + 8>(state, c, d, a, b);
  expanding_rounds<kRound + 12>(state, d, a, b, c);
}

void compress(std::uint32_t* v, const std::uint8_t* data, std::size_t blocks) {
  State state = load_state(v);
  for (; blocks > 0; --blocks, data += kSm3BlockSize) {
    const State before = state;
    Four a = load_words(data, 0), b = load_words(data, 16);
    Four c = load_words(data, 32), d = load_words(data, 48);
    sixteen_rounds<0>(state, a, b, c, d);
    sixteen_rounds<16>(state, a, b, c, d);
    sixteen_rounds<32>(state, a, b, c, d);
    expanding_rounds<48>(state, a, b, c, d);
    four_rounds<52>(state, b, c);
    four_rounds<56>(state, c, d);
    four_rounds<60>(state, d, a);
    state.feba = _mm_xor_si128(state.feba, before.feba);
    state.hgdc = _mm_xor_si128(state.hgdc, before.hgdc);
  }
  store_state(state, v);
}

bool runs(const Processor& processor) {
  return processor.sm3_instructions;
}
bool runs_with_avx512(const Processor& processor) {
  return processor.sm3_instructions && processor.avx512;
}

}  // namespace

extern const Sm3Kernel kSm3Ni{
    "sm3ni", runs, compress, 8, sm3_compress_8_lanes, Tested::under_a_model};
extern const Sm3Kernel kSm3Ni512{"sm3ni512", runs_with_avx512,      compress,
                                 16,         sm3_compress_16_lanes, Tested::under_a_model};

}  // namespace heqi::crypto::internal
