// Lines drawn along paths: dashes of our own, FreeType's stroker for the rest.
#include <cmath>

#include "outline.h"
#include FT_STROKER_H

namespace heqi::documents::drawing {

using base::Code;
using base::fail;

namespace {

constexpr double kPrecision = 1024;  // steps of the stroker's fixed point per unit, times 64

struct StrokerEnd {
  void operator()(FT_Stroker stroker) const { FT_Stroker_Done(stroker); }
};
using Stroker = std::unique_ptr<FT_StrokerRec_, StrokerEnd>;

struct Steps {
  std::vector<Point> points;
  bool closed = false;
};

Point cubic_at(Point a, const Point* p, double t) {
  const double u = 1 - t;
  const auto mix = [&](double v0, double v1, double v2, double v3) {
    return u * u * u * v0 + 3 * u * u * t * v1 + 3 * u * t * t * v2 + t * t * t * v3;
  };
  return {mix(a.x, p[0].x, p[1].x, p[2].x), mix(a.y, p[0].y, p[1].y, p[2].y)};
}
Point quadratic_at(Point a, const Point* p, double t) {
  const double u = 1 - t;
  return {u * u * a.x + 2 * u * t * p[0].x + t * t * p[1].x,
          u * u * a.y + 2 * u * t * p[0].y + t * t * p[1].y};
}

// straightened follows the curves of a path in short steps, since dashes have lengths.
std::vector<Steps> straightened(const Path& path) {
  constexpr int kSteps = 24;
  std::vector<Steps> out;
  Point at;
  for (const Segment& one : path.segments()) {
    if (one.kind == Segment::Kind::move) {
      out.push_back({{one.points[0]}});
      at = one.points[0];
      continue;
    }
    if (out.empty()) continue;
    std::vector<Point>& points = out.back().points;
    if (one.kind == Segment::Kind::close) {
      points.push_back(points.front());
      out.back().closed = true;
    } else if (one.kind == Segment::Kind::line) {
      points.push_back(one.points[0]);
    } else {
      for (int i = 1; i <= kSteps; ++i) {
        const double t = static_cast<double>(i) / kSteps;
        points.push_back(one.kind == Segment::Kind::cubic ? cubic_at(at, one.points, t)
                                                          : quadratic_at(at, one.points, t));
      }
    }
    at = points.back();
  }
  return out;
}

// Dasher cuts one run of steps into dashes.
class Dasher {
 public:
  Dasher(const Stroke& stroke, Path& out) : stroke_(stroke), out_(out) {
    left_ = stroke.dashes[0];
    for (double skip = std::fmax(0, stroke.dash_offset); skip > 0;) {
      const double step = std::fmin(skip, left_);
      skip -= step;
      pass(step);
    }
  }
  void run(const std::vector<Point>& points) {
    pen_down_ = false;
    for (std::size_t i = 0; i + 1 < points.size(); ++i) line(points[i], points[i + 1]);
  }

 private:
  void pass(double length) {
    left_ -= length;
    if (left_ > 1e-9) return;
    index_ = (index_ + 1) % stroke_.dashes.size();
    on_ = !on_;
    left_ = stroke_.dashes[index_];
    pen_down_ = false;
  }
  void line(Point from, Point to) {
    const double length = std::hypot(to.x - from.x, to.y - from.y);
    for (double done = 0; done < length - 1e-9 && drawn_ < kPathPointsMax;) {
      const double step = std::fmin(length - done, left_);
      const auto point = [&](double t) {
        return Point{from.x + (to.x - from.x) * t / length, from.y + (to.y - from.y) * t / length};
      };
      if (on_) {
        if (!pen_down_) out_.move_to(point(done));
        pen_down_ = true;
        out_.line_to(point(done + step));
        ++drawn_;
      }
      done += step;
      pass(step);
    }
  }

  const Stroke& stroke_;
  Path& out_;
  std::size_t index_ = 0, drawn_ = 0;
  double left_ = 0;
  bool on_ = true, pen_down_ = false;
};

bool can_dash(const Stroke& stroke) {
  double total = 0;
  for (const double one : stroke.dashes) {
    if (!(one >= 0)) return false;
    total += one;
  }
  return total > stroke.width / 100;
}

Path dashed(const Path& path, const Stroke& stroke) {
  Path out;
  for (const Steps& run : straightened(path)) Dasher(stroke, out).run(run.points);
  return out;
}

// stroke_run gives one run to the stroker.
bool stroke_run(FT_Stroker stroker, const Steps& run) {
  const auto vector = [](Point point) {
    return FT_Vector{static_cast<FT_Pos>(std::lround(point.x * kPrecision * 64)),
                     static_cast<FT_Pos>(std::lround(-point.y * kPrecision * 64))};
  };
  std::vector<FT_Vector> points;
  for (const Point one : run.points) {
    const FT_Vector next = vector(one);
    if (points.empty() || next.x != points.back().x || next.y != points.back().y)
      points.push_back(next);
  }
  const bool closed = run.closed && points.size() > 2;
  if (closed) points.pop_back();
  if (points.size() < 2) return true;
  if (FT_Stroker_BeginSubPath(stroker, points.data(), closed ? 0 : 1) != 0) return false;
  for (std::size_t i = 1; i < points.size(); ++i)
    if (FT_Stroker_LineTo(stroker, &points[i]) != 0) return false;
  return FT_Stroker_EndSubPath(stroker) == 0;
}

}  // namespace

base::Result<Path> stroked(const Path& path, const Stroke& stroke) {
  if (!(stroke.width > 0)) return Path();
  HEQI_TRY(const FT_Library library, library_of_thread());
  FT_Stroker raw = nullptr;
  if (FT_Stroker_New(library, &raw) != 0) return fail(Code::internal, "no stroker");
  const Stroker stroker(raw);
  constexpr FT_Stroker_LineCap caps[] = {FT_STROKER_LINECAP_BUTT, FT_STROKER_LINECAP_ROUND,
                                         FT_STROKER_LINECAP_SQUARE};
  constexpr FT_Stroker_LineJoin joins[] = {FT_STROKER_LINEJOIN_MITER_FIXED,
                                           FT_STROKER_LINEJOIN_ROUND, FT_STROKER_LINEJOIN_BEVEL};
  FT_Stroker_Set(
      stroker.get(), static_cast<FT_Fixed>(std::lround(stroke.width / 2 * kPrecision * 64)),
      caps[static_cast<std::size_t>(stroke.cap)], joins[static_cast<std::size_t>(stroke.join)],
      static_cast<FT_Fixed>(std::lround(std::fmax(1, stroke.miter_limit) * 65536)));
  const bool dashes = !stroke.dashes.empty() && can_dash(stroke);
  std::size_t count = 0;
  for (const Steps& run : straightened(dashes ? dashed(path, stroke) : path)) {
    count += run.points.size();
    if (count > kPathPointsMax) return fail(Code::limit_exceeded, "a line of too many points");
    if (!stroke_run(stroker.get(), run)) return fail(Code::internal, "the stroker gave up");
  }
  FT_UInt points = 0, contours = 0;
  if (FT_Stroker_GetCounts(stroker.get(), &points, &contours) != 0)
    return fail(Code::internal, "the stroker gave up");
  if (points > kPathPointsMax) return fail(Code::limit_exceeded, "a line of too many points");
  if (points == 0) return Path();
  Outline owned;
  owned.points.resize(points), owned.tags.resize(points), owned.ends.resize(contours);
  HEQI_TRY(FT_Outline outline, owned.view());
  outline.n_points = 0, outline.n_contours = 0;
  FT_Stroker_Export(stroker.get(), &outline);
  return path_of(outline, kPrecision);
}

}  // namespace heqi::documents::drawing
