// lane_check.h: runs the field steps of kernels/ifma beside an oracle: schoolbook product and long
// division in digits of 32 bits (Knuth, volume 2, 4.3.1, algorithm D), nothing of Montgomery.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

#include "../lane_kernel.h"

namespace heqi::crypto::testing_oracle {

using internal::kLanes;
using internal::LaneNumbers;

// LaneNumber is one lane: five limbs of 52 bits.
using LaneNumber = std::array<std::uint64_t, 5>;
inline constexpr std::uint64_t kLimbEnd = std::uint64_t{1} << 52;
inline constexpr LaneNumber kLanePrime = {0xFFFFFFFFFFFFF, 0xFF00000000FFF, 0xFFFFFFFFFFFFF,
                                          0xFFFFFFFFFFFFF, 0x0FFFFFFFEFFFF};
inline constexpr LaneNumber kLaneOne = {0x10, 0xFFFFFFFF0000, 0, 0, 0x100000};  // 2^260

// LaneOracle knows p by its digits only.
class LaneOracle {
 public:
  // is_product asks whether out·2^260 = a·b modulo p, with out in limbs of 52 bits.
  static bool is_product(const LaneNumber& a, const LaneNumber& b, const LaneNumber& out) {
    for (const std::uint64_t limb : out)
      if (limb >= kLimbEnd) return false;
    Digits rest = multiply(digits(a), digits(b));
    // Adding p·2^264, more than out·2^260 can be, keeps the difference above zero.
    add_shifted(rest, kPrimeDigits, 1, 264);
    add_shifted(rest, digits(out), -1, 260);
    return is_multiple(rest);
  }

 private:
  using Short = std::array<std::uint32_t, 9>;
  using Digits = std::array<std::uint32_t, 19>;
  static constexpr Short kPrimeDigits = {0xFFFFFFFF, 0xFFFFFFFF, 0,          0xFFFFFFFF, 0xFFFFFFFF,
                                         0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFE, 0};

  static Short digits(const LaneNumber& a) {
    Short out{};
    for (std::size_t bit = 0; bit < 260; bit += 4) {
      const auto nibble = static_cast<std::uint32_t>(a[bit / 52] >> (bit % 52) & 15);
      out[bit / 32] |= nibble << (bit % 32);
    }
    return out;
  }

  static Digits multiply(const Short& a, const Short& b) {
    Digits out{};
    for (std::size_t i = 0; i < a.size(); ++i) {
      std::uint64_t carry = 0;
      for (std::size_t j = 0; j < b.size(); ++j) {
        carry += std::uint64_t{a[i]} * b[j] + out[i + j];
        out[i + j] = static_cast<std::uint32_t>(carry);
        carry >>= 32;
      }
      out[i + b.size()] = static_cast<std::uint32_t>(carry);
    }
    return out;
  }

  // add_shifted adds sign·a·2^bits.
  static void add_shifted(Digits& sum, const Short& a, int sign, unsigned bits) {
    std::int64_t carry = 0;
    std::uint64_t before = 0;
    for (std::size_t i = bits / 32; i < sum.size(); ++i) {
      const std::size_t from = i - bits / 32;
      const std::uint64_t digit = from < a.size() ? a[from] : 0;
      const std::uint64_t shifted = (digit << 32 | before) >> (32 - bits % 32) & 0xFFFFFFFF;
      before = digit;
      carry += std::int64_t{sum[i]} + sign * static_cast<std::int64_t>(shifted);
      sum[i] = static_cast<std::uint32_t>(carry & 0xFFFFFFFF);
      carry >>= 32;
    }
  }

  static bool is_multiple(Digits& rest) {
    for (std::size_t at = rest.size() - 8; at-- > 0;) {
      const std::uint64_t top = std::uint64_t{rest[at + 8]} << 32 | rest[at + 7];
      const std::uint64_t guess = std::min<std::uint64_t>(top / kPrimeDigits[7], 0xFFFFFFFF);
      std::int64_t borrow = 0;
      std::uint64_t carry = 0;
      for (std::size_t i = 0; i < 8; ++i) {
        carry += guess * kPrimeDigits[i];
        borrow += std::int64_t{rest[at + i]} - static_cast<std::int64_t>(carry & 0xFFFFFFFF);
        rest[at + i] = static_cast<std::uint32_t>(borrow & 0xFFFFFFFF);
        carry >>= 32;
        borrow >>= 32;
      }
      borrow += std::int64_t{rest[at + 8]} - static_cast<std::int64_t>(carry);
      while (borrow < 0) {  // the guess is at most two too large
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < 8; ++i) {
          sum += std::uint64_t{rest[at + i]} + kPrimeDigits[i];
          rest[at + i] = static_cast<std::uint32_t>(sum);
          sum >>= 32;
        }
        borrow += static_cast<std::int64_t>(sum);
      }
      rest[at + 8] = static_cast<std::uint32_t>(borrow);
    }
    return std::all_of(rest.begin(), rest.end(), [](std::uint32_t d) { return d == 0; });
  }
};

// EdgeLanes gives factors: about half of their limbs are 0, 1, 2^52 − 1 or a limb of p or its
// neighbour; the others come from the result before, or are drawn.
class EdgeLanes {
 public:
  explicit EdgeLanes(std::uint64_t seed) : state_(seed | 1) {}

  // next makes each lane's highest limb less than end, which says how many p a factor may be.
  LaneNumbers next(const LaneNumbers& previous, std::uint64_t end) {
    LaneNumbers out;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::uint64_t choices = draw();
      for (std::size_t i = 0; i < 5; ++i) {
        const std::uint64_t choice = choices >> (12 * i) & 0xFFF;
        std::uint64_t limb = choice % 2 == 0   ? edge(i, choice >> 1)
                             : choice % 8 == 7 ? draw() % kLimbEnd
                                               : previous.limb[i][lane];
        if (i == 4) limb %= end;
        out.limb[i][lane] = limb;
      }
    }
    return out;
  }

 private:
  std::uint64_t draw() {  // xorshift64
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    return state_ ^= state_ << 17;
  }
  static std::uint64_t edge(std::size_t i, std::uint64_t choice) {
    const std::uint64_t edges[] = {
        0, 1, kLimbEnd - 1, kLanePrime[i], kLanePrime[i] - 1, (kLanePrime[i] + 1) % kLimbEnd};
    return edges[choice % 6];
  }

  std::uint64_t state_;
};

inline LaneNumber lane_of(const LaneNumbers& numbers, std::size_t lane) {
  LaneNumber out;
  for (std::size_t i = 0; i < 5; ++i) out[i] = numbers.limb[i][lane];
  return out;
}

// count_wrong counts the lanes in which out is not a·b.
inline std::uint64_t count_wrong(const LaneNumbers& a, const LaneNumbers& b,
                                 const LaneNumbers& out) {
  std::uint64_t wrong = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    wrong +=
        LaneOracle::is_product(lane_of(a, lane), lane_of(b, lane), lane_of(out, lane)) ? 0u : 1u;
  return wrong;
}

// Each run chains rounds operations, eight at a time, and counts what differs from the oracle.
// Factors are below 16p and 8p, and below 12p for a square: their results still are below 16p.
inline std::uint64_t count_wrong_lane_products(std::uint64_t rounds, std::uint64_t seed) {
  EdgeLanes edges(seed);
  LaneNumbers out{};
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < rounds; i += kLanes) {
    const LaneNumbers a = edges.next(out, kLimbEnd), b = edges.next(a, kLimbEnd / 2);
    internal::ifma::field_multiply(a, b, out);
    wrong += count_wrong(a, b, out);
  }
  return wrong;
}
inline std::uint64_t count_wrong_lane_squares(std::uint64_t rounds, std::uint64_t seed) {
  EdgeLanes edges(seed);
  LaneNumbers out{};
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < rounds; i += kLanes) {
    const LaneNumbers a = edges.next(out, kLimbEnd / 4 * 3);
    internal::ifma::field_square(a, out);
    wrong += count_wrong(a, a, out);
  }
  return wrong;
}
// An inverse times its number is one, but for zero, whose inverse is zero.
inline std::uint64_t count_wrong_lane_inverses(std::uint64_t rounds, std::uint64_t seed) {
  EdgeLanes edges(seed);
  LaneNumbers out{};
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < rounds; i += kLanes) {
    const LaneNumbers a = edges.next(out, kLimbEnd / 4);
    internal::ifma::field_invert(a, out);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const LaneNumber number = lane_of(a, lane), inverse = lane_of(out, lane);
      const bool is_zero = LaneOracle::is_product(number, kLaneOne, {});
      wrong += LaneOracle::is_product(number, inverse, is_zero ? LaneNumber{} : kLaneOne) ? 0u : 1u;
    }
  }
  return wrong;
}

}  // namespace heqi::crypto::testing_oracle
