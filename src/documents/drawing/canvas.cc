#include <heqi/documents/drawing/canvas.h>

#include <algorithm>
#include <cmath>

#include "outline.h"

namespace heqi::documents::drawing {

using base::Bytes;
using base::Code;
using base::fail;

namespace {

// over lays a colour of some opacity over a pixel that has one too.
void over(std::uint8_t* pixel, const std::uint8_t* color, unsigned alpha) {
  if (alpha == 0) return;
  const unsigned below = pixel[3] * (255 - alpha) / 255, total = alpha + below;
  for (int i = 0; i < 3; ++i)
    pixel[i] = static_cast<std::uint8_t>((color[i] * alpha + pixel[i] * below + total / 2) / total);
  pixel[3] = static_cast<std::uint8_t>(std::min(255U, total));
}

// Window is the part of a canvas that a path can touch.
struct Window {
  std::uint32_t x0, y0, x1, y1;
  bool empty() const { return x0 >= x1 || y0 >= y1; }
};

Window window_of(const Path& path, std::uint32_t width, std::uint32_t height) {
  const Path::Bounds bounds = path.bounds();
  const auto bounded = [](double value, std::uint32_t most) {
    return static_cast<std::uint32_t>(std::fmax(0, std::fmin(value, most)));
  };
  return {bounded(std::floor(bounds.low.x), width), bounded(std::floor(bounds.low.y), height),
          bounded(std::ceil(bounds.high.x) + 1, width),
          bounded(std::ceil(bounds.high.y) + 1, height)};
}

// rasterise gives the coverage of path inside window, rows from the top.
base::Result<Bytes> rasterise(const Path& path, const Window& window, FillRule rule) {
  HEQI_TRY(const FT_Library library, library_of_thread());
  const std::uint32_t width = window.x1 - window.x0, height = window.y1 - window.y0;
  // FreeType's rows go upwards from 0: the window's lower edge becomes the axis.
  const double left = window.x0, below = window.y1;
  Outline owned = outline_of(path.mapped(moved(-left, -below)), 1);
  HEQI_TRY(FT_Outline outline, owned.view());
  Bytes coverage(std::size_t{width} * height);
  if (outline.n_points == 0) return coverage;
  outline.flags = rule == FillRule::even_odd ? FT_OUTLINE_EVEN_ODD_FILL : FT_OUTLINE_NONE;
  FT_Bitmap bitmap{};
  bitmap.rows = height;
  bitmap.width = width;
  bitmap.pitch = static_cast<int>(width);
  bitmap.buffer = coverage.data();
  bitmap.num_grays = 256;
  bitmap.pixel_mode = FT_PIXEL_MODE_GRAY;
  if (FT_Outline_Get_Bitmap(library, &outline, &bitmap) != 0)
    return fail(Code::malformed, "a path that cannot be filled");
  return coverage;
}

}  // namespace

base::Result<Canvas> Canvas::make(std::uint32_t width, std::uint32_t height, Color background) {
  if (width == 0 || height == 0) return fail(Code::malformed, "a canvas without pixels");
  if (width > kCanvasSideMax || height > kCanvasSideMax ||
      std::uint64_t{width} * height > kCanvasPixelsMax)
    return fail(Code::limit_exceeded, "a canvas of " + std::to_string(width) + " by " +
                                          std::to_string(height) + " pixels");
  Picture picture{width, height, Bytes(std::size_t{width} * height * 4)};
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) {
    picture.rgba[i] = background.red, picture.rgba[i + 1] = background.green;
    picture.rgba[i + 2] = background.blue, picture.rgba[i + 3] = background.alpha;
  }
  return Canvas(std::move(picture));
}

base::Status Canvas::fill(const Path& path, Color color, FillRule rule, const Mask* clip) {
  if (path.empty()) return {};
  const Window window = window_of(path, width(), height());
  if (window.empty()) return {};
  HEQI_TRY(const Bytes coverage, rasterise(path, window, rule));
  const std::uint8_t rgb[3] = {color.red, color.green, color.blue};
  std::size_t at = 0;
  for (std::uint32_t y = window.y0; y < window.y1; ++y)
    for (std::uint32_t x = window.x0; x < window.x1; ++x, ++at) {
      if (coverage[at] == 0) continue;
      const std::size_t place = std::size_t{y} * width() + x;
      unsigned alpha = coverage[at] * unsigned{color.alpha} / 255;
      if (clip) alpha = alpha * clip->coverage[place] / 255;
      over(&picture_.rgba[place * 4], rgb, alpha);
    }
  return {};
}

base::Status Canvas::fill(const Path& path, const Shading& shading, FillRule rule,
                          const Mask* clip) {
  if (path.empty()) return {};
  const Window window = window_of(path, width(), height());
  if (window.empty()) return {};
  HEQI_TRY(const Bytes coverage, rasterise(path, window, rule));
  std::size_t at = 0;
  for (std::uint32_t y = window.y0; y < window.y1; ++y)
    for (std::uint32_t x = window.x0; x < window.x1; ++x, ++at) {
      if (coverage[at] == 0) continue;
      const std::size_t place = std::size_t{y} * width() + x;
      const Color color = shading.color_at({x + 0.5, y + 0.5});
      const std::uint8_t rgb[3] = {color.red, color.green, color.blue};
      unsigned alpha = coverage[at] * unsigned{color.alpha} / 255;
      if (clip) alpha = alpha * clip->coverage[place] / 255;
      over(&picture_.rgba[place * 4], rgb, alpha);
    }
  return {};
}

base::Result<Mask> Canvas::mask_of(const Path& path, FillRule rule, const Mask* outer) const {
  Mask out{width(), height(), Bytes(std::size_t{width()} * height())};
  const Window window = window_of(path, width(), height());
  if (path.empty() || window.empty()) return out;
  HEQI_TRY(const Bytes coverage, rasterise(path, window, rule));
  std::size_t at = 0;
  for (std::uint32_t y = window.y0; y < window.y1; ++y)
    for (std::uint32_t x = window.x0; x < window.x1; ++x, ++at) {
      const std::size_t place = std::size_t{y} * width() + x;
      const unsigned outside = outer ? outer->coverage[place] : 255U;
      out.coverage[place] = static_cast<std::uint8_t>(coverage[at] * outside / 255);
    }
  return out;
}

namespace {

// Sum is the opacity-weighted sum of some pixels.
struct Sum {
  std::uint64_t red = 0, green = 0, blue = 0, alpha = 0, count = 0;

  void add(const std::uint8_t* pixel) {
    red += std::uint64_t{pixel[0]} * pixel[3];
    green += std::uint64_t{pixel[1]} * pixel[3];
    blue += std::uint64_t{pixel[2]} * pixel[3];
    alpha += pixel[3];
    ++count;
  }
};

// Range is the source's pixels under one pixel of the canvas, along one side.
struct Range {
  std::uint32_t begin, end;
};
// range_of: the one pixel under the centre where the picture is enlarged, else all within reach.
Range range_of(double centre, double reach, std::uint32_t size) {
  const double low = reach <= 0.5 ? centre : centre - reach,
               high = reach <= 0.5 ? centre : centre + reach;
  const auto bounded = [&](double value) {
    return static_cast<std::uint32_t>(
        std::fmax(0, std::fmin(value, static_cast<double>(size) - 1)));
  };
  const std::uint32_t begin = bounded(std::floor(low));
  return {begin, std::max(begin + 1, bounded(std::ceil(high) - 1) + 1)};
}

}  // namespace

void Canvas::draw(const Picture& source, const Matrix& to_canvas, std::uint8_t alpha,
                  const Mask* clip) {
  const double determinant = to_canvas.determinant();
  if (std::abs(determinant) < 1e-9 || source.width == 0 || source.height == 0) return;
  const Window window = window_of(rectangle(0, 0, 1, 1).mapped(to_canvas), width(), height());
  // The way back from the canvas to pixels of the source.
  const Matrix& m = to_canvas;
  const double w = source.width, h = source.height;
  const Matrix back{m.d / determinant * w,
                    -m.b / determinant * h,
                    -m.c / determinant * w,
                    m.a / determinant * h,
                    0,
                    0};
  const double reach_x = (std::abs(back.a) + std::abs(back.c)) / 2,
               reach_y = (std::abs(back.b) + std::abs(back.d)) / 2;
  for (std::uint32_t y = window.y0; y < window.y1; ++y)
    for (std::uint32_t x = window.x0; x < window.x1; ++x) {
      const Point at = back.map({x + 0.5 - m.e, y + 0.5 - m.f});
      if (at.x < 0 || at.y < 0 || at.x >= w || at.y >= h) continue;
      const Range columns = range_of(at.x, reach_x, source.width),
                  rows = range_of(at.y, reach_y, source.height);
      Sum sum;
      for (std::uint32_t row = rows.begin; row < rows.end; ++row)
        for (std::uint32_t column = columns.begin; column < columns.end; ++column)
          sum.add(&source.rgba[(std::size_t{row} * source.width + column) * 4]);
      if (sum.alpha == 0) continue;
      const std::uint8_t rgb[3] = {static_cast<std::uint8_t>(sum.red / sum.alpha),
                                   static_cast<std::uint8_t>(sum.green / sum.alpha),
                                   static_cast<std::uint8_t>(sum.blue / sum.alpha)};
      const std::size_t place = std::size_t{y} * width() + x;
      auto opacity = static_cast<unsigned>(sum.alpha / sum.count) * alpha / 255;
      if (clip) opacity = opacity * clip->coverage[place] / 255;
      over(&picture_.rgba[place * 4], rgb, opacity);
    }
}

}  // namespace heqi::documents::drawing
