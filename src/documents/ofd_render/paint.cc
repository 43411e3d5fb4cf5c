#include "paint.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heqi::documents::ofd_render {

using drawing::Color;
using drawing::ColorStop;
using drawing::Matrix;
using drawing::Point;
using drawing::Shading;
using ofd::XmlElement;

double number_of(const XmlElement& element, std::string_view name, double otherwise) {
  const auto text = element.attribute(name);
  if (!text) return otherwise;
  const auto numbers = ofd::parse_numbers(*text, 1);
  return numbers && numbers->size() == 1 ? (*numbers)[0] : otherwise;
}

bool flag_of(const XmlElement& element, std::string_view name, bool otherwise) {
  const auto text = element.attribute(name);
  return text ? *text == "true" || *text == "1" : otherwise;
}

std::uint8_t octet_of(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

namespace {

// color_of_numbers takes one number for grey, three for RGB, four for CMYK.
std::optional<Color> color_of_numbers(const std::vector<double>& n) {
  if (n.size() == 1) return Color{octet_of(n[0]), octet_of(n[0]), octet_of(n[0]), 255};
  if (n.size() == 3) return Color{octet_of(n[0]), octet_of(n[1]), octet_of(n[2]), 255};
  if (n.size() != 4) return std::nullopt;
  const auto mixed = [&](double ink) { return octet_of((255 - ink) * (255 - n[3]) / 255); };
  return Color{mixed(n[0]), mixed(n[1]), mixed(n[2]), 255};
}

std::optional<Color> read_color(const XmlElement& element) {
  const auto value = element.attribute("Value");
  if (!value) return std::nullopt;
  const auto numbers = ofd::parse_numbers(*value, 4);
  auto color = numbers ? color_of_numbers(*numbers) : std::nullopt;
  if (color) color->alpha = octet_of(number_of(element, "Alpha", 255));
  return color;
}

// read_stops: a segment without a position lies evenly between its neighbours that have one.
std::vector<ColorStop> read_stops(const XmlElement& shading) {
  std::vector<ColorStop> out;
  std::vector<bool> stated;
  for (const XmlElement& segment : shading.children("Segment")) {
    const auto color = segment.child("Color");
    const auto read = color ? read_color(*color) : std::nullopt;
    if (!read || out.size() == drawing::kStopsMax) return {};
    const double position = number_of(segment, "Position", -1);
    stated.push_back(position >= 0);
    out.push_back({std::min(position, 1.0), *read});
  }
  if (out.empty()) return out;
  if (!stated.front()) out.front().position = 0, stated.front() = true;
  if (!stated.back()) out.back().position = 1, stated.back() = true;
  for (std::size_t i = 1, last = 0; i < out.size(); ++i) {
    if (!stated[i]) continue;
    const double from = out[last].position, to = std::max(from, out[i].position);
    for (std::size_t j = last + 1; j <= i; ++j)
      out[j].position =
          from + (to - from) * static_cast<double>(j - last) / static_cast<double>(i - last);
    last = i;
  }
  return out;
}

std::optional<Point> point_of(const XmlElement& element, std::string_view name) {
  const auto numbers = ofd::parse_numbers(element.attribute(name).value_or(""), 2);
  if (!numbers || numbers->size() != 2) return std::nullopt;
  return Point{(*numbers)[0], (*numbers)[1]};
}

void read_extend(const XmlElement& element, Shading& out) {
  const double extend = number_of(element, "Extend", 0);
  if (extend == 1 || extend == 3) out.before = Shading::Beyond::same_color;
  if (extend == 2 || extend == 3) out.after = Shading::Beyond::same_color;
}

// read_cycle: MapUnit is a length along the way from begin to end.
void read_cycle(const XmlElement& element, double way, Shading& out) {
  const std::string type = element.attribute("MapType").value_or("Direct");
  const double unit = number_of(element, "MapUnit", way);
  if (!(way > 0) || !(unit > 0)) return;
  if (type == "Repeat") out.stops = cycled(out.stops, drawing::Cycle::again, unit / way);
  if (type == "Reflect") out.stops = cycled(out.stops, drawing::Cycle::back_and_forth, unit / way);
}

// flattened leads from circles to ellipses about begin: the longer half is as long as the radius
// and turned by Angle degrees.
Matrix flattened(const XmlElement& element, Point about) {
  const double eccentricity = std::clamp(number_of(element, "Eccentricity", 0), 0.0, 0.999);
  const double turn = number_of(element, "Angle", 0) * std::numbers::pi / 180;
  return drawing::moved(-about.x, -about.y)
      .then(drawing::turned(-turn))
      .then(drawing::scaled(1, std::sqrt(1 - eccentricity * eccentricity)))
      .then(drawing::turned(turn))
      .then(drawing::moved(about.x, about.y));
}

Point unmapped(const Matrix& m, Point at) {
  const double determinant = m.determinant(), x = at.x - m.e, y = at.y - m.f;
  return {(m.d * x - m.c * y) / determinant, (m.a * y - m.b * x) / determinant};
}

std::shared_ptr<const Shading> read_shading(const XmlElement& element, Shading::Kind kind,
                                            const Matrix& place) {
  const auto begin = point_of(element, "StartPoint"), end = point_of(element, "EndPoint");
  Shading out;
  out.kind = kind;
  out.stops = read_stops(element);
  if (!begin || !end || out.stops.empty()) return nullptr;
  out.begin = *begin, out.end = *end;
  double way = std::hypot(end->x - begin->x, end->y - begin->y);
  out.place = place;
  if (kind == Shading::Kind::radial) {
    out.begin_radius = std::max(0.0, number_of(element, "StartRadius", 0));
    out.end_radius = std::max(0.0, number_of(element, "EndRadius", 0));
    way = std::max(way, std::abs(out.end_radius - out.begin_radius));
    const Matrix ellipse = flattened(element, *begin);
    out.end = unmapped(ellipse, *end);
    out.place = ellipse.then(place);
  }
  read_extend(element, out);
  read_cycle(element, way, out);
  return std::make_shared<const Shading>(std::move(out));
}

}  // namespace

std::optional<Paint> read_paint(const XmlElement& element, const Matrix& place) {
  if (const auto color = read_color(element)) return Paint{*color, nullptr};
  const auto axial = element.child("AxialShd");
  const auto radial = axial ? std::nullopt : element.child("RadialShd");
  if (!axial && !radial) return element.children().empty() ? std::optional(Paint()) : std::nullopt;
  auto shading = read_shading(axial ? *axial : *radial,
                              axial ? Shading::Kind::axial : Shading::Kind::radial, place);
  if (!shading) return std::nullopt;
  return faded(Paint{{}, std::move(shading)}, number_of(element, "Alpha", 255));
}

Paint faded(Paint paint, double alpha) {
  const auto less = [&](Color& color) { color.alpha = octet_of(color.alpha * alpha / 255); };
  less(paint.color);
  if (!paint.shading || alpha >= 255) return paint;
  Shading copy = *paint.shading;
  for (ColorStop& stop : copy.stops) less(stop.color);
  paint.shading = std::make_shared<const Shading>(std::move(copy));
  return paint;
}

}  // namespace heqi::documents::ofd_render
