#include "folding.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heqi::documents::watermark {

namespace {

constexpr float kClip = 12;  // beyond it a difference is text, not mark
constexpr float kDotsClip = 60;
constexpr std::uint32_t kTextEdge = 2;  // pixels around text that are as dark as dots

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

// cell_sums adds up the samples of a cell that begins at each sample.
Folded cell_sums(const std::vector<double>& samples) {
  std::vector<double> rows(samples.size()), sums(samples.size());
  for (std::size_t y = 0; y < kSide; ++y)
    for (std::size_t x = 0; x < kSide; ++x)
      for (std::size_t k = 0; k < kFine; ++k)
        rows[y * kSide + x] += samples[y * kSide + (x + k) % kSide];
  for (std::size_t y = 0; y < kSide; ++y)
    for (std::size_t x = 0; x < kSide; ++x)
      for (std::size_t k = 0; k < kFine; ++k)
        sums[y * kSide + x] += rows[(y + k) % kSide * kSide + x];
  double mean = 0;
  for (const double one : sums) mean += one;
  mean /= static_cast<double>(sums.size());
  Folded out(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) out[i] = static_cast<float>(sums[i] - mean);
  return out;
}

// Sides is a folded lattice with a second copy of it to the right: a row that begins anywhere runs
// on without an edge.
std::vector<float> side_by_side(const Folded& sums) {
  std::vector<float> out(sums.size() * 2);
  for (std::size_t y = 0; y < kSide; ++y)
    for (std::size_t x = 0; x < 2 * kSide; ++x)
      out[y * 2 * kSide + x] = sums[y * kSide + x % kSide];
  return out;
}

// known_sums is, for each place where the lattice may begin, the sum of its known cells, each
// turned by its sign.
std::vector<float> known_sums(const Folded& sums, const Lattice& lattice) {
  const std::vector<float> wide = side_by_side(sums);
  std::vector<float> out(sums.size());
  for (std::size_t i = 0; i < kCells * kCells; ++i) {
    const Cell& cell = lattice.cells()[i];
    if (cell.bit != kBits) continue;
    const auto sign = static_cast<float>(cell.sign);
    for (std::size_t y = 0; y < kSide; ++y) {
      const float* from = &wide[(i / kCells * kFine + y) % kSide * 2 * kSide + i % kCells * kFine];
      float* to = &out[y * kSide];
      for (std::size_t x = 0; x < kSide; ++x) to[x] += sign * from[x];
    }
  }
  return out;
}

// without_text compares each pixel with the paper around it, where dots are as dark as the edges of
// letters: letters and what is next to them count neither as dots nor as paper.
Grey without_text(Grey page, float clip, std::uint32_t r) {
  const auto mean = [&](const std::vector<float>& values, std::uint32_t reach) {
    return mean_around(values, page.width, page.height, reach);
  };
  const std::vector<float> smooth = mean(page.values, r);
  std::vector<float> text(page.values.size()), paper(text.size()), shade(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    text[i] = smooth[i] - page.values[i] > clip ? 1.0F : 0.0F;
  const std::vector<float> near_text = mean(text, kTextEdge);
  for (std::size_t i = 0; i < text.size(); ++i) {
    paper[i] = near_text[i] > 0 ? 0.0F : 1.0F;
    shade[i] = paper[i] * page.values[i];
  }
  const std::vector<float> part = mean(paper, r), light = mean(shade, r);
  for (std::size_t i = 0; i < text.size(); ++i)
    page.values[i] = paper[i] > 0 ? light[i] / part[i] - page.values[i] : 0.0F;
  return page;
}

}  // namespace

Grey sharpened(const Picture& page, Mark mark, double cell) {
  const bool dots = shape_of(mark).dots;
  const float clip = dots ? kDotsClip : kClip;
  Grey out{page.width, page.height, brightness(page)};
  const auto r = static_cast<std::uint32_t>(std::clamp(std::lround(cell * 2), 2L, 40L));
  if (dots) return without_text(std::move(out), clip, r);
  const std::vector<float> smooth = mean_around(out.values, page.width, page.height, r);
  for (std::size_t i = 0; i < out.values.size(); ++i) {
    const float difference = smooth[i] - out.values[i];  // darker is positive
    out.values[i] = std::abs(difference) > clip ? 0 : difference;
  }
  return out;
}

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
  return cell_sums(sums);
}

Place find_place(const Folded& sums, const Lattice& lattice) {
  double power = 0;
  for (const float one : sums) power += double{one} * one;
  const double deviation = std::sqrt(power / static_cast<double>(sums.size()) * kKnown);
  if (deviation <= 0) return {};
  const std::vector<float> known = known_sums(sums, lattice);
  const auto most = std::max_element(known.begin(), known.end());
  const auto at = static_cast<std::size_t>(most - known.begin());
  return {double{*most} / deviation, double{*most} / kKnown, at % kSide, at / kSide};
}

std::optional<Payload> take_bits(const Folded& sums, const Lattice& lattice, const Place& place) {
  std::array<double, kBits> votes{};
  for (std::size_t i = 0; i < kCells * kCells; ++i) {
    const Cell& cell = lattice.cells()[i];
    if (cell.bit == kBits) continue;
    const std::size_t y = (i / kCells * kFine + place.y) % kSide,
                      x = (i % kCells * kFine + place.x) % kSide;
    votes[cell.bit] += cell.sign * double{sums[y * kSide + x]};
  }
  std::array<bool, kBits> bits{};
  for (std::size_t i = 0; i < kBits; ++i) bits[i] = votes[i] > 0;
  return payload_of_bits(bits);
}

}  // namespace heqi::documents::watermark
