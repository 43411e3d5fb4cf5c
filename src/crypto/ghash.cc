#include "ghash.h"

#include <algorithm>

#include <heqi/base/secret.h>

#include "words.h"

namespace heqi::crypto::internal {
namespace {

// low_product is the low half of the carry-less product. Of the bits that matter, at most sixteen
// meet in one place; only the sixteenth would carry into the next, and that one is cut off.
std::uint64_t low_product(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t every_fourth = 0x1111111111111111;
  std::array<std::uint64_t, 4> sums{};
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 4; ++j)
      sums[(i + j) % 4] ^= (a & every_fourth << i) * (b & every_fourth << j);
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out |= sums[i] & every_fourth << i;
  return out;
}

std::uint64_t reverse_bits(std::uint64_t x) {
  x = (x >> 1 & 0x5555555555555555) | (x & 0x5555555555555555) << 1;
  x = (x >> 2 & 0x3333333333333333) | (x & 0x3333333333333333) << 2;
  x = (x >> 4 & 0x0F0F0F0F0F0F0F0F) | (x & 0x0F0F0F0F0F0F0F0F) << 4;
  return __builtin_bswap64(x);
}

struct Product {
  std::uint64_t high, low;
};

// carryless is the whole product: its high half is the low half of the product of the reversed
// factors, reversed.
Product carryless(std::uint64_t a, std::uint64_t b) {
  return {reverse_bits(low_product(reverse_bits(a), reverse_bits(b))) >> 1, low_product(a, b)};
}

}  // namespace

Ghash::Ghash(std::span<const std::uint8_t, 16> key)
    : key_high_(load_be64(key.data())), key_low_(load_be64(key.data() + 8)) {}

Ghash::~Ghash() {
  for (std::uint64_t* word : {&key_high_, &key_low_, &high_, &low_})
    base::secure_wipe(word, sizeof *word);
}

void Ghash::absorb(std::uint64_t high, std::uint64_t low) {
  high ^= high_;
  low ^= low_;
  // Karatsuba: three products of 64 bits.
  const Product top = carryless(high, key_high_), bottom = carryless(low, key_low_);
  const Product cross = carryless(high ^ low, key_high_ ^ key_low_);
  const std::uint64_t middle_high = cross.high ^ top.high ^ bottom.high;
  const std::uint64_t middle_low = cross.low ^ top.low ^ bottom.low;
  // Words of the product, least significant first. GCM counts bits from the other end, so that the
  // product of 255 bits stands one place too low.
  std::uint64_t w0 = bottom.low, w1 = bottom.high ^ middle_low, w2 = top.low ^ middle_high,
                w3 = top.high;
  w3 = w3 << 1 | w2 >> 63;
  w2 = w2 << 1 | w1 >> 63;
  w1 = w1 << 1 | w0 >> 63;
  w0 <<= 1;
  // x^128 = x^7 + x^2 + x + 1.
  w2 ^= w0 ^ w0 >> 1 ^ w0 >> 2 ^ w0 >> 7;
  w1 ^= w0 << 63 ^ w0 << 62 ^ w0 << 57;
  high_ = w3 ^ w1 ^ w1 >> 1 ^ w1 >> 2 ^ w1 >> 7;
  low_ = w2 ^ w1 << 63 ^ w1 << 62 ^ w1 << 57;
}

Ghash& Ghash::update(base::ByteView field) {
  for (; field.size() >= 16; field = field.subspan(16))
    absorb(load_be64(field.data()), load_be64(field.data() + 8));
  if (!field.empty()) {
    std::array<std::uint8_t, 16> last{};
    std::copy(field.begin(), field.end(), last.begin());
    absorb(load_be64(last.data()), load_be64(last.data() + 8));
  }
  return *this;
}

std::array<std::uint8_t, 16> Ghash::finish(std::uint64_t associated_size,
                                           std::uint64_t sealed_size) {
  absorb(associated_size * 8, sealed_size * 8);
  std::array<std::uint8_t, 16> out;
  store_be64(out.data(), high_);
  store_be64(out.data() + 8, low_);
  return out;
}

}  // namespace heqi::crypto::internal
