// zuc_kernel.h: the parts of ZUC (GB/T 33133.1) that each processor does its own way.
#pragma once
#include <cstddef>
#include <cstdint>

#include "choice.h"

namespace heqi::crypto::internal {

// ZucState is the register of 16 cells of 31 bits, s0 … s15, and the memory R1, R2 of F.
struct ZucState {
  std::uint32_t s[16];
  std::uint32_t r1, r2;
};

inline constexpr std::size_t kZucTagWordsMax = 4;

// ZucKernel: initialise runs the 32 + 1 steps after loading (§6.5); generate makes key words.
// absorb adds to tag[j], for every bit of the message that is one, the 32 bits of the key words
// that begin at that bit of word j: message words (of four octets, first bit highest) and tag_words
// + words key words, z.
struct ZucKernel {
  std::string_view path;
  bool (*runs)(const Processor&);
  void (*initialise)(ZucState& state);
  void (*generate)(ZucState& state, std::uint32_t* out, std::size_t words);
  void (*absorb)(std::uint32_t* tag, std::size_t tag_words, const std::uint32_t* z,
                 const std::uint8_t* message, std::size_t words);
};

Choice<ZucKernel>& zuc_choice();
extern const ZucKernel kZucGfni, kZucAesni, kZucPortable;

}  // namespace heqi::crypto::internal
