// division_oracle.h: what a Montgomery product has to be, by schoolbook product and long division
// in digits of 32 bits (Knuth, volume 2, 4.3.1, algorithm D): nothing is shared with the code under
// test.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

namespace heqi::crypto::testing_oracle {

using Number = std::array<std::uint64_t, 4>;  // least significant first, as in words.h

// DivisionOracle is for one modulus above 2^255.
class DivisionOracle {
 public:
  explicit DivisionOracle(const Number& modulus) : modulus_(modulus) {
    for (std::size_t i = 0; i < 8; ++i) digits_[i] = digit(modulus, i);
  }

  // is_product asks whether out·2^256 = a·b modulo the modulus and out is below it; a·b is below
  // modulus·2^256.
  bool is_product(const Number& a, const Number& b, const Number& out) const {
    if (!is_below(out, modulus_)) return false;
    Digits rest = multiply(a, b);
    subtract_high(rest, out);
    return is_multiple(rest);
  }
  // is_sum and is_difference ask for a ± b modulo the modulus.
  bool is_sum(const Number& a, const Number& b, const Number& out) const {
    Wide sum{};
    for (std::size_t i = 0; i < 8; ++i) sum[i] = std::int64_t{digit(a, i)} + digit(b, i);
    return is_reduced(sum, out);
  }
  bool is_difference(const Number& a, const Number& b, const Number& out) const {
    Wide difference{};
    for (std::size_t i = 0; i < 8; ++i) difference[i] = std::int64_t{digit(a, i)} - digit(b, i);
    return is_reduced(difference, out);
  }

  static bool is_below(const Number& a, const Number& b) {
    return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  }

 private:
  using Digits = std::array<std::uint32_t, 17>;
  using Wide = std::array<std::int64_t, 8>;

  static std::uint32_t digit(const Number& number, std::size_t i) {
    return static_cast<std::uint32_t>(number[i / 2] >> (32 * (i % 2)));
  }

  static Digits multiply(const Number& a, const Number& b) {
    Digits out{};
    for (std::size_t i = 0; i < 8; ++i) {
      std::uint64_t carry = 0;
      for (std::size_t j = 0; j < 8; ++j) {
        carry += std::uint64_t{digit(a, i)} * digit(b, j) + out[i + j];
        out[i + j] = static_cast<std::uint32_t>(carry);
        carry >>= 32;
      }
      out[i + 8] = static_cast<std::uint32_t>(carry);
    }
    return out;
  }

  // subtract_high takes out·2^256 away, and adds the modulus there first where that is needed.
  void subtract_high(Digits& rest, const Number& out) const {
    const bool less = [&] {
      for (std::size_t i = 8; i-- > 0;)
        if (rest[i + 8] != digit(out, i)) return rest[i + 8] < digit(out, i);
      return false;
    }();
    std::int64_t carry = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      carry += std::int64_t{rest[i + 8]} - digit(out, i) + (less ? digits_[i] : 0);
      rest[i + 8] = static_cast<std::uint32_t>(carry & 0xFFFFFFFF);
      carry >>= 32;
    }
  }

  // is_multiple divides rest, below modulus·2^256, and asks for the remainder.
  bool is_multiple(Digits& rest) const {
    for (std::size_t at = 8; at-- > 0;) {
      const std::uint64_t top = std::uint64_t{rest[at + 8]} << 32 | rest[at + 7];
      const std::uint64_t guess = std::min<std::uint64_t>(top / digits_[7], 0xFFFFFFFF);
      std::uint64_t carry = 0;
      std::int64_t borrow = 0;
      for (std::size_t i = 0; i < 8; ++i) {
        carry += guess * digits_[i];
        borrow += std::int64_t{rest[at + i]} - static_cast<std::int64_t>(carry & 0xFFFFFFFF);
        rest[at + i] = static_cast<std::uint32_t>(borrow & 0xFFFFFFFF);
        carry >>= 32;
        borrow >>= 32;
      }
      borrow += std::int64_t{rest[at + 8]} - static_cast<std::int64_t>(carry);
      while (borrow < 0) {  // the guess is at most two too large
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < 8; ++i) {
          sum += std::uint64_t{rest[at + i]} + digits_[i];
          rest[at + i] = static_cast<std::uint32_t>(sum);
          sum >>= 32;
        }
        borrow += static_cast<std::int64_t>(sum);
      }
      rest[at + 8] = static_cast<std::uint32_t>(borrow);
    }
    return std::all_of(rest.begin(), rest.end(), [](std::uint32_t d) { return d == 0; });
  }

  // is_reduced asks whether out is value plus or minus the modulus or value, and below the modulus.
  bool is_reduced(const Wide& value, const Number& out) const {
    if (!is_below(out, modulus_)) return false;
    for (const std::int64_t times : {0, 1, -1}) {
      std::int64_t carry = 0;
      bool same = true;
      for (std::size_t i = 0; i < 8; ++i) {
        carry += value[i] + times * std::int64_t{digits_[i]};
        same &= static_cast<std::uint32_t>(carry & 0xFFFFFFFF) == digit(out, i);
        carry >>= 32;
      }
      if (same && carry == 0) return true;
    }
    return false;
  }

  Number modulus_;
  std::array<std::uint32_t, 8> digits_{};
};

// EdgeNumbers gives numbers below the modulus: about half of their words are 0, 1, 2^64 − 1 or a
// word of the modulus or its neighbour, the other half come from the number given in, so that
// results go on into the next operands, or are drawn.
class EdgeNumbers {
 public:
  EdgeNumbers(const Number& modulus, std::uint64_t seed) : modulus_(modulus), state_(seed | 1) {}

  Number next(const Number& previous) {
    Number out;
    do {
      const std::uint64_t choices = draw();
      for (std::size_t i = 0; i < 4; ++i) {
        const std::uint64_t choice = choices >> (16 * i) & 0xFFFF;
        if (choice % 2 == 0)
          out[i] = edge(i, choice >> 1);
        else
          out[i] = choice % 8 == 7 ? draw() : previous[i];
      }
    } while (!DivisionOracle::is_below(out, modulus_));
    return out;
  }

 private:
  std::uint64_t draw() {  // xorshift64
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    return state_ ^= state_ << 17;
  }
  std::uint64_t edge(std::size_t i, std::uint64_t choice) const {
    switch (choice % 6) {
      case 0:
        return 0;
      case 1:
        return 1;
      case 2:
        return ~std::uint64_t{0};
      case 3:
        return modulus_[i];
      case 4:
        return modulus_[i] - 1;
      default:
        return modulus_[i] + 1;
    }
  }

  Number modulus_;
  std::uint64_t state_;
};

}  // namespace heqi::crypto::testing_oracle
