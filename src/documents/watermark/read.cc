// Reading: fold all repetitions of the lattice onto one, find where it begins, take the bits.
#include <algorithm>
#include <numbers>

#include "folding.h"

namespace heqi::documents::watermark {

namespace {

// A copy leaves traces of cells of one pixel, since thousands of repetitions are folded; it never
// leaves them as strong as they were made.
constexpr double kFragileMin = 0.7;

// steps_of gives 0, then further and further to both sides.
std::vector<double> steps_of(double most, double step) {
  std::vector<double> out = {0};
  for (double at = step; at <= most + 1e-9; at += step) out.push_back(at), out.push_back(-at);
  return out;
}

}  // namespace

std::optional<Reading> read_mark(const Picture& page, Mark mark, const Frame& frame,
                                 const Search& search) {
  const Shape shape = shape_of(mark);
  const double nominal = shape.cell_mm > 0 ? shape.cell_mm * frame.pixels_per_mm : 1;
  if (!(nominal >= 1) || page.width < nominal * kCells || page.height < nominal * kCells)
    return std::nullopt;
  const Lattice lattice(mark, frame.key);
  const Grey grey = sharpened(page, mark, nominal);
  // A step moves the far edge of the page by no more than half a cell; dots, which are smaller than
  // their cells, by no more than a quarter.
  const double reach = std::max(page.width, page.height) / 2.0,
               step = nominal / reach / (shape.dots ? 4 : 2);
  for (const double scale : steps_of(search.scale, step))
    for (const double degrees : steps_of(search.degrees, step * 180 / std::numbers::pi)) {
      const Folded sums = fold(grey, nominal * (1 + scale), degrees);
      const Place place = find_place(sums, lattice);
      const bool weak = mark == Mark::fragile && place.mean < kFragileMin * shape.strength;
      if (place.score < kScoreMin || weak) continue;
      if (const auto payload = take_bits(sums, lattice, place))
        return Reading{*payload, place.score};
    }
  return std::nullopt;
}

}  // namespace heqi::documents::watermark
