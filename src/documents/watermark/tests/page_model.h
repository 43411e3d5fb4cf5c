// Pages to mark, and what happens to them: compression, scaling, print and scan.
#pragma once
#include <heqi/documents/watermark/mark.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include <cmath>
#include <numbers>

namespace heqi::documents::watermark {

// text_page is a page of A5 size (148 × 210 mm) with lines of letter-like strokes and a red ring.
inline Picture text_page(std::uint64_t seed, double pixels_per_mm) {
  testing::SeededRandom random(seed);
  auto canvas =
      *drawing::Canvas::make(static_cast<std::uint32_t>(148 * pixels_per_mm),
                             static_cast<std::uint32_t>(210 * pixels_per_mm), {255, 255, 255, 255});
  const double k = pixels_per_mm;
  for (double y = 20; y < 190; y += 6.5)
    for (double x = 15; x < 130; x += 4.4) {
      drawing::Path letter;
      for (int stroke = 0; stroke < 4; ++stroke) {
        const auto at = [&] { return static_cast<double>(random.below(1000)) / 1000 * 3.4; };
        if (random.below(2) == 0)
          letter.add(drawing::rectangle((x + at() * 0.4) * k, (y + at()) * k, 2.6 * k, 0.3 * k));
        else
          letter.add(drawing::rectangle((x + at()) * k, (y + at() * 0.4) * k, 0.35 * k, 2.6 * k));
      }
      (void)canvas.fill(letter, {20, 20, 25, 255}, drawing::FillRule::non_zero);
    }
  drawing::Path ring = drawing::ellipse({100 * k, 150 * k}, 20 * k, 20 * k);
  ring.add(drawing::ellipse({100 * k, 150 * k}, 18.8 * k, 18.8 * k));
  (void)canvas.fill(ring, {214, 0, 15, 255}, drawing::FillRule::even_odd);
  return canvas.take();
}

// compressed does to a picture what JPEG does that cannot be undone: the cosine transform of blocks
// of 8 by 8, quantised by the tables of ISO/IEC 10918-1 annex K at a quality, colour at half
// resolution.
class Jpeg {
 public:
  explicit Jpeg(int quality) {
    const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    for (std::size_t i = 0; i < 64; ++i) {
      bright_[i] = std::max(1, (kBright[i] * scale + 50) / 100);
      color_[i] = std::max(1, (kColor[i] * scale + 50) / 100);
    }
    for (std::size_t u = 0; u < 8; ++u)
      for (std::size_t x = 0; x < 8; ++x)
        cosine_[u][x] = std::cos((2 * static_cast<double>(x) + 1) * static_cast<double>(u) *
                                 std::numbers::pi / 16) *
                        (u == 0 ? std::sqrt(0.125) : 0.5);
  }

  Picture apply(const Picture& in) const {
    const std::uint32_t w = in.width, h = in.height;
    std::vector<double> y(std::size_t{w} * h), cb(y.size()), cr(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double r = in.rgba[i * 4], g = in.rgba[i * 4 + 1], b = in.rgba[i * 4 + 2];
      y[i] = 0.299 * r + 0.587 * g + 0.114 * b;
      cb[i] = -0.1687 * r - 0.3313 * g + 0.5 * b;
      cr[i] = 0.5 * r - 0.4187 * g - 0.0813 * b;
    }
    for (double& one : y) one -= 128;
    blocks(y, w, h, bright_);
    halve(cb, w, h), halve(cr, w, h);
    blocks(cb, w, h, color_), blocks(cr, w, h, color_);
    Picture out = in;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double l = y[i] + 128;
      out.rgba[i * 4] = octet(l + 1.402 * cr[i]);
      out.rgba[i * 4 + 1] = octet(l - 0.34414 * cb[i] - 0.71414 * cr[i]);
      out.rgba[i * 4 + 2] = octet(l + 1.772 * cb[i]);
    }
    return out;
  }

 private:
  static std::uint8_t octet(double value) {
    return static_cast<std::uint8_t>(std::lround(std::fmax(0, std::fmin(255, value))));
  }
  static void halve(std::vector<double>& plane, std::uint32_t w, std::uint32_t h) {
    for (std::uint32_t y = 0; y + 1 < h; y += 2)
      for (std::uint32_t x = 0; x + 1 < w; x += 2) {
        double& a = plane[std::size_t{y} * w + x];
        double& c = plane[std::size_t{y + 1} * w + x];
        double &b = (&a)[1], &d = (&c)[1];
        a = b = c = d = (a + b + c + d) / 4;
      }
  }
  void blocks(std::vector<double>& plane, std::uint32_t w, std::uint32_t h,
              const std::array<int, 64>& table) const {
    for (std::uint32_t y = 0; y + 8 <= h; y += 8)
      for (std::uint32_t x = 0; x + 8 <= w; x += 8) block(&plane[std::size_t{y} * w + x], w, table);
  }
  void block(double* at, std::uint32_t w, const std::array<int, 64>& table) const {
    double half[8][8], full[8][8];
    for (int y = 0; y < 8; ++y)
      for (int u = 0; u < 8; ++u) {
        half[y][u] = 0;
        for (int x = 0; x < 8; ++x)
          half[y][u] +=
              at[std::size_t(y) * w + std::size_t(x)] * cosine_[std::size_t(u)][std::size_t(x)];
      }
    for (int v = 0; v < 8; ++v)
      for (int u = 0; u < 8; ++u) {
        full[v][u] = 0;
        for (int y = 0; y < 8; ++y)
          full[v][u] += half[y][u] * cosine_[std::size_t(v)][std::size_t(y)];
        const double q = table[std::size_t(v * 8 + u)];
        full[v][u] = std::round(full[v][u] / q) * q;
      }
    for (int y = 0; y < 8; ++y)
      for (int u = 0; u < 8; ++u) {
        half[y][u] = 0;
        for (int v = 0; v < 8; ++v)
          half[y][u] += full[v][u] * cosine_[std::size_t(v)][std::size_t(y)];
      }
    for (int y = 0; y < 8; ++y)
      for (int x = 0; x < 8; ++x) {
        double sum = 0;
        for (int u = 0; u < 8; ++u) sum += half[y][u] * cosine_[std::size_t(u)][std::size_t(x)];
        at[std::size_t(y) * w + std::size_t(x)] = sum;
      }
  }

  static constexpr int kBright[64] = {16,  11,  10,  16,  24, 40, 51,  61,  12,  12,  14,  19,  26,
                                      58,  60,  55,  14,  13, 16, 24,  40,  57,  69,  56,  14,  17,
                                      22,  29,  51,  87,  80, 62, 18,  22,  37,  56,  68,  109, 103,
                                      77,  24,  35,  55,  64, 81, 104, 113, 92,  49,  64,  78,  87,
                                      103, 121, 120, 101, 72, 92, 95,  98,  112, 100, 103, 99};
  static constexpr int kColor[64] = {
      17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
      99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
      99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};
  std::array<int, 64> bright_{}, color_{};
  std::array<std::array<double, 8>, 8> cosine_{};
};

// resized draws the page larger or smaller.
inline Picture resized(const Picture& in, double by) {
  const auto w = static_cast<std::uint32_t>(std::lround(in.width * by)),
             h = static_cast<std::uint32_t>(std::lround(in.height * by));
  auto canvas = *drawing::Canvas::make(w, h, {255, 255, 255, 255});
  canvas.draw(in, {static_cast<double>(w), 0, 0, static_cast<double>(h), 0, 0}, 255);
  return canvas.take();
}

// printed_and_scanned is a stated model: turned by up to 0.4°, larger or smaller by up to 0.6 %,
// moved by up to 1.5 mm, blurred over 3 pixels, grey range compressed to 18 … 242 with a gamma of
// 1.1, and noise of a standard deviation of about 4.
inline Picture printed_and_scanned(const Picture& in, std::uint64_t seed, double pixels_per_mm) {
  testing::SeededRandom random(seed);
  const auto unit = [&] { return static_cast<double>(random.below(20'001)) / 10'000 - 1; };
  const double angle = unit() * 0.4 * std::numbers::pi / 180, scale = 1 + unit() * 0.006;
  const double c = std::cos(angle) * scale, s = std::sin(angle) * scale;
  const double w = in.width, h = in.height;
  auto canvas = *drawing::Canvas::make(in.width, in.height, {255, 255, 255, 255});
  const double dx = unit() * 1.5 * pixels_per_mm + (w - c * w + s * h) / 2,
               dy = unit() * 1.5 * pixels_per_mm + (h - s * w - c * h) / 2;
  canvas.draw(in, {c * w, s * w, -s * h, c * h, dx, dy}, 255);
  const Picture turned = canvas.take();
  Picture out = turned;
  for (std::uint32_t y = 1; y + 1 < in.height; ++y)
    for (std::uint32_t x = 1; x + 1 < in.width; ++x) {
      double sums[3] = {0, 0, 0};
      for (std::uint32_t v = y - 1; v <= y + 1; ++v)
        for (std::uint32_t u = x - 1; u <= x + 1; ++u)
          for (std::size_t i = 0; i < 3; ++i)
            sums[i] += turned.rgba[(std::size_t{v} * in.width + u) * 4 + i];
      const double noise = (static_cast<double>(random.below(1401)) / 100 - 7);
      for (std::size_t i = 0; i < 3; ++i) {
        const double value = 18 + 224 * std::pow(sums[i] / 9 / 255, 1.1) + noise;
        out.rgba[(std::size_t{y} * in.width + x) * 4 + i] =
            static_cast<std::uint8_t>(std::fmax(0, std::fmin(255, value)));
      }
    }
  return out;
}

inline Frame frame_of(std::uint64_t seed) {
  Frame out;
  out.key = crypto::sm3(base::bytes_of("key " + std::to_string(seed)));
  out.pixels_per_mm = 150 / 25.4;
  return out;
}
inline Payload payload_for(std::uint64_t seed) {
  return payload_of(crypto::sm3(base::bytes_of("document " + std::to_string(seed))), "seal 1");
}

}  // namespace heqi::documents::watermark
