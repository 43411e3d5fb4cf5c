// sm3_lanes.h: SM3 of several messages at once, one in each 32-bit lane of a vector. V says what a
// vector is: Word, set, add, exclusive_or, rotate, majority, choice, load_block (sixteen
// words of every lane's block, in order), load, store.
#pragma once
#include "sm3_kernel.h"

namespace heqi::crypto::internal {

inline constexpr std::uint32_t sm3_constant(unsigned j) {
  const std::uint32_t t = j < 16 ? 0x79CC4519 : 0x7A879D8A;
  return j % 32 == 0 ? t : t << j % 32 | t >> (32 - j % 32);
}

template <class V>
struct Sm3Vector {
  using Word = typename V::Word;

  // State is A … H. A round renames instead of moving: its A is the next round's B, and so on.
  struct State {
    Word a, b, c, d, e, f, g, h;
  };

  static inline Word p0(Word x) {
    return V::exclusive_or(x, V::template rotate<9>(x), V::template rotate<17>(x));
  }
  static inline Word p1(Word x) {
    return V::exclusive_or(x, V::template rotate<15>(x), V::template rotate<23>(x));
  }

  // expand puts W[j+4] in the place of W[j-12], in a ring of sixteen (5.3.2).
  template <unsigned kJ>
  static inline void expand(Word* w) {
    const auto at = [&](unsigned i) -> Word& { return w[(kJ + i) % 16]; };
    const Word mixed =
        V::exclusive_or(at(4), at(11), V::template rotate<15>(at(1)));         // j-12, j-5, j+1
    at(4) = V::exclusive_or(p1(mixed), V::template rotate<7>(at(7)), at(14));  // j-9, j-2
  }

  template <unsigned kJ>
  static inline void round(Word a, Word& b, Word c, Word& d, Word e, Word& f, Word g, Word& h,
                           Word* w) {
    if constexpr (kJ >= 12) expand<kJ>(w);
    const Word here = w[kJ % 16];
    const Word a12 = V::template rotate<12>(a);
    const Word ss1 = V::template rotate<7>(V::add(V::add(a12, V::set(sm3_constant(kJ))), e));
    const Word ff = kJ < 16 ? V::exclusive_or(a, b, c) : V::majority(a, b, c);
    const Word gg = kJ < 16 ? V::exclusive_or(e, f, g) : V::choice(e, f, g);
    const Word primed = V::exclusive_or(here, w[(kJ + 4) % 16]);
    d = V::add(V::add(d, ff), V::add(primed, V::exclusive_or(ss1, a12)));
    h = p0(V::add(V::add(h, here), V::add(gg, ss1)));
    b = V::template rotate<9>(b);
    f = V::template rotate<19>(f);
  }

  template <unsigned kJ>
  static inline void four_rounds(State& s, Word* w) {
    round<kJ>(s.a, s.b, s.c, s.d, s.e, s.f, s.g, s.h, w);
    round<kJ + 1>(s.d, s.a, s.b, s.c, s.h, s.e, s.f, s.g, w);
    round<kJ + 2>(s.c, s.d, s.a, s.b, s.g, s.h, s.e, s.f, w);
    round<kJ + 3>(s.b, s.c, s.d, s.a, s.f, s.g, s.h, s.e, w);
  }
  template <unsigned kJ>
  static inline void sixteen_rounds(State& s, Word* w) {
    four_rounds<kJ>(s, w);
    four_rounds<kJ + 4>(s, w);
    four_rounds<kJ + 8>(s, w);
    four_rounds<kJ + 12>(s, w);
  }

  static inline void fold(Word& kept, Word made) { kept = V::exclusive_or(kept, made); }

  static void compress(Sm3Lanes& lanes, const std::uint8_t* const* data, std::size_t blocks) {
    State kept{V::load(lanes.state[0]), V::load(lanes.state[1]), V::load(lanes.state[2]),
               V::load(lanes.state[3]), V::load(lanes.state[4]), V::load(lanes.state[5]),
               V::load(lanes.state[6]), V::load(lanes.state[7])};
    Word w[16];
    for (std::size_t block = 0; block < blocks; ++block) {
      V::load_block(w, data, block * kSm3BlockSize);
      State s = kept;
      sixteen_rounds<0>(s, w);
      sixteen_rounds<16>(s, w);
      sixteen_rounds<32>(s, w);
      sixteen_rounds<48>(s, w);
      fold(kept.a, s.a), fold(kept.b, s.b), fold(kept.c, s.c), fold(kept.d, s.d);
      fold(kept.e, s.e), fold(kept.f, s.f), fold(kept.g, s.g), fold(kept.h, s.h);
    }
    const Word* from[8] = {&kept.a, &kept.b, &kept.c, &kept.d, &kept.e, &kept.f, &kept.g, &kept.h};
    for (int i = 0; i < 8; ++i) V::store(lanes.state[i], *from[i]);
  }
};

}  // namespace heqi::crypto::internal
