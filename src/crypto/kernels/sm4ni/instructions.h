// instructions.h: the SM4 instructions of x86-64 (Intel SDM volume 2). Element 0 of each 128 bits
// is the word with the lowest number.
#pragma once
#include "../register256.h"
#include "../vex_instruction.h"

namespace heqi::crypto::internal::sm4_instructions {

using One = __m128i;
using Two = __m256i;

// four_keys is VSM4KEY4: four round keys of the four before and their constants (GB/T 32907 §7.3).
HEQI_INLINE One four_keys(One keys, One constants) {
  One out;
  __asm__(HEQI_VEX("2", "2", "0", "0xDA") : "=x"(out) : "x"(keys), "x"(constants));
  return out;
}
// four_rounds is VSM4RNDS4: four rounds on one block, or on each of two, with four round keys.
HEQI_INLINE One four_rounds(One block, One keys) {
  One out;
  __asm__(HEQI_VEX("2", "3", "0", "0xDA") : "=x"(out) : "x"(block), "x"(keys));
  return out;
}
HEQI_INLINE Two four_rounds(Two blocks, Two keys) {
  Two out;
  __asm__(HEQI_VEX("2", "3", "1", "0xDA") : "=x"(out) : "x"(blocks), "x"(keys));
  return out;
}

}  // namespace heqi::crypto::internal::sm4_instructions
