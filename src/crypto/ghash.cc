#include "ghash.h"

#include <array>
#include <cstring>

#include <heqi/base/secret.h>

#include "sm4_bytes.h"

namespace heqi::crypto::internal {
namespace {

using namespace sm4_bytes;

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

struct Element {
  std::uint64_t high, low;
};

Element multiply(const Element& a, const Element& b) {
  // Karatsuba: three products of 64 bits.
  const Product top = carryless(a.high, b.high), bottom = carryless(a.low, b.low);
  const Product cross = carryless(a.high ^ a.low, b.high ^ b.low);
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
  return {w3 ^ w1 ^ w1 >> 1 ^ w1 >> 2 ^ w1 >> 7, w2 ^ w1 << 63 ^ w1 << 62 ^ w1 << 57};
}

}  // namespace

void ghash_field(const std::uint8_t* hash_key, std::uint8_t* sum, const std::uint8_t* in,
                 std::size_t size) {
  Element key{load_be64(hash_key), load_be64(hash_key + 8)};
  Element value{load_be64(sum), load_be64(sum + 8)};
  for (; size >= 16; in += 16, size -= 16)
    value = multiply({value.high ^ load_be64(in), value.low ^ load_be64(in + 8)}, key);
  if (size != 0) {
    std::uint8_t last[16] = {};
    std::memcpy(last, in, size);
    value = multiply({value.high ^ load_be64(last), value.low ^ load_be64(last + 8)}, key);
    base::secure_wipe(last, sizeof last);
  }
  store_be64(sum, value.high);
  store_be64(sum + 8, value.low);
  base::secure_wipe(&key, sizeof key);
  base::secure_wipe(&value, sizeof value);
}

}  // namespace heqi::crypto::internal
