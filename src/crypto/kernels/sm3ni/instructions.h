// instructions.h: the SM3 instructions of x86-64 (Intel SDM volume 2). Element 0 of a register is
// the word with the lowest number; W and W' are the words of GB/T 32905 §5.3.2.
#pragma once
#include "../register128.h"
#include "../vex_instruction.h"

namespace heqi::crypto::internal::sm3_instructions {

using Four = __m128i;

// expand_first is VSM3MSG1 on W[7…10], W[13…15] and W[0…3].
HEQI_INLINE Four expand_first(Four w7, Four w13, Four w0) {
  __asm__(HEQI_VEX("2", "0", "0", "0xDA") : "+x"(w7) : "x"(w13), "x"(w0));
  return w7;
}
// expand_last is VSM3MSG2 on what VSM3MSG1 gave, W[3…6] and W[10…13]; it gives W[16…19].
HEQI_INLINE Four expand_last(Four begun, Four w3, Four w10) {
  __asm__(HEQI_VEX("2", "1", "0", "0xDA") : "+x"(begun) : "x"(w3), "x"(w10));
  return begun;
}
// two_rounds is VSM3RNDS2: rounds kRound and kRound + 1 on the words H, G, D, C of the state, which
// are not yet rotated, the words F, E, B, A, and W[j], W[j+1], W[j+4], W[j+5]. It gives F, E, B, A;
// what these were is then H, G, D, C.
template <int kRound>
HEQI_INLINE Four two_rounds(Four hgdc, Four feba, Four words) {
  __asm__(HEQI_VEX("3", "1", "0", "0xDE") ".byte %c3\n\t"
          : "+x"(hgdc)
          : "x"(feba), "x"(words), "i"(kRound));
  return hgdc;
}

}  // namespace heqi::crypto::internal::sm3_instructions
