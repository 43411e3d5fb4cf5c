// zuc_portable.cc: ZUC on words of eight bytes side by side; no table, no branch on a secret.
#include "zuc_boxes.h"
#include "zuc_core.h"

namespace heqi::crypto::internal {
namespace {

using Bytes8 = std::uint64_t;
constexpr Bytes8 kOnes = 0x0101010101010101;

constexpr Bytes8 spread(std::uint8_t byte) {
  return kOnes * byte;
}
// bit_mask is FF in each byte whose bit i is set.
constexpr Bytes8 bit_mask(Bytes8 x, unsigned i) {
  const Bytes8 bits = x >> i & kOnes;
  return (bits << 8) - bits;
}

constexpr Bytes8 apply(const ZucColumns& columns, Bytes8 x) {
  Bytes8 out = 0;
  for (unsigned i = 0; i < 8; ++i) out ^= bit_mask(x, i) & spread(columns[i]);
  return out;
}

// multiply is the product in each byte, modulo x^8 + x^7 + x^3 + x + 1.
constexpr Bytes8 multiply(Bytes8 a, Bytes8 b) {
  Bytes8 out = 0;
  for (unsigned i = 8; i-- > 0;) {
    const Bytes8 high = out >> 7 & kOnes;
    out = (out & ~spread(0x80)) << 1 ^ high ^ high << 1 ^ high << 3 ^ high << 7;
    out ^= a & bit_mask(b, i);
  }
  return out;
}
// raising is the linear map x → x^(2^times).
consteval ZucColumns raising(int times) {
  ZucColumns out{};
  for (unsigned i = 0; i < 8; ++i) {
    Bytes8 x = Bytes8(1) << i;
    for (int j = 0; j < times; ++j) x = multiply(x, x);
    out[i] = static_cast<std::uint8_t>(x);
  }
  return out;
}
constexpr ZucColumns kPower2 = raising(1), kPower4 = raising(2), kPower16 = raising(4);

// inverse is x^254: 254 = 16·15 + 12 + 2.
Bytes8 inverse(Bytes8 x) {
  const Bytes8 x2 = apply(kPower2, x), x3 = multiply(x2, x);
  const Bytes8 x12 = apply(kPower4, x3), x15 = multiply(x12, x3);
  return multiply(multiply(apply(kPower16, x15), x12), x2);
}

// normal_form is the sums of products of input bits that a function of four bits consists of.
consteval ZucNibbles normal_form(ZucNibbles values) {
  for (unsigned bit = 1; bit < 16; bit <<= 1)
    for (unsigned i = 0; i < 16; ++i)
      if ((i & bit) != 0) values[i] = static_cast<std::uint8_t>(values[i] ^ values[i ^ bit]);
  return values;
}
constexpr ZucNibbles kP1 = normal_form(kZucP1), kP2 = normal_form(kZucP2),
                     kLow = normal_form(kZucS0Low), kHigh = normal_form(kZucS0High);

// evaluate is the function of the low four bits of each byte.
Bytes8 evaluate(const ZucNibbles& form, Bytes8 x) {
  Bytes8 products[16];
  products[0] = ~Bytes8(0);
  for (unsigned i = 1; i < 16; ++i) {
    const auto top = static_cast<unsigned>(std::bit_width(i)) - 1;
    products[i] = products[i ^ 1U << top] & bit_mask(x, top);
  }
  Bytes8 out = 0;
  for (unsigned i = 0; i < 16; ++i) out ^= products[i] & spread(form[i]);
  return out;
}

Bytes8 s0(Bytes8 x) {
  const Bytes8 x2 = x & spread(0x0F), q1 = (x >> 4 & spread(0x0F)) ^ evaluate(kP1, x2);
  const Bytes8 q2 = x2 ^ evaluate(kP2, q1);
  return evaluate(kHigh, q1) ^ evaluate(kLow, q2);
}
Bytes8 s1(Bytes8 x) {
  return apply(kZucM, inverse(x)) ^ spread(0x55);
}

// From the highest byte on, the bytes of a word go through S0, S1, S0, S1.
struct PortableBoxes {
  static ZucPair substitute(std::uint32_t u, std::uint32_t v) {
    constexpr Bytes8 of_s0 = 0xFF00FF00FF00FF00;
    const Bytes8 x = Bytes8(v) << 32 | u;
    const Bytes8 out = (s0(x) & of_s0) | (s1(x) & ~of_s0);
    return {static_cast<std::uint32_t>(out), static_cast<std::uint32_t>(out >> 32)};
  }
};

void absorb(std::uint32_t* tag, std::size_t tag_words, const std::uint32_t* z,
            const std::uint8_t* message, std::size_t words) {
  for (std::size_t k = 0; k < words; ++k, message += 4)
    for (std::size_t j = 0; j < tag_words; ++j) {
      const std::uint64_t window = std::uint64_t(z[j + k]) << 32 | z[j + k + 1];
      for (unsigned i = 0; i < 32; ++i) {
        const std::uint32_t bit = message[i / 8] >> (7 - i % 8) & 1U;
        tag[j] ^= (0 - bit) & static_cast<std::uint32_t>(window << i >> 32);
      }
    }
}

}  // namespace

extern const ZucKernel kZucPortable{"portable", [](const Processor&) { return true; },
                                    ZucCore<PortableBoxes>::initialise,
                                    ZucCore<PortableBoxes>::generate, absorb};

}  // namespace heqi::crypto::internal
