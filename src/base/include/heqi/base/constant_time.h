// heqi/base/constant_time.h: words whose handling does not depend on their value.
#pragma once
#include <cstdint>

#include <heqi/base/bytes.h>

namespace heqi::base::ct {

// Mask is all ones or all zeros.
using Mask = std::uint64_t;

// barrier hides a value from the optimiser, so that it cannot turn a mask into a branch.
inline std::uint64_t barrier(std::uint64_t value) {
  __asm__("" : "+r"(value));
  return value;
}

inline Mask mask_from_bit(std::uint64_t bit) {
  return 0 - barrier(bit & 1);
}
inline Mask is_zero(std::uint64_t value) {
  return mask_from_bit((~value & (value - 1)) >> 63);
}
inline Mask equal(std::uint64_t a, std::uint64_t b) {
  return is_zero(a ^ b);
}
inline std::uint64_t select(Mask mask, std::uint64_t if_set, std::uint64_t if_clear) {
  return if_clear ^ (barrier(mask) & (if_set ^ if_clear));
}

// equal_bytes is all ones when a and b are the same; its time depends on the lengths only.
Mask equal_bytes(ByteView a, ByteView b);

// secret tells the checker (valgrind, in the preset ct) that data must not decide branches or
// addresses; declassify ends that. Both cost nothing in other builds.
void secret(ByteView data);
void declassify(ByteView data);

// declassified turns a mask into a bool that may be branched on.
bool declassified(Mask mask);

}  // namespace heqi::base::ct
