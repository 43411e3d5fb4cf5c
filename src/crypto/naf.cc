#include "naf.h"

#include <bit>

namespace heqi::crypto::internal {
namespace {

// bits_at gives 64 bits of the scalar from bit `at` on, zeros above it.
std::uint64_t bits_at(const Words& scalar, std::size_t at) {
  const auto word = [&scalar](std::size_t i) { return i < scalar.size() ? scalar[i] : 0; };
  const std::size_t shift = at % 64;
  const std::uint64_t low = word(at / 64) >> shift;
  return shift == 0 ? low : low | word(at / 64 + 1) << (64 - shift);
}

}  // namespace

NafDigits naf_digits(const Words& scalar, std::size_t width) {
  NafDigits digits{};
  const std::uint64_t in_window = (std::uint64_t(1) << width) - 1;
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < digits.size();) {
    // Bits that equal the carry make zeros: they are skipped together.
    const int zeros = std::countr_zero(bits_at(scalar, i) ^ (0 - carry));
    i += static_cast<std::size_t>(zeros);
    if (zeros == 64 || i >= digits.size()) continue;
    const std::uint64_t window = (bits_at(scalar, i) & in_window) + carry;
    carry = window >> (width - 1);
    digits[i] = static_cast<std::int16_t>(window - (carry << width));
    i += width;
  }
  return digits;
}

}  // namespace heqi::crypto::internal
