// Reading: fold all repetitions of the lattice onto one, find where it begins, take the bits.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "lattice.h"

namespace heqi::documents::watermark {

namespace {

constexpr std::size_t kFine = 4;               // samples to a cell, each way
constexpr std::size_t kSide = kCells * kFine;  // of the folded lattice
constexpr double kScoreMin = 7;                // standard deviations
// A copy leaves traces of cells of one pixel, since thousands of repetitions are folded; it never
// leaves them as strong as they were made.
constexpr double kFragileMin = 0.7;
constexpr float kClip = 12;  // beyond it a difference is text, not mark
constexpr float kDotsClip = 120;

// Grey is brightness with what is smooth taken away: text leaves edges, which are clipped.
struct Grey {
  std::uint32_t width, height;
  std::vector<float> values;
};

std::vector<float> brightness(const Picture& page) {
  std::vector<float> out(std::size_t{page.width} * page.height);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint8_t* p = &page.rgba[i * 4];
    out[i] = 0.299F * p[0] + 0.587F * p[1] + 0.114F * p[2];
  }
  return out;
}

// mean_around is the mean of a square of side 2r+1 around each pixel, by running sums.
std::vector<float> mean_around(const std::vector<float>& in, std::uint32_t width,
                               std::uint32_t height, std::uint32_t r) {
  std::vector<double> sums(std::size_t{width + 1} * (height + 1));
  const auto at = [&](std::uint32_t x, std::uint32_t y) -> double& {
    return sums[std::size_t{y} * (width + 1) + x];
  };
  for (std::uint32_t y = 0; y < height; ++y) {
    double row = 0;
    for (std::uint32_t x = 0; x < width; ++x) {
      row += in[std::size_t{y} * width + x];
      at(x + 1, y + 1) = at(x + 1, y) + row;
    }
  }
  std::vector<float> out(in.size());
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::uint32_t x0 = x > r ? x - r : 0, x1 = std::min(width, x + r + 1),
                          y0 = y > r ? y - r : 0, y1 = std::min(height, y + r + 1);
      const double sum = at(x1, y1) - at(x0, y1) - at(x1, y0) + at(x0, y0);
      out[std::size_t{y} * width + x] =
          static_cast<float>(sum / (std::size_t{x1 - x0} * (y1 - y0)));
    }
  return out;
}

Grey sharpened(const Picture& page, double cell, float clip) {
  Grey out{page.width, page.height, brightness(page)};
  const auto r = static_cast<std::uint32_t>(std::clamp(std::lround(cell * 2), 2L, 40L));
  const std::vector<float> smooth = mean_around(out.values, page.width, page.height, r);
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    const float difference = smooth[i] - out.values[i];  // darker is positive
    out.values[i] = std::abs(difference) > clip ? 0 : difference;
  }
  return out;
}

// Folded is the mean of all repetitions, kFine samples to a cell.
using Folded = std::vector<double>;

Folded fold(const Grey& grey, double cell, double degrees) {
  std::vector<double> sums(kSide * kSide), counts(kSide * kSide);
  const double angle = degrees * std::numbers::pi / 180, c = std::cos(angle) * kFine / cell,
               s = std::sin(angle) * kFine / cell;
  const double mx = grey.width / 2.0, my = grey.height / 2.0;
  // The middle of the page stays; an offset that is a multiple of the lattice keeps all positive.
  const double far = static_cast<double>(kSide) * 1024;
  for (std::uint32_t y = 0; y < grey.height; ++y)
    for (std::uint32_t x = 0; x < grey.width; ++x) {
      const float value = grey.values[std::size_t{y} * grey.width + x];
      if (value == 0) continue;
      const double dx = x + 0.5 - mx, dy = y + 0.5 - my;
      const auto fx = static_cast<std::size_t>(c * dx + s * dy + far) % kSide,
                 fy = static_cast<std::size_t>(c * dy - s * dx + far) % kSide;
      sums[fy * kSide + fx] += value;
      counts[fy * kSide + fx] += 1;
    }
  for (std::size_t i = 0; i < sums.size(); ++i)
    if (counts[i] > 0) sums[i] /= counts[i];
  return sums;
}

// cell_sums adds up the samples of a cell that begins at each sample.
Folded cell_sums(const Folded& folded) {
  Folded rows(folded.size()), out(folded.size());
  for (std::size_t y = 0; y < kSide; ++y)
    for (std::size_t x = 0; x < kSide; ++x)
      for (std::size_t k = 0; k < kFine; ++k)
        rows[y * kSide + x] += folded[y * kSide + (x + k) % kSide];
  for (std::size_t y = 0; y < kSide; ++y)
    for (std::size_t x = 0; x < kSide; ++x)
      for (std::size_t k = 0; k < kFine; ++k)
        out[y * kSide + x] += rows[(y + k) % kSide * kSide + x];
  double mean = 0;
  for (const double one : out) mean += one;
  mean /= static_cast<double>(out.size());
  for (double& one : out) one -= mean;
  return out;
}

struct Found {
  double score = 0;
  double mean = 0;  // of a known cell, turned by its sign
  std::size_t x = 0, y = 0;
};

// find looks for the place where the known cells stand out most.
Found find(const Folded& sums, const Lattice& lattice) {
  std::vector<std::pair<std::size_t, double>> known;
  for (std::size_t i = 0; i < kCells * kCells; ++i)
    if (lattice.cells()[i].bit == kBits) known.emplace_back(i, lattice.cells()[i].sign);
  double power = 0;
  for (const double one : sums) power += one * one;
  const double deviation = std::sqrt(power / static_cast<double>(sums.size()) * kKnown);
  Found best;
  if (deviation <= 0) return best;
  for (std::size_t oy = 0; oy < kSide; ++oy)
    for (std::size_t ox = 0; ox < kSide; ++ox) {
      double sum = 0;
      for (const auto& [cell, sign] : known) {
        const std::size_t y = (cell / kCells * kFine + oy) % kSide,
                          x = (cell % kCells * kFine + ox) % kSide;
        sum += sign * sums[y * kSide + x];
      }
      if (sum / deviation > best.score) best = {sum / deviation, sum / kKnown, ox, oy};
    }
  return best;
}

std::optional<Payload> take_bits(const Folded& sums, const Lattice& lattice, const Found& place) {
  std::array<double, kBits> votes{};
  for (std::size_t i = 0; i < kCells * kCells; ++i) {
    const Cell& cell = lattice.cells()[i];
    if (cell.bit == kBits) continue;
    const std::size_t y = (i / kCells * kFine + place.y) % kSide,
                      x = (i % kCells * kFine + place.x) % kSide;
    votes[cell.bit] += cell.sign * sums[y * kSide + x];
  }
  std::array<bool, kBits> bits{};
  for (std::size_t i = 0; i < kBits; ++i) bits[i] = votes[i] > 0;
  return payload_of_bits(bits);
}

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
  const Grey grey = sharpened(page, nominal, shape.dots ? kDotsClip : kClip);
  // A step moves the far edge of the page by no more than half a cell.
  const double reach = std::max(page.width, page.height) / 2.0;
  for (const double scale : steps_of(search.scale, nominal / reach / 2))
    for (const double degrees :
         steps_of(search.degrees, nominal / reach / 2 * 180 / std::numbers::pi)) {
      const Folded sums = cell_sums(fold(grey, nominal * (1 + scale), degrees));
      const Found place = find(sums, lattice);
      const bool weak = mark == Mark::fragile && place.mean < kFragileMin * shape.strength;
      if (place.score < kScoreMin || weak) continue;
      if (const auto payload = take_bits(sums, lattice, place))
        return Reading{*payload, place.score};
    }
  return std::nullopt;
}

}  // namespace heqi::documents::watermark
