#include "lane_comb.h"

#include <vector>

#include "projective.h"

namespace heqi::crypto::internal {
namespace {

constexpr std::size_t kPoints = kLaneCombRows * kLaneCombEntries;

// odd_multiples are row by row (2j + 1)·2^(7i)·G.
std::vector<Projective> odd_multiples() {
  std::vector<Projective> points;
  points.reserve(kPoints);
  Projective base = generator();
  for (std::size_t i = 0; i < kLaneCombRows; ++i) {
    const Projective doubled = double_point(base);
    points.push_back(base);
    for (std::size_t j = 1; j < kLaneCombEntries; ++j) points.push_back(points.back() + doubled);
    base = doubled;
    for (std::size_t j = 1; j < kLaneCombBits; ++j) base = double_point(base);
  }
  return points;
}

// store_limbs takes an element from the radix 2^256 to 2^260 and writes it in limbs of 52 bits.
void store_limbs(std::uint64_t (*limbs)[kLaneCombEntries], std::size_t entry, Field element) {
  for (int i = 0; i < 4; ++i) element = twice(element);
  const Words& w = element.words;
  constexpr std::uint64_t mask = (std::uint64_t(1) << 52) - 1;
  limbs[0][entry] = w[0] & mask;
  limbs[1][entry] = (w[0] >> 52 | w[1] << 12) & mask;
  limbs[2][entry] = (w[1] >> 40 | w[2] << 24) & mask;
  limbs[3][entry] = (w[2] >> 28 | w[3] << 36) & mask;
  limbs[4][entry] = w[3] >> 16;
}

bool fill(LaneComb& comb) {
  const std::vector<Projective> points = odd_multiples();
  std::vector<Field> products;  // of all z before each point
  products.reserve(kPoints);
  Field product = Field::one();
  for (const Projective& point : points) {
    products.push_back(product);
    product = product * point.z;
  }
  Field inverted = inverse(product);
  for (std::size_t i = kPoints; i-- > 0;) {
    const Field z_inverse = inverted * products[i];
    inverted = inverted * points[i].z;
    auto& row = comb.limb[i / kLaneCombEntries];
    store_limbs(row, i % kLaneCombEntries, points[i].x * z_inverse);
    store_limbs(row + 5, i % kLaneCombEntries, points[i].y * z_inverse);
  }
  return true;
}

}  // namespace

const LaneComb& lane_comb() {
  static LaneComb comb;
  static const bool filled = fill(comb);
  (void)filled;
  return comb;
}

}  // namespace heqi::crypto::internal
