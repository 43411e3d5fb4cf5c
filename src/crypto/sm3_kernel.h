// sm3_kernel.h: the compression function of SM3 (GB/T 32905 §5.3) as each processor does it best.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "choice.h"

namespace heqi::crypto::internal {

inline constexpr std::size_t kSm3BlockSize = 64, kSm3LanesMax = 16;
using Sm3Words = std::array<std::uint32_t, 8>;  // V: A … H
inline constexpr Sm3Words kSm3Initial = {0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
                                         0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E};

// Sm3Lanes is the states of up to sixteen messages: word i of message j is [i][j].
struct alignas(64) Sm3Lanes {
  std::uint32_t state[8][kSm3LanesMax];
};

// Sm3Kernel: compress takes whole blocks of one message into its state. compress_lanes takes as
// many blocks of each of `lanes` messages; data has that many places, some of which may be the
// same. The kernels wipe what they wrote to the stack, but for spilled registers.
struct Sm3Kernel {
  std::string_view path;
  bool (*runs)(const Processor&);
  void (*compress)(std::uint32_t* state, const std::uint8_t* data, std::size_t blocks);
  std::size_t lanes;
  void (*compress_lanes)(Sm3Lanes& lanes, const std::uint8_t* const* data, std::size_t blocks);
  Tested tested = Tested::on_a_processor;
};

// agrees says whether a kernel gives what the portable one gives, for one message and for many.
bool agrees(const Sm3Kernel& kernel);

Choice<Sm3Kernel>& sm3_choice();

// The rest is for the kernels of each other.
void sm3_compress_avx2(std::uint32_t* state, const std::uint8_t* data, std::size_t blocks);
void sm3_compress_8_lanes(Sm3Lanes& lanes, const std::uint8_t* const* data, std::size_t blocks);
void sm3_compress_16_lanes(Sm3Lanes& lanes, const std::uint8_t* const* data, std::size_t blocks);
extern const Sm3Kernel kSm3Ni512, kSm3Ni, kSm3Avx512, kSm3Avx2, kSm3Arm, kSm3Portable;

}  // namespace heqi::crypto::internal
