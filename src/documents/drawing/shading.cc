#include <heqi/documents/drawing/shading.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace heqi::documents::drawing {

namespace {

constexpr Color kNothing{0, 0, 0, 0};

Color mixed(const Color& a, const Color& b, double share) {
  const auto channel = [&](std::uint8_t from, std::uint8_t to) {
    return static_cast<std::uint8_t>(std::lround(from + (to - from) * share));
  };
  return {channel(a.red, b.red), channel(a.green, b.green), channel(a.blue, b.blue),
          channel(a.alpha, b.alpha)};
}

Color between(const std::vector<ColorStop>& stops, double position) {
  if (stops.empty()) return kNothing;
  const auto next =
      std::upper_bound(stops.begin(), stops.end(), position,
                       [](double value, const ColorStop& stop) { return value < stop.position; });
  if (next == stops.begin()) return stops.front().color;
  if (next == stops.end()) return stops.back().color;
  const ColorStop& last = *(next - 1);
  const double width = next->position - last.position;
  return width <= 0 ? next->color
                    : mixed(last.color, next->color, (position - last.position) / width);
}

std::optional<Point> back(const Matrix& m, Point at) {
  const double determinant = m.determinant();
  if (!(std::abs(determinant) > 1e-12)) return std::nullopt;
  const double x = at.x - m.e, y = at.y - m.f;
  return Point{(m.d * x - m.c * y) / determinant, (m.a * y - m.b * x) / determinant};
}

bool paints(const Shading& shading, double position) {
  if (position < 0) return shading.before == Shading::Beyond::same_color;
  if (position > 1) return shading.after == Shading::Beyond::same_color;
  return true;
}

std::optional<double> along_line(const Shading& shading, Point at) {
  const double dx = shading.end.x - shading.begin.x, dy = shading.end.y - shading.begin.y;
  const double length = dx * dx + dy * dy;
  if (!(length > 0)) return std::nullopt;
  return ((at.x - shading.begin.x) * dx + (at.y - shading.begin.y) * dy) / length;
}

// among_circles is the last of the circles between begin and end on which the point lies: the root
// of |at - centre(t)| = radius(t).
std::optional<double> among_circles(const Shading& shading, Point at) {
  const double dx = shading.end.x - shading.begin.x, dy = shading.end.y - shading.begin.y,
               grows = shading.end_radius - shading.begin_radius, x = at.x - shading.begin.x,
               y = at.y - shading.begin.y;
  const double a = dx * dx + dy * dy - grows * grows,
               b = x * dx + y * dy + shading.begin_radius * grows,
               c = x * x + y * y - shading.begin_radius * shading.begin_radius;
  const auto counts = [&](double t) {
    return shading.begin_radius + t * grows >= 0 && paints(shading, t);
  };
  if (std::abs(a) < 1e-12) {
    if (b == 0) return std::nullopt;
    const double t = c / (2 * b);
    return counts(t) ? std::optional(t) : std::nullopt;
  }
  const double under = b * b - a * c;
  if (!(under >= 0)) return std::nullopt;
  const double one = (b + std::sqrt(under)) / a, other = (b - std::sqrt(under)) / a;
  for (const double t : {std::max(one, other), std::min(one, other)})
    if (counts(t)) return t;
  return std::nullopt;
}

}  // namespace

Color Shading::color_at(Point at) const {
  const auto own = back(place, at);
  if (!own) return kNothing;
  const auto position = kind == Kind::axial ? along_line(*this, *own) : among_circles(*this, *own);
  if (!position || !paints(*this, *position)) return kNothing;
  return between(stops, std::clamp(*position, 0.0, 1.0));
}

Shading Shading::mapped(const Matrix& by) const {
  Shading out = *this;
  out.place = place.then(by);
  return out;
}

std::vector<ColorStop> cycled(const std::vector<ColorStop>& stops, Cycle cycle, double unit) {
  if (cycle == Cycle::once || !(unit > 0) || unit >= 1 || stops.empty()) return stops;
  std::vector<ColorStop> out;
  for (std::size_t period = 0;; ++period) {
    const double from = static_cast<double>(period) * unit;
    const bool turned = cycle == Cycle::back_and_forth && period % 2 == 1;
    for (std::size_t i = 0; i < stops.size(); ++i) {
      const ColorStop& stop = turned ? stops[stops.size() - 1 - i] : stops[i];
      const double position = from + (turned ? 1 - stop.position : stop.position) * unit;
      if (position >= 1 || out.size() + 1 == kStopsMax) {
        const double share = (1 - from) / unit;
        out.push_back({1, between(stops, std::clamp(turned ? 1 - share : share, 0.0, 1.0))});
        return out;
      }
      out.push_back({position, stop.color});
    }
  }
}

}  // namespace heqi::documents::drawing
