// SM4 on AES-NI: the inverse of the S-box by AESENCLAST, the matrices around it by PSHUFB on halves
// of bytes. Neither has a timing that depends on the data.
#include "../../sm4_affine.h"
#include "../register128.h"
#include "../sm4_table.h"

namespace heqi::crypto::internal {
namespace {

using namespace sm4_affine;

// Nibbles is a map of bytes plus a constant as two tables of sixteen: one for each half.
struct Nibbles {
  alignas(16) std::uint8_t low[16], high[16];
};
consteval Nibbles nibbles_of(const Map& map, std::uint8_t constant) {
  Nibbles out{};
  for (unsigned i = 0; i < 16; ++i) {
    out.low[i] = static_cast<std::uint8_t>(apply(map, static_cast<std::uint8_t>(i)) ^ constant);
    out.high[i] = apply(map, static_cast<std::uint8_t>(i << 4));
  }
  return out;
}
// AESENCLAST leaves SubBytes with its rows shifted; its key takes SubBytes' constant away.
inline constexpr Map kAfterAes = inverse(make_aes_matrix());
constexpr Nibbles kInto = nibbles_of(kIntoBasis, 0), kOut = nibbles_of(kOutOfBasis, 0);
constexpr Nibbles kKeyInto = nibbles_of(kIntoBasis, kKeyConstant);
constexpr Nibbles kSubstitute = nibbles_of(compose(kAfterInverse, kAfterAes), kC);
constexpr Nibbles kFirstTable = nibbles_of(compose(kFirst, kAfterAes), 0);
// The middle is added three times, the first part twice: the constant belongs to the middle.
constexpr Nibbles kMiddleTable = nibbles_of(compose(kMiddle, kAfterAes), kRoundConstant);

struct Pattern {
  alignas(16) std::uint8_t at[16];
};
// turned undoes the shift of rows and rotates each word to the left by 8·bytes bits.
consteval Pattern turned(unsigned bytes) {
  Pattern out{};
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned row = (i - bytes) & 3, column = i / 4;
    out.at[i] = static_cast<std::uint8_t>(row + 4 * ((column - row) & 3));
  }
  return out;
}
constexpr Pattern kTurned[4] = {turned(0), turned(1), turned(2), turned(3)};

struct Wide : sm4_vector::Register128 {
  using Narrow = Wide;
  static constexpr std::size_t kGroups = 4;
  using Register128::add;
  static HEQI_INLINE Reg add(Reg a, Reg b, Reg c) { return add(add(a, b), c); }

  struct Halves {
    Reg low, high;
  };
  static HEQI_INLINE Halves halves_of(Reg a) {
    const Reg mask = _mm_set1_epi8(0x0F);
    return {_mm_and_si128(a, mask), _mm_and_si128(_mm_srli_epi64(a, 4), mask)};
  }
  static HEQI_INLINE Reg look_up(const Nibbles& table, const Halves& at) {
    return add(_mm_shuffle_epi8(load(table.low), at.low),
               _mm_shuffle_epi8(load(table.high), at.high));
  }
  static HEQI_INLINE Reg turn(Reg a, std::size_t bytes) {
    return _mm_shuffle_epi8(a, load(kTurned[bytes].at));
  }
  static HEQI_INLINE Reg aes(Reg a) { return _mm_aesenclast_si128(a, _mm_set1_epi8(0x63)); }

  static HEQI_INLINE Reg into_basis(Reg a) { return look_up(kInto, halves_of(a)); }
  static HEQI_INLINE Reg out_of_basis(Reg a) { return look_up(kOut, halves_of(a)); }
  static HEQI_INLINE Reg key_into_basis(Reg a) { return look_up(kKeyInto, halves_of(a)); }
  static HEQI_INLINE Reg substitute(Reg a) {
    return turn(look_up(kSubstitute, halves_of(aes(key_into_basis(a)))), 0);
  }
  static HEQI_INLINE Reg mix(Reg old_word, Reg t) {
    const Halves y = halves_of(aes(t));
    const Reg first = look_up(kFirstTable, y), middle = look_up(kMiddleTable, y);
    const Reg early = sm4_vector::held(add(add(old_word, turn(first, 0)), turn(middle, 1)));
    return add(add(early, turn(middle, 2)), turn(sm4_vector::held(add(first, middle)), 3));
  }
  static HEQI_INLINE Reg mix_soon(Reg old_word, Reg others, Reg t) {
    return mix(sm4_vector::held(add(old_word, others)), t);
  }
};

bool runs(const Processor& processor) {
  return processor.aes && processor.clmul;
}

}  // namespace

constinit const Sm4Kernel kSm4Aesni = sm4_vector::make_table<Wide>("aesni", runs);

}  // namespace heqi::crypto::internal
