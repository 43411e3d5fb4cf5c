// How much the pages of twins look alike in two renderers, by the structural similarity index.
#include <cmath>
#include <vector>

#include "twin_world.h"

namespace heqi::program {
namespace {

// Poppler moves each letter to whole pixels upwards and quarters sideways. Both pages are therefore
// drawn three times as fine as they are compared: what is compared is how they look at 150 dpi.
constexpr int kDpi = 450;
constexpr std::size_t kFiner = 3;

struct TwinPictures : public TwinWorld {
  double likeness(const std::string& one, const std::string& other, int page, int other_page);
};

using Plane = std::vector<double>;

// Grey is the brightness of the part that two pictures share.
struct Grey {
  std::size_t width, height;
  Plane values;
};
Grey grey_of(const Picture& picture, std::size_t width, std::size_t height) {
  Grey out{width, height, Plane(width * height)};
  for (std::size_t y = 0; y < height * kFiner; ++y)
    for (std::size_t x = 0; x < width * kFiner; ++x) {
      const std::uint8_t* p = &picture.rgba[(y * picture.width + x) * 4];
      out.values[y / kFiner * width + x / kFiner] +=
          (0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]) / (kFiner * kFiner);
    }
  return out;
}

// blurred weighs each value's neighbours with a Gaussian of 11 by 11, deviation 1.5; edges repeat.
Plane blurred(const Plane& in, std::size_t width, std::size_t height) {
  double weights[11], sum = 0;
  for (int i = 0; i < 11; ++i) sum += weights[i] = std::exp(-(i - 5) * (i - 5) / (2 * 1.5 * 1.5));
  const auto pass = [&](const Plane& from, std::size_t step, std::size_t size) {
    Plane out(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto at = static_cast<long>(i / step % size);
      for (long k = -5; k <= 5; ++k) {
        const long other = std::clamp(at + k, 0L, static_cast<long>(size) - 1);
        out[i] += weights[k + 5] / sum * from[i + static_cast<std::size_t>(other - at) * step];
      }
    }
    return out;
  };
  return pass(pass(in, 1, width), width, height);
}

// similarity is the mean SSIM (Wang, Bovik, Sheikh, Simoncelli, IEEE TIP 13(4), 2004, eq. 13), with
// the paper's window and constants K1 = 0.01, K2 = 0.03, L = 255.
double similarity(const Picture& one, const Picture& other) {
  const std::size_t width = std::min(one.width, other.width) / kFiner,
                    height = std::min(one.height, other.height) / kFiner;
  const Grey a = grey_of(one, width, height), b = grey_of(other, width, height);
  const auto product = [](const Plane& x, const Plane& y) {
    Plane out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * y[i];
    return out;
  };
  const Plane ma = blurred(a.values, width, height), mb = blurred(b.values, width, height),
              saa = blurred(product(a.values, a.values), width, height),
              sbb = blurred(product(b.values, b.values), width, height),
              sab = blurred(product(a.values, b.values), width, height);
  constexpr double c1 = 0.01 * 255 * 0.01 * 255, c2 = 0.03 * 255 * 0.03 * 255;
  double sum = 0;
  for (std::size_t i = 0; i < ma.size(); ++i) {
    const double va = saa[i] - ma[i] * ma[i], vb = sbb[i] - mb[i] * mb[i],
                 vab = sab[i] - ma[i] * mb[i];
    sum += (2 * ma[i] * mb[i] + c1) * (2 * vab + c2) /
           ((ma[i] * ma[i] + mb[i] * mb[i] + c1) * (va + vb + c2));
  }
  return sum / static_cast<double>(ma.size());
}

double TwinPictures::likeness(const std::string& one, const std::string& other, int page,
                              int other_page) {
  return similarity(rendered(one, page, kDpi), rendered(other, other_page, kDpi));
}

// shows-part: ECP-DOC-2 (PDF and OFD of one contract; a contract of our own template)
TEST_F(TwinPictures, AreAlikeOnEveryPage) {
  if (shell("pdftoppm -v") != 0) GTEST_SKIP() << "no pdftoppm: ./dev packages test installs it";
  ASSERT_EQ(twin(lease).code, 0);
  for (const int page : {1, 2, 3})
    EXPECT_GE(likeness(at("lease.ofd"), lease, page, page), 0.98) << page;
  EXPECT_LT(likeness(at("lease.ofd"), lease, 1, 2), 0.9);  // other pages are not alike
}

// shows-part: ECP-SEAL-4 (the seal's picture in our renderer and in poppler)
TEST_F(TwinPictures, AreAlikeWithASeal) {
  if (shell("pdftoppm -v") != 0) GTEST_SKIP() << "no pdftoppm: ./dev packages test installs it";
  ASSERT_EQ(twin(lease).code, 0);
  make_seal();
  const std::string box = "1:120.5,200.25,40,40";
  ASSERT_EQ(seal_at(lease, at("sealed.pdf"), box).code, 0);
  ASSERT_EQ(seal_at(at("lease.ofd"), at("sealed.ofd"), box).code, 0);
  const double alike = likeness(at("sealed.ofd"), at("sealed.pdf"), 1, 1);
  EXPECT_GE(alike, 0.98);
  EXPECT_LT(likeness(at("lease.ofd"), at("sealed.pdf"), 1, 1), alike);  // without the seal
}

}  // namespace
}  // namespace heqi::program
