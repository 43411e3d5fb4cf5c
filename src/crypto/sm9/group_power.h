// group_power.h: powers in GT, where the inverse of a number is its conjugate. Constant time.
#pragma once
#include "../booth.h"
#include "tower.h"

namespace heqi::crypto::sm9::internal {

template <class Path, std::size_t kSize>
Fp12<Path> pick(const std::array<Fp12<Path>, kSize>& row, std::uint64_t index) {
  Fp12<Path> out = row[0];
  for (std::size_t j = 1; j < kSize; ++j) out = select(base::ct::equal(j, index), row[j], out);
  return out;
}

// power_unitary is x^k for any 256-bit k, with signed windows.
template <class Path>
[[gnu::noinline]] Fp12<Path> power_unitary(const Words& k, const Fp12<Path>& x) {
  using namespace crypto::internal;
  std::array<Fp12<Path>, kWindowEntries + 1> row;
  row[0] = Fp12<Path>::one();
  row[1] = x;
  for (std::size_t j = 2; j <= kWindowEntries; ++j)
    row[j] = j % 2 == 0 ? square_unitary(row[j / 2]) : row[j - 1] * x;
  Fp12<Path> out = row[0];
  for (std::size_t i = kWindows; i-- > 0;) {
    for (std::size_t j = 0; j < kWindowBits; ++j) out = square_unitary(out);
    const Digit digit = booth_digit(k, i);
    const Fp12<Path> entry = pick(row, digit.magnitude);
    out = out * select(digit.negative, conjugate(entry), entry);
  }
  return out;
}

// Comb is for many powers of one number x (Lim and Lee, Crypto '94): entry b of half h is the
// product of x^(2^(52·i + 26·h)) over the bits i of b.
inline constexpr std::size_t kCombTeeth = 5, kCombHalves = 2, kCombColumns = 26;
inline constexpr std::size_t kCombEntries = std::size_t(1) << kCombTeeth;
template <class Path>
using Comb = std::array<std::array<Fp12<Path>, kCombEntries>, kCombHalves>;

template <class Path>
void make_comb(Comb<Path>& comb, const Fp12<Path>& x) {
  Fp12<Path> running = x;
  for (std::size_t tooth = 0; tooth < kCombTeeth; ++tooth) {
    for (auto& half : comb) {
      half[0] = Fp12<Path>::one();
      half[std::size_t(1) << tooth] = running;
      for (std::size_t i = 0; i < kCombColumns; ++i) running = square_unitary(running);
    }
  }
  for (auto& half : comb)
    for (std::size_t b = 3; b < kCombEntries; ++b)
      if ((b & (b - 1)) != 0) half[b] = half[b & (b - 1)] * half[b & (~b + 1)];
}

template <class Path>
Fp12<Path> power_by_comb(const Words& k, const Comb<Path>& comb) {
  Fp12<Path> out = Fp12<Path>::one();
  for (std::size_t column = kCombColumns; column-- > 0;) {
    if (column + 1 < kCombColumns) out = square_unitary(out);
    for (std::size_t half = 0; half < kCombHalves; ++half) {
      std::uint64_t index = 0;
      for (std::size_t tooth = 0; tooth < kCombTeeth; ++tooth) {
        const std::size_t bit = (tooth * kCombHalves + half) * kCombColumns + column;
        if (bit < 256) index |= (k[bit / 64] >> (bit % 64) & 1) << tooth;
      }
      out = out * pick(comb[half], index);
    }
  }
  return out;
}

}  // namespace heqi::crypto::sm9::internal
