#include "legacy_digest.h"

#include <array>
#include <cmath>

namespace heqi::documents::pdf {

using base::Bytes;
using base::ByteView;

namespace {

enum class Order : std::uint8_t { little, big };

// padded is data with 80, zeros and its length in bits, a whole number of blocks.
Bytes padded(ByteView data, std::size_t block, Order order) {
  const std::size_t length = block / 8;  // octets of the length: 8, or 16 of SHA-512
  Bytes out = base::to_bytes(data);
  out.push_back(0x80);
  while (out.size() % block != block - length) out.push_back(0);
  const std::uint64_t bits = std::uint64_t{data.size()} * 8;
  for (std::size_t i = 0; i < length; ++i) {
    const std::size_t place = order == Order::little ? i : length - 1 - i;
    out.push_back(static_cast<std::uint8_t>(place < 8 ? bits >> (8 * place) : 0));
  }
  return out;
}

template <class Word>
Word rotated_right(Word value, unsigned by) {
  return static_cast<Word>(value >> by | value << (8 * sizeof(Word) - by));
}

template <class Word>
Word big_word(const Bytes& in, std::size_t at) {
  Word out = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i) out = static_cast<Word>(out << 8 | in[at + i]);
  return out;
}

// root_bits are the first bits behind the point of the root of prime: how SHA-2 finds its constants
// (FIPS 180-4 §4.2.2, §5.3). degree is 2 or 3.
template <class Word>
Word root_bits(unsigned prime, unsigned degree) {
  __extension__ using Wide = unsigned __int128;
  // r is the largest integer with r^degree <= prime << (degree * width); width bits of it are kept.
  constexpr unsigned width = 8 * sizeof(Word);
  const auto whole = static_cast<std::uint64_t>(
      degree == 2 ? std::sqrt(static_cast<double>(prime)) : std::cbrt(static_cast<double>(prime)));
  // Digits of the fraction, one bit at a time: compare powers in steps that fit 128 bits by long
  // multiplication on 32-bit limbs.
  using Limbs = std::array<std::uint32_t, 8>;
  const auto multiply = [](const Limbs& a, const Limbs& b) {
    std::array<std::uint32_t, 16> wide{};
    for (std::size_t i = 0; i < 8; ++i) {
      std::uint64_t carry = 0;
      for (std::size_t j = 0; j < 8; ++j) {
        const std::uint64_t sum = std::uint64_t{a[i]} * b[j] + wide[i + j] + carry;
        wide[i + j] = static_cast<std::uint32_t>(sum);
        carry = sum >> 32;
      }
      wide[i + 8] = static_cast<std::uint32_t>(carry);
    }
    Limbs out{};
    for (std::size_t i = 0; i < 8; ++i) out[i] = wide[i];
    return out;
  };
  const auto not_above = [&](Wide root) {
    Limbs value{};
    for (std::size_t i = 0; i < 4; ++i) value[i] = static_cast<std::uint32_t>(root >> (32 * i));
    Limbs power = multiply(value, value);
    if (degree == 3) power = multiply(power, value);
    Limbs target{};
    target[degree * width / 32] = prime;
    for (std::size_t i = 8; i-- > 0;)
      if (power[i] != target[i]) return power[i] < target[i];
    return true;
  };
  Wide root = Wide{whole} << width;
  for (unsigned bit = width; bit-- > 0;)
    if (not_above(root | Wide{1} << bit)) root |= Wide{1} << bit;
  return static_cast<Word>(root);
}

std::array<unsigned, 80> first_primes() {
  std::array<unsigned, 80> out{};
  std::size_t count = 0;
  for (unsigned n = 2; count < out.size(); ++n) {
    bool prime = true;
    for (unsigned d = 2; d * d <= n; ++d) prime = prime && n % d != 0;
    if (prime) out[count++] = n;
  }
  return out;
}

// Rotations are the shifts of one width (FIPS 180-4 §4.1.2, §4.1.3).
struct Rotations {
  unsigned a0, a1, a2, e0, e1, e2, s00, s01, s02, s10, s11, s12;
};

template <class Word, std::size_t rounds>
class Sha2 {
 public:
  explicit Sha2(const Rotations& by) : by_(by) {
    const auto primes = first_primes();
    for (std::size_t i = 0; i < rounds; ++i) constants_[i] = root_bits<Word>(primes[i], 3);
  }

  Bytes hash(ByteView data, std::array<Word, 8> state, std::size_t size) const {
    constexpr std::size_t block = 16 * sizeof(Word);
    const Bytes all = padded(data, block, Order::big);
    for (std::size_t at = 0; at < all.size(); at += block) compress(all, at, state);
    Bytes out;
    for (const Word word : state)
      for (std::size_t i = sizeof(Word); i-- > 0;)
        out.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
    out.resize(size);
    return out;
  }

 private:
  void compress(const Bytes& in, std::size_t at, std::array<Word, 8>& state) const {
    std::array<Word, rounds> w{};
    for (std::size_t i = 0; i < 16; ++i) w[i] = big_word<Word>(in, at + i * sizeof(Word));
    for (std::size_t i = 16; i < rounds; ++i) {
      const Word x = w[i - 15], y = w[i - 2];
      const Word s0 = rotated_right(x, by_.s00) ^ rotated_right(x, by_.s01) ^ (x >> by_.s02);
      const Word s1 = rotated_right(y, by_.s10) ^ rotated_right(y, by_.s11) ^ (y >> by_.s12);
      w[i] = static_cast<Word>(w[i - 16] + s0 + w[i - 7] + s1);
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < rounds; ++i) {
      const Word s1 =
          rotated_right(e, by_.e0) ^ rotated_right(e, by_.e1) ^ rotated_right(e, by_.e2);
      const Word t1 = static_cast<Word>(h + s1 + ((e & f) ^ (~e & g)) + constants_[i] + w[i]);
      const Word s0 =
          rotated_right(a, by_.a0) ^ rotated_right(a, by_.a1) ^ rotated_right(a, by_.a2);
      const Word t2 = static_cast<Word>(s0 + ((a & b) ^ (a & c) ^ (b & c)));
      h = g, g = f, f = e, e = static_cast<Word>(d + t1);
      d = c, c = b, b = a, a = static_cast<Word>(t1 + t2);
    }
    const std::array<Word, 8> add = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state[i] = static_cast<Word>(state[i] + add[i]);
  }

  Rotations by_;
  std::array<Word, rounds> constants_{};
};

const Sha2<std::uint64_t, 80>& sha2_64() {
  static const Sha2<std::uint64_t, 80> hash({28, 34, 39, 14, 18, 41, 1, 8, 7, 19, 61, 6});
  return hash;
}

// roots are the initial values: square roots of eight primes from the one at first on.
template <class Word>
std::array<Word, 8> roots(std::size_t first) {
  const auto primes = first_primes();
  std::array<Word, 8> out{};
  for (std::size_t i = 0; i < 8; ++i) out[i] = root_bits<Word>(primes[first + i], 2);
  return out;
}

}  // namespace

Bytes md5(ByteView data) {
  static const std::array<std::uint32_t, 64> sines = [] {
    std::array<std::uint32_t, 64> out{};
    for (std::size_t i = 0; i < 64; ++i)
      out[i] = static_cast<std::uint32_t>(
          std::floor(std::fabs(std::sin(static_cast<double>(i + 1))) * 4294967296.0));
    return out;
  }();
  constexpr unsigned shifts[4][4] = {
      {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  const Bytes all = padded(data, 64, Order::little);
  std::array<std::uint32_t, 4> state = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  for (std::size_t at = 0; at < all.size(); at += 64) {
    auto [a, b, c, d] = state;
    for (std::size_t i = 0; i < 64; ++i) {
      const std::size_t round = i / 16;
      const std::uint32_t mixed = round == 0   ? (b & c) | (~b & d)
                                  : round == 1 ? (d & b) | (~d & c)
                                  : round == 2 ? b ^ c ^ d
                                               : c ^ (b | ~d);
      constexpr std::size_t factors[] = {1, 5, 3, 7}, starts[] = {0, 1, 5, 0};
      const std::size_t word = at + 4 * ((factors[round] * i + starts[round]) % 16);
      const std::uint32_t m = std::uint32_t{all[word]} | std::uint32_t{all[word + 1]} << 8 |
                              std::uint32_t{all[word + 2]} << 16 |
                              std::uint32_t{all[word + 3]} << 24;
      const std::uint32_t sum = a + mixed + sines[i] + m;
      a = d, d = c, c = b;
      b += rotated_right(sum, 32 - shifts[round][i % 4]);
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  }
  Bytes out;
  for (const std::uint32_t word : state)
    for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
  return out;
}

Bytes sha256(ByteView data) {
  static const Sha2<std::uint32_t, 64> hash({2, 13, 22, 6, 11, 25, 7, 18, 3, 17, 19, 10});
  static const auto start = roots<std::uint32_t>(0);
  return hash.hash(data, start, 32);
}

Bytes sha384(ByteView data) {
  static const auto start = roots<std::uint64_t>(8);
  return sha2_64().hash(data, start, 48);
}

Bytes sha512(ByteView data) {
  static const auto start = roots<std::uint64_t>(0);
  return sha2_64().hash(data, start, 64);
}

}  // namespace heqi::documents::pdf
