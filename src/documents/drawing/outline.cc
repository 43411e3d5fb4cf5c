#include "outline.h"

#include <cmath>

namespace heqi::documents::drawing {

using base::Code;
using base::fail;

base::Result<FT_Library> library_of_thread() {
  thread_local Library library = [] {
    FT_Library made = nullptr;
    return Library(FT_Init_FreeType(&made) == 0 ? made : nullptr);
  }();
  if (!library) return fail(Code::internal, "FreeType does not start");
  return library.get();
}

base::Result<FT_Outline> Outline::view() {
  if (points.size() > kPathPointsMax || ends.size() > kPathPointsMax)
    return fail(Code::limit_exceeded, "a path of more than " + std::to_string(kPathPointsMax));
  FT_Outline out{};
  out.n_points = static_cast<short>(points.size());
  out.n_contours = static_cast<short>(ends.size());
  out.points = points.data();
  out.tags = tags.data();
  out.contours = ends.data();
  return out;
}

namespace {

constexpr char kOn = 1, kConic = 0, kCubic = 2;
constexpr double kFixedMax = 200'000;  // pixels: FreeType refuses outlines that reach further

FT_Pos fixed(double value) {
  const double bounded =
      std::isfinite(value) ? std::fmax(-kFixedMax, std::fmin(kFixedMax, value)) : 0.0;
  return static_cast<FT_Pos>(std::lround(bounded * 64));
}

class Builder {
 public:
  explicit Builder(double scale) : scale_(scale) {}

  void put(Point point, char tag) {
    out_.points.push_back({fixed(point.x * scale_), fixed(-point.y * scale_)});
    out_.tags.push_back(tag);
  }
  void end() {
    const auto last = out_.points.size();
    const std::size_t begin =
        out_.ends.empty() ? 0 : static_cast<std::size_t>(out_.ends.back()) + 1;
    if (last > begin && last <= kPathPointsMax) out_.ends.push_back(static_cast<short>(last - 1));
  }
  Outline take() {
    end();
    return std::move(out_);
  }

 private:
  double scale_;
  Outline out_;
};

}  // namespace

Outline outline_of(const Path& path, double scale) {
  Builder builder(scale);
  Point begin;
  bool drawing = false;
  for (const Segment& one : path.segments()) {
    if (one.kind == Segment::Kind::move) {
      builder.end();
      begin = one.points[0];
      drawing = false;
      continue;
    }
    if (one.kind == Segment::Kind::close) {
      builder.end();
      drawing = false;
      continue;
    }
    if (!drawing) builder.put(begin, kOn);
    drawing = true;
    if (one.kind == Segment::Kind::line) {
      builder.put(one.points[0], kOn);
    } else if (one.kind == Segment::Kind::quadratic) {
      builder.put(one.points[0], kConic);
      builder.put(one.points[1], kOn);
    } else {
      builder.put(one.points[0], kCubic);
      builder.put(one.points[1], kCubic);
      builder.put(one.points[2], kOn);
    }
  }
  return builder.take();
}

namespace {

struct Target {
  Path path;
  double scale;
  bool open = false;

  Point point(const FT_Vector* at) const {
    return {static_cast<double>(at->x) / 64 / scale, -static_cast<double>(at->y) / 64 / scale};
  }
};

int move_to(const FT_Vector* to, void* user) {
  auto* target = static_cast<Target*>(user);
  if (target->open) target->path.close();
  target->path.move_to(target->point(to));
  target->open = true;
  return 0;
}
int line_to(const FT_Vector* to, void* user) {
  auto* target = static_cast<Target*>(user);
  target->path.line_to(target->point(to));
  return 0;
}
int conic_to(const FT_Vector* control, const FT_Vector* to, void* user) {
  auto* target = static_cast<Target*>(user);
  target->path.quadratic_to(target->point(control), target->point(to));
  return 0;
}
int cubic_to(const FT_Vector* first, const FT_Vector* second, const FT_Vector* to, void* user) {
  auto* target = static_cast<Target*>(user);
  target->path.cubic_to(target->point(first), target->point(second), target->point(to));
  return 0;
}

}  // namespace

base::Result<Path> path_of(const FT_Outline& outline, double scale) {
  Target target{{}, scale};
  FT_Outline copy = outline;
  static constexpr FT_Outline_Funcs functions{move_to, line_to, conic_to, cubic_to, 0, 0};
  if (FT_Outline_Decompose(&copy, &functions, &target) != 0)
    return fail(Code::malformed, "an outline that cannot be followed");
  if (target.open) target.path.close();
  return std::move(target.path);
}

}  // namespace heqi::documents::drawing
