#include <heqi/documents/drawing/path.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heqi::documents::drawing {

Matrix Matrix::then(const Matrix& next) const {
  return {a * next.a + b * next.c,          a * next.b + b * next.d,
          c * next.a + d * next.c,          c * next.b + d * next.d,
          e * next.a + f * next.c + next.e, e * next.b + f * next.d + next.f};
}

Matrix moved(double x, double y) {
  return {1, 0, 0, 1, x, y};
}
Matrix scaled(double x, double y) {
  return {x, 0, 0, y, 0, 0};
}
Matrix turned(double radians) {
  const double c = std::cos(radians), s = std::sin(radians);
  return {c, s, -s, c, 0, 0};
}

Path& Path::move_to(Point to) {
  segments_.push_back({Segment::Kind::move, {to, {}, {}}});
  current_ = begin_ = to;
  return *this;
}

Path& Path::line_to(Point to) {
  segments_.push_back({Segment::Kind::line, {to, {}, {}}});
  current_ = to;
  return *this;
}

Path& Path::quadratic_to(Point control, Point to) {
  segments_.push_back({Segment::Kind::quadratic, {control, to, {}}});
  current_ = to;
  return *this;
}

Path& Path::cubic_to(Point first, Point second, Point to) {
  segments_.push_back({Segment::Kind::cubic, {first, second, to}});
  current_ = to;
  return *this;
}

Path& Path::close() {
  segments_.push_back({Segment::Kind::close, {}});
  current_ = begin_;
  return *this;
}

Path& Path::add(const Path& other) {
  segments_.insert(segments_.end(), other.segments_.begin(), other.segments_.end());
  current_ = other.current_, begin_ = other.begin_;
  return *this;
}

namespace {

// append_arc draws an arc of the unit circle from angle, by sweep, as cubic curves of at most 90°.
void append_arc(Path& path, const Matrix& to_plane, double angle, double sweep) {
  const int parts = std::max(1, static_cast<int>(std::ceil(std::abs(sweep) / 1.5707964)));
  const double step = sweep / parts, k = 4.0 / 3 * std::tan(step / 4);
  for (int i = 0; i < parts; ++i, angle += step) {
    const double c0 = std::cos(angle), s0 = std::sin(angle), c1 = std::cos(angle + step),
                 s1 = std::sin(angle + step);
    path.cubic_to(to_plane.map({c0 - k * s0, s0 + k * c0}),
                  to_plane.map({c1 + k * s1, s1 - k * c1}), to_plane.map({c1, s1}));
  }
}

}  // namespace

// After SVG 1.1 F.6.5: from end points to centre.
Path& Path::arc_to(const Arc& arc, Point to) {
  double rx = std::abs(arc.rx), ry = std::abs(arc.ry);
  const Point from = current_;
  if (rx == 0 || ry == 0 || (from.x == to.x && from.y == to.y)) return line_to(to);
  const double c = std::cos(arc.turn), s = std::sin(arc.turn);
  const double dx = (from.x - to.x) / 2, dy = (from.y - to.y) / 2;
  const double x = c * dx + s * dy, y = -s * dx + c * dy;
  const double reach = x * x / (rx * rx) + y * y / (ry * ry);
  if (reach > 1) rx *= std::sqrt(reach), ry *= std::sqrt(reach);
  const double below = rx * rx * y * y + ry * ry * x * x;
  const double root = std::sqrt(std::max(0.0, (rx * rx * ry * ry - below) / below)) *
                      (arc.large == arc.clockwise ? -1 : 1);
  const double cx = root * rx * y / ry, cy = -root * ry * x / rx;
  const Point centre{c * cx - s * cy + (from.x + to.x) / 2, s * cx + c * cy + (from.y + to.y) / 2};
  const double begin = std::atan2((y - cy) / ry, (x - cx) / rx);
  double sweep = std::atan2((-y - cy) / ry, (-x - cx) / rx) - begin;
  const double whole = 2 * std::numbers::pi;
  if (arc.clockwise && sweep < 0) sweep += whole;
  if (!arc.clockwise && sweep > 0) sweep -= whole;
  append_arc(*this, scaled(rx, ry).then(turned(arc.turn)).then(moved(centre.x, centre.y)), begin,
             sweep);
  current_ = to;
  return *this;
}

Path Path::mapped(const Matrix& by) const {
  Path out = *this;
  for (Segment& one : out.segments_)
    for (Point& point : one.points) point = by.map(point);
  out.current_ = by.map(current_), out.begin_ = by.map(begin_);
  return out;
}

Path::Bounds Path::bounds() const {
  Bounds out{{1e30, 1e30}, {-1e30, -1e30}};
  for (const Segment& one : segments_) {
    const std::size_t count = one.kind == Segment::Kind::close       ? 0
                              : one.kind == Segment::Kind::cubic     ? 3
                              : one.kind == Segment::Kind::quadratic ? 2
                                                                     : 1;
    for (std::size_t i = 0; i < count; ++i) {
      out.low.x = std::min(out.low.x, one.points[i].x);
      out.low.y = std::min(out.low.y, one.points[i].y);
      out.high.x = std::max(out.high.x, one.points[i].x);
      out.high.y = std::max(out.high.y, one.points[i].y);
    }
  }
  return out;
}

Path rectangle(double x, double y, double width, double height) {
  Path out;
  out.move_to({x, y}).line_to({x + width, y}).line_to({x + width, y + height});
  return out.line_to({x, y + height}).close();
}

Path ellipse(Point centre, double rx, double ry) {
  Path out;
  out.move_to({centre.x + rx, centre.y});
  append_arc(out, scaled(rx, ry).then(moved(centre.x, centre.y)), 0, 2 * std::numbers::pi);
  return out.close();
}

}  // namespace heqi::documents::drawing
