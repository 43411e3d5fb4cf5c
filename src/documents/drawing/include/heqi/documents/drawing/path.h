// heqi/documents/drawing/path.h: outlines in the plane, y downwards.
#pragma once
#include <heqi/base/result.h>
#include <vector>

namespace heqi::documents::drawing {

struct Point {
  double x = 0, y = 0;
};

// Matrix maps (x, y) to (a·x + c·y + e, b·x + d·y + f), as OFD's CTM does.
struct Matrix {
  double a = 1, b = 0, c = 0, d = 1, e = 0, f = 0;

  Point map(Point p) const { return {a * p.x + c * p.y + e, b * p.x + d * p.y + f}; }
  // then applies this first and next afterwards.
  Matrix then(const Matrix& next) const;
  double determinant() const { return a * d - b * c; }
};
Matrix moved(double x, double y);
Matrix scaled(double x, double y);
Matrix turned(double radians);  // clockwise as seen, since y points down

// Segment is a step of a path; cubic curves use all points, quadratic ones two, lines one.
struct Segment {
  enum class Kind : std::uint8_t { move, line, quadratic, cubic, close } kind = Kind::move;
  Point points[3];
};

class Path {
 public:
  Path& move_to(Point to);
  Path& line_to(Point to);
  Path& quadratic_to(Point control, Point to);
  Path& cubic_to(Point first, Point second, Point to);
  Path& close();
  Path& add(const Path& other);
  // arc_to is the elliptical arc of SVG and OFD: radii, turn of the ellipse in radians, and which
  // of the four arcs.
  struct Arc {
    double rx = 0, ry = 0, turn = 0;
    bool large = false, clockwise = false;
  };
  Path& arc_to(const Arc& arc, Point to);

  Path mapped(const Matrix& by) const;
  bool empty() const { return segments_.empty(); }
  const std::vector<Segment>& segments() const { return segments_; }
  Point current() const { return current_; }
  // bounds of all points, control points included; false where there are none.
  struct Bounds {
    Point low, high;
  };
  Bounds bounds() const;

 private:
  std::vector<Segment> segments_;
  Point current_, begin_;
};

Path rectangle(double x, double y, double width, double height);
Path ellipse(Point centre, double rx, double ry);

struct Stroke {
  double width = 1;
  enum class Cap : std::uint8_t { butt, round, square } cap = Cap::butt;
  enum class Join : std::uint8_t { miter, round, bevel } join = Join::miter;
  double miter_limit = 10;
  std::vector<double> dashes = {};  // lengths on and off; empty: solid
  double dash_offset = 0;
};
// stroked is the outline of a line drawn along path; fill it by the non-zero rule. Fails with
// limit_exceeded for paths beyond kPathPointsMax.
base::Result<Path> stroked(const Path& path, const Stroke& stroke);
inline constexpr std::size_t kPathPointsMax = 30'000;

}  // namespace heqi::documents::drawing
