// SM4 on AES-NI without AVX: the inverse of the S-box by AESENCLAST, the matrices around it by
// PSHUFB on halves of bytes. Neither has a timing that depends on the data.
#include "../aesni_tables.h"
#include "../register128.h"
#include "../sm4_table.h"

namespace heqi::crypto::internal {
namespace {

using namespace sm4_vector;

struct Wide : Register128 {
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
    const Reg early = held(add(add(old_word, turn(first, 0)), turn(middle, 1)));
    return add(add(early, turn(middle, 2)), turn(held(add(first, middle)), 3));
  }
  static HEQI_INLINE Reg mix_soon(Reg old_word, Reg others, Reg t) {
    return mix(held(add(old_word, others)), t);
  }
};

bool runs(const Processor& processor) {
  return processor.aes && processor.clmul;
}

}  // namespace

constinit const Sm4Kernel kSm4Aesni128 = make_table<Wide>("aesni128", runs);

}  // namespace heqi::crypto::internal
