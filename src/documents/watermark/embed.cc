#include <cmath>

#include "lattice.h"

namespace heqi::documents::watermark {

namespace {

constexpr double kDotRadius = 0.2;  // of a cell

std::uint8_t lowered(std::uint8_t value, double by) {
  return static_cast<std::uint8_t>(std::lround(std::fmax(0, std::fmin(255, value - by))));
}

// darkness is how much darker than before a pixel becomes. Plain cells move both ways around a
// ground that is lowered by strength, since white has no room above.
double darkness(const Shape& shape, int sign, double x, double y) {
  if (!shape.dots) return shape.strength * (1 + sign);
  if (sign < 0) return 0;
  const double away = std::hypot(x - 0.5, y - 0.5);
  return away <= kDotRadius ? shape.strength : 0;
}

}  // namespace

base::Status embed(Picture& page, Mark mark, const Payload& payload, const Frame& frame) {
  const Shape shape = shape_of(mark);
  const double cell = shape.cell_mm > 0 ? shape.cell_mm * frame.pixels_per_mm : 1;
  if (!(frame.pixels_per_mm >= 2) || page.width < cell * kCells || page.height < cell * kCells)
    return base::fail(base::Code::malformed, "the page is too small for a mark");
  const auto signs = Lattice(mark, frame.key).signs(payload);
  for (std::uint32_t y = 0; y < page.height; ++y) {
    const double row = (y + 0.5) / cell, inside_y = row - std::floor(row);
    const auto cell_y = static_cast<std::size_t>(row) % kCells;
    for (std::uint32_t x = 0; x < page.width; ++x) {
      const double column = (x + 0.5) / cell, inside_x = column - std::floor(column);
      const auto cell_x = static_cast<std::size_t>(column) % kCells;
      const double by = darkness(shape, signs[cell_y * kCells + cell_x], inside_x, inside_y);
      std::uint8_t* pixel = &page.rgba[(std::size_t{y} * page.width + x) * 4];
      for (int i = 0; i < 3; ++i) pixel[i] = lowered(pixel[i], by);
    }
  }
  return {};
}

}  // namespace heqi::documents::watermark
