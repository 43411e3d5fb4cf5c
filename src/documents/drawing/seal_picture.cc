#include <heqi/documents/drawing/seal_picture.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <heqi/crypto/sm3.h>

namespace heqi::documents::drawing {

using base::Code;
using base::fail;

namespace {

constexpr double kSideMin = 5, kSideMax = 100;
constexpr std::size_t kNameMax = 40, kSquareMax = 9, kCodeMax = 24;
constexpr double kPi = std::numbers::pi;

std::string hex_of(char32_t character) {
  char out[16];
  std::snprintf(out, sizeof out, "U+%04X", static_cast<unsigned>(character));
  return out;
}

// Drawing draws one seal in millimetres.
class Drawing {
 public:
  Drawing(const SealDesign& design, const Typeface& typeface)
      : design_(design),
        typeface_(typeface),
        centre_{design.width_mm / 2, design.height_mm / 2},
        to_pixels_(scaled(design.pixels_per_mm, design.pixels_per_mm)) {}

  base::Result<Path> draw() {
    if (design_.shape == SealShape::square) {
      HEQI_TRY(square());
    } else {
      HEQI_TRY(rounded());
    }
    return ink_.mapped(to_pixels_);
  }

 private:
  // put draws one character into the box of width by height around the origin, moved by then.
  base::Status put(char32_t character, double width, double height, const Matrix& place) {
    if (character == U' ' || character == U'\u3000') return {};
    const Path* glyph = typeface_.glyph(character);
    if (!glyph) return fail(Code::unsupported, "the font has no glyph for " + hex_of(character));
    const double advance = std::fmax(0.2, typeface_.advance(character));
    // An em square's ink stands between -0.12 and 0.88 above the base line.
    const Matrix fit = moved(-advance / 2, 0.38).then(scaled(width / advance, height)).then(place);
    ink_.add(glyph->mapped(fit));
    return {};
  }

  // ring is the border: the outside and, wound the other way, the inside.
  base::Status ring(double rx, double ry, double width) {
    HEQI_TRY(const Path line,
             stroked(ellipse(centre_, rx - width / 2, ry - width / 2), {.width = width}));
    ink_.add(line);
    return {};
  }

  void star(Point centre, double radius) {
    Path out;
    for (int i = 0; i < 10; ++i) {
      // The inner corners of a regular star stand at 0.382 of its radius.
      const double reach = i % 2 == 0 ? radius : radius * 0.381966, angle = i * kPi / 5 - kPi / 2;
      const Point point{centre.x + reach * std::cos(angle), centre.y + reach * std::sin(angle)};
      i == 0 ? out.move_to(point) : out.line_to(point);
    }
    ink_.add(out.close());
  }

  // on_arc sets a text along an ellipse, its middle at the top (or, upside down, at the bottom).
  struct Arc {
    double rx, ry;         // of the middle of the characters
    double height, width;  // of a character, at most
    double sweep_max;      // radians
    bool bottom = false;
  };
  base::Status on_arc(const std::u32string& text, const Arc& arc) {
    const std::vector<double> places = spaced(arc, text.size());
    const double step = text.size() > 1 ? length(arc, places[0], places[1]) : arc.width;
    const double width = std::fmin(arc.width, step * 0.92);
    for (std::size_t i = 0; i < text.size(); ++i) {
      const double angle = places[i];
      const Point at{centre_.x + arc.rx * std::cos(angle), centre_.y + arc.ry * std::sin(angle)};
      // The way across the character is along the tangent of the ellipse.
      double turn = std::atan2(arc.ry * std::cos(angle), -arc.rx * std::sin(angle));
      if (arc.bottom) turn += kPi;
      HEQI_TRY(put(text[i], width, arc.height, turned(turn).then(moved(at.x, at.y))));
    }
    return {};
  }

  static double length(const Arc& arc, double from, double to) {
    constexpr int kSteps = 16;
    double out = 0;
    for (int i = 0; i < kSteps; ++i) {
      const double angle = from + (to - from) * (i + 0.5) / kSteps;
      out += std::hypot(arc.rx * std::sin(angle), arc.ry * std::cos(angle)) * std::abs(to - from) /
             kSteps;
    }
    return out;
  }

  // spaced gives the angles of count characters at equal distances along the arc.
  static std::vector<double> spaced(const Arc& arc, std::size_t count) {
    const double middle = arc.bottom ? kPi / 2 : -kPi / 2, sign = arc.bottom ? -1 : 1;
    const double whole = length(arc, middle - arc.sweep_max / 2, middle + arc.sweep_max / 2);
    const double gaps = static_cast<double>(count) - 1;
    const double step = gaps > 0 ? std::fmin(whole / gaps, arc.width * 1.25) : 0;
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) {
      const double wanted = (static_cast<double>(i) - gaps / 2) * step;
      double low = -arc.sweep_max / 2, high = arc.sweep_max / 2;
      for (int k = 0; k < 40; ++k) {
        const double half = (low + high) / 2;
        const double reached = length(arc, middle, middle + half) * (half < 0 ? -1 : 1);
        (reached < wanted ? low : high) = half;
      }
      out.push_back(middle + sign * (low + high) / 2);
    }
    return out;
  }

  base::Status line(const std::u32string& text, double y, double width_max, double height) {
    if (text.empty()) return {};
    const double step = std::fmin(height * 1.05, width_max / static_cast<double>(text.size()));
    const double begin = centre_.x - step * (static_cast<double>(text.size()) - 1) / 2;
    for (std::size_t i = 0; i < text.size(); ++i) {
      HEQI_TRY(put(text[i], step * 0.95, height, moved(begin + step * static_cast<double>(i), y)));
    }
    return {};
  }

  base::Status rounded() {
    const double rx = design_.width_mm / 2, ry = design_.height_mm / 2;
    const std::u32string name = characters_of(design_.name),
                         caption = characters_of(design_.caption),
                         code = characters_of(design_.code);
    HEQI_TRY(ring(rx, ry, design_.border_mm));
    const double side = std::fmin(rx, ry), height = side * 0.27,
                 inset = design_.border_mm + side * 0.05;
    const double sweep = code.empty() ? 4.4 : 3.9;
    HEQI_TRY(on_arc(
        name, {rx - inset - height / 2, ry - inset - height / 2, height, height * 0.8, sweep}));
    if (!code.empty()) {
      const double small = side * 0.1;
      HEQI_TRY(on_arc(
          code, {rx - inset - small / 2, ry - inset - small / 2, small, small * 0.7, 1.7, true}));
    }
    if (design_.shape == SealShape::round) {
      star(centre_, side * 0.33);
      return line(caption, centre_.y + ry * 0.55, rx * 1.05, side * 0.2);
    }
    return line(caption, centre_.y + ry * 0.2, rx * 1.2, side * 0.27);
  }

  // square sets the characters in columns from the right, each from top to bottom.
  base::Status square() {
    const double w = design_.width_mm, h = design_.height_mm, border = design_.border_mm;
    HEQI_TRY(const Path frame, stroked(rectangle(border / 2, border / 2, w - border, h - border),
                                       {.width = border, .join = Stroke::Join::round}));
    ink_.add(frame);
    std::u32string name = characters_of(design_.name);
    if (name.size() > kSquareMax)
      return fail(Code::malformed, "a square seal has at most nine characters");
    const std::u32string seal = U"印";
    if (name.size() == 3) name += seal;  // 张三丰印
    if (name.size() == 2 && design_.caption.empty()) name += U"之印";
    name += characters_of(design_.caption);
    const auto count = name.size();
    const std::size_t rows = count <= 1   ? 1
                             : count <= 4 ? 2
                                          : 3,
                      columns = (count + rows - 1) / rows;
    const double inset = border * 1.6, cell_w = (w - 2 * inset) / static_cast<double>(columns),
                 cell_h = (h - 2 * inset) / static_cast<double>(rows);
    for (std::size_t i = 0; i < count; ++i) {
      const auto column = static_cast<double>(i / rows), row = static_cast<double>(i % rows);
      HEQI_TRY(put(name[i], cell_w * 0.94, cell_h * 0.94,
                   moved(w - inset - (column + 0.5) * cell_w, inset + (row + 0.5) * cell_h)));
    }
    return {};
  }

  const SealDesign& design_;
  const Typeface& typeface_;
  Point centre_;
  Matrix to_pixels_;
  Path ink_;
};

base::Status check(const SealDesign& design) {
  const auto fits = [](double mm) { return mm >= kSideMin && mm <= kSideMax; };
  if (!fits(design.width_mm) || !fits(design.height_mm))
    return fail(Code::malformed, "a seal is 5 to 100 mm wide");
  const double side = std::fmin(design.width_mm, design.height_mm);
  if (!(design.border_mm > 0) || design.border_mm > side / 8)
    return fail(Code::malformed, "the border is too wide, or none");
  if (!(design.wear >= 0) || design.wear > 1) return fail(Code::malformed, "wear is 0 to 1");
  if (!(design.pixels_per_mm >= 1) || design.pixels_per_mm > 100)
    return fail(Code::malformed, "1 to 100 pixels to the millimetre");
  const std::size_t size = characters_of(design.name).size();
  if (size == 0 || size > kNameMax) return fail(Code::malformed, "a name of 1 to 40 characters");
  if (characters_of(design.caption).size() > kNameMax || design.code.size() > kCodeMax)
    return fail(Code::malformed, "caption or code too long");
  return {};
}

// Grain is smooth noise, fixed by the design: the same seal wears the same way each time.
class Grain {
 public:
  explicit Grain(const SealDesign& design)
      : seed_(crypto::sm3(base::bytes_of(design.name + "\n" + design.caption + design.code))) {}

  // at is between 0 and 1; size is that of its patches in pixels.
  double at(double x, double y, double size) const {
    const double gx = x / size, gy = y / size, fx = gx - std::floor(gx), fy = gy - std::floor(gy);
    const auto ix = static_cast<std::uint32_t>(gx), iy = static_cast<std::uint32_t>(gy);
    const double top = knot(ix, iy) * (1 - fx) + knot(ix + 1, iy) * fx,
                 bottom = knot(ix, iy + 1) * (1 - fx) + knot(ix + 1, iy + 1) * fx;
    return top * (1 - fy) + bottom * fy;
  }

 private:
  double knot(std::uint32_t x, std::uint32_t y) const {
    std::uint32_t mix = x * 0x9E3779B1U ^ y * 0x85EBCA77U;
    for (int i = 0; i < 2; ++i) {
      mix ^= std::uint32_t{seed_[(x + 7 * y + static_cast<std::uint32_t>(i)) % seed_.size()]} << 11;
      mix = (mix ^ mix >> 15) * 0x2C1B3C6DU;
    }
    return (mix >> 8 & 0xFFFF) / 65535.0;
  }
  crypto::Digest seed_;
};

void wear_off(Picture& picture, const SealDesign& design) {
  const Grain grain(design);
  const double fine = design.pixels_per_mm * 0.15, coarse = design.pixels_per_mm * 2.5;
  for (std::uint32_t y = 0; y < picture.height; ++y)
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      std::uint8_t& alpha = picture.rgba[(std::size_t{y} * picture.width + x) * 4 + 3];
      const double ink = grain.at(x, y, fine) * 0.6 + grain.at(x, y, coarse) * 0.4;
      const double left = std::clamp((ink - design.wear * 0.5) * 8 + 0.5, 0.0, 1.0);
      alpha = static_cast<std::uint8_t>(alpha * left);
    }
}

}  // namespace

base::Result<Picture> draw_seal(const SealDesign& design, const Typeface& typeface) {
  HEQI_TRY(check(design));
  const auto pixels = [&](double mm) {
    return static_cast<std::uint32_t>(std::lround(mm * design.pixels_per_mm));
  };
  const Color ground{design.color.red, design.color.green, design.color.blue, 0};
  HEQI_TRY(Canvas canvas, Canvas::make(pixels(design.width_mm), pixels(design.height_mm), ground));
  HEQI_TRY(const Path ink, Drawing(design, typeface).draw());
  HEQI_TRY(canvas.fill(ink, design.color, FillRule::non_zero));
  Picture out = canvas.take();
  if (design.wear > 0) wear_off(out, design);
  return out;
}

Picture with_clear_ground(Picture picture) {
  for (std::size_t i = 0; i + 3 < picture.rgba.size(); i += 4) {
    const auto [low, high] =
        std::minmax({picture.rgba[i], picture.rgba[i + 1], picture.rgba[i + 2]});
    // Ink is dark or coloured: whiteness is what all three channels share, less any colour.
    const int ink = std::clamp((255 - low) * 2 + (high - low) - 60, 0, 255);
    picture.rgba[i + 3] = static_cast<std::uint8_t>(picture.rgba[i + 3] * ink / 255);
  }
  return picture;
}

}  // namespace heqi::documents::drawing
