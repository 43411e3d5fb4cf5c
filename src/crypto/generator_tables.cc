#include "generator_tables.h"

#include <memory>
#include <vector>

#include "jacobian.h"

namespace heqi::crypto::internal {
namespace {

using FieldJacobian = Jacobian<Field>;

// append_odds puts the first count odd multiples of base behind the points.
void append_odds(std::vector<FieldJacobian>& points, const FieldJacobian& base, std::size_t count) {
  FieldJacobian odd = base, twice = double_aligned(odd);
  for (std::size_t j = 0; j < count; ++j) {
    points.push_back(odd);
    add_aligned(odd, twice);
  }
}

// write_affine brings all points to affine form with one inversion.
void write_affine(const std::vector<FieldJacobian>& points, Affine* out) {
  std::vector<Field> inverses;
  inverses.reserve(points.size());
  for (const FieldJacobian& point : points) inverses.push_back(point.z);
  invert_all(inverses);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Field& z_inverse = inverses[i];
    const Field zz = square(z_inverse);
    out[i] = {points[i].x * zz, points[i].y * (zz * z_inverse)};
  }
}

template <std::size_t kWidth>
void fill_comb(Comb<kWidth>& comb, const Affine& point) {
  std::vector<FieldJacobian> points;
  points.reserve(comb.kRows * comb.kEntries);
  FieldJacobian base = {point.x, point.y, Field::one()};
  for (std::size_t i = 0; i < comb.kRows; ++i) {
    append_odds(points, base, comb.kEntries);
    for (std::size_t j = 0; j < kWidth; ++j) double_jacobian(base);
  }
  write_affine(points, comb.entries[0].data());
}

Affine base_point() {
  const Projective point = generator();
  return {point.x, point.y};
}

}  // namespace

const BaseComb& base_comb() {
  static const std::unique_ptr<const BaseComb> comb = [] {
    auto made = std::make_unique<BaseComb>();
    fill_comb(*made, base_point());
    return made;
  }();
  return *comb;
}

const BaseOdds& base_odds() {
  static const std::unique_ptr<const BaseOdds> odds = [] {
    auto made = std::make_unique<BaseOdds>();
    std::vector<FieldJacobian> points;
    const Affine point = base_point();
    append_odds(points, {point.x, point.y, Field::one()}, made->size());
    write_affine(points, made->data());
    return made;
  }();
  return *odds;
}

void fill_key_comb(KeyComb& comb, const Affine& point) {
  fill_comb(comb, point);
}

}  // namespace heqi::crypto::internal
