// zuc_boxes.h: what S0 and S1 of ZUC are made of (GB/T 33133.1 §6.4.3, annex): no table is indexed
// by a secret, so S0 is computed from its four-bit parts and S1 as an inverse between linear maps.
#pragma once
#include <array>
#include <cstdint>

namespace heqi::crypto::internal {

using ZucNibbles = std::array<std::uint8_t, 16>;  // a function of four bits

// S0(x1 || x2) with q1 = x1 ^ P1(x2), q2 = x2 ^ P2(q1), q3 = q1 ^ P3(q2) is (q3 || q2) <<< 5.
inline constexpr ZucNibbles kZucP1 = {9, 15, 0, 14, 15, 15, 2, 10, 0, 4, 0, 12, 7, 5, 3, 9};
inline constexpr ZucNibbles kZucP2 = {8, 13, 6, 5, 7, 0, 12, 4, 11, 1, 14, 10, 15, 3, 9, 2};
inline constexpr ZucNibbles kZucP3 = {2, 6, 10, 6, 0, 13, 10, 15, 3, 3, 13, 5, 0, 9, 12, 13};

constexpr std::uint8_t zuc_rotate5(unsigned byte) {
  return static_cast<std::uint8_t>(byte << 5 | byte >> 3);
}
// S0 is then kZucS0High(q1) ^ kZucS0Low(q2).
consteval ZucNibbles zuc_s0_high() {
  ZucNibbles out{};
  for (unsigned q1 = 0; q1 < 16; ++q1) out[q1] = zuc_rotate5(q1 << 4);
  return out;
}
consteval ZucNibbles zuc_s0_low() {
  ZucNibbles out{};
  for (unsigned q2 = 0; q2 < 16; ++q2) out[q2] = zuc_rotate5(unsigned(kZucP3[q2]) << 4 | q2);
  return out;
}
inline constexpr ZucNibbles kZucS0High = zuc_s0_high(), kZucS0Low = zuc_s0_low();

// ZucColumns is a linear map of eight bits: what it makes of bit 0, bit 1, ….
using ZucColumns = std::array<std::uint8_t, 8>;
// S1(x) = M·x⁻¹ ^ 55 in GF(2^8) modulo x^8 + x^7 + x^3 + x + 1.
inline constexpr ZucColumns kZucM = {0x97, 0x3E, 0x6D, 0xCB, 0xEE, 0xDD, 0xBB, 0x77};

}  // namespace heqi::crypto::internal
