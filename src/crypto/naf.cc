#include "naf.h"

namespace heqi::crypto::internal {

NafDigits naf_digits(const Words& scalar, std::size_t width) {
  NafDigits digits{};
  const auto bits_at = [&scalar](std::size_t at, std::size_t count) {
    if (at >= 256) return 0;
    const std::size_t word = at / 64, shift = at % 64;
    std::uint64_t bits = scalar[word] >> shift;
    if (shift + count > 64 && word < 3) bits |= scalar[word + 1] << (64 - shift);
    return static_cast<int>(bits & ((std::uint64_t(1) << count) - 1));
  };
  int carry = 0;
  for (std::size_t i = 0; i < digits.size();) {
    if (bits_at(i, 1) == carry) {
      ++i;
      continue;
    }
    const int window = bits_at(i, width) + carry;
    carry = window >> (width - 1);
    digits[i] = static_cast<std::int16_t>(window - (carry << width));
    i += width;
  }
  return digits;
}

}  // namespace heqi::crypto::internal
