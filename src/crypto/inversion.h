// inversion.h: the inverse modulo an odd number of 256 bits by the division steps of Bernstein and
// Yang ("Fast constant-time gcd computation and modular inversion", CHES 2019). Constant time.
#pragma once
#include "words.h"

namespace heqi::crypto::internal {

// Digits is a signed number in five digits of 62 bits, least significant first; all but the last
// are in 0…2^62−1 when it is brought to order.
using Digits = std::array<std::int64_t, 5>;

inline constexpr std::uint64_t kDigitMask = (std::uint64_t(1) << 62) - 1;

constexpr Digits to_digits(const Words& words) {
  const auto digit = [](std::uint64_t bits) {
    return static_cast<std::int64_t>(bits & kDigitMask);
  };
  return {digit(words[0]), digit(words[0] >> 62 | words[1] << 2),
          digit(words[1] >> 60 | words[2] << 4), digit(words[2] >> 58 | words[3] << 6),
          digit(words[3] >> 56)};
}

// InversionModulus is a modulus with its inverse modulo 2^62.
struct InversionModulus {
  Digits digits;
  std::uint64_t inverse;
};
consteval InversionModulus inversion_modulus(const Words& modulus) {
  return {to_digits(modulus), (0 - montgomery_inverse(modulus)) & kDigitMask};
}

// invert is value⁻¹ modulo the modulus, of zero is zero; value is below the modulus.
Words invert(const Words& value, const InversionModulus& modulus);

}  // namespace heqi::crypto::internal
