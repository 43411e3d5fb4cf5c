#include "naf.h"

#include <algorithm>
#include <bit>

namespace heqi::crypto::internal {

NafDigits naf_digits(const Words& scalar, std::size_t width) {
  std::array<std::uint64_t, 6> words{};  // with zeros above the scalar
  std::copy(scalar.begin(), scalar.end(), words.begin());
  const auto bits_at = [&words](std::size_t at) {
    return words[at / 64] >> at % 64 | words[at / 64 + 1] << 1 << (63 - at % 64);
  };
  NafDigits digits{};
  const std::uint64_t in_window = (std::uint64_t(1) << width) - 1;
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < digits.size();) {
    // Bits that equal the carry make zeros: they are skipped together.
    const int zeros = std::countr_zero(bits_at(i) ^ (0 - carry));
    i += static_cast<std::size_t>(zeros);
    if (zeros == 64 || i >= digits.size()) continue;
    const std::uint64_t window = (bits_at(i) & in_window) + carry;
    carry = window >> (width - 1);
    digits[i] = static_cast<std::int16_t>(window - (carry << width));
    i += width;
  }
  return digits;
}

}  // namespace heqi::crypto::internal
