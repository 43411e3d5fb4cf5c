// Path data in the abbreviated form of OFD.
#include <charconv>
#include <cmath>
#include <numbers>

#include "page_reader.h"

namespace heqi::documents::ofd_render {

using base::Code;
using base::fail;
using drawing::Path;
using drawing::Point;

namespace {

class DataReader {
 public:
  explicit DataReader(std::string_view data) : data_(data) {}

  base::Result<Path> read() {
    for (;;) {
      skip();
      if (at_ == data_.size()) return std::move(path_);
      const char what = data_[at_++];
      HEQI_TRY(step(what));
    }
  }

 private:
  void skip() {
    while (at_ < data_.size() && (data_[at_] <= ' ' || data_[at_] == ',')) ++at_;
  }

  base::Result<double> number() {
    skip();
    double value = 0;
    if (at_ < data_.size() && data_[at_] == '+') ++at_;
    const char* end = data_.data() + data_.size();
    const auto read = std::from_chars(data_.data() + at_, end, value);
    if (read.ec != std::errc() || !std::isfinite(value) || std::abs(value) > 1e6)
      return fail(Code::malformed, "path data: no number at " + std::to_string(at_));
    at_ = static_cast<std::size_t>(read.ptr - data_.data());
    return value;
  }
  base::Result<Point> point() {
    HEQI_TRY(const double x, number());
    HEQI_TRY(const double y, number());
    return Point{x, y};
  }

  base::Status arc() {
    HEQI_TRY(const Point radii, point());
    HEQI_TRY(const double degrees, number());
    HEQI_TRY(const double large, number());
    HEQI_TRY(const double sweep, number());
    HEQI_TRY(const Point to, point());
    path_.arc_to({radii.x, radii.y, degrees * std::numbers::pi / 180, large != 0, sweep != 0}, to);
    return {};
  }

  base::Status step(char what) {
    if (path_.segments().size() > drawing::kPathPointsMax)
      return fail(Code::limit_exceeded, "path data of too many steps");
    if (what == 'C') {
      path_.close();
      return {};
    }
    if (what == 'A') return arc();
    HEQI_TRY(const Point first, point());
    if (what == 'M' || what == 'S') {
      path_.move_to(first);
    } else if (what == 'L') {
      path_.line_to(first);
    } else if (what == 'Q') {
      HEQI_TRY(const Point to, point());
      path_.quadratic_to(first, to);
    } else if (what == 'B') {
      HEQI_TRY(const Point second, point());
      HEQI_TRY(const Point to, point());
      path_.cubic_to(first, second, to);
    } else {
      return fail(Code::malformed, std::string("path data: no operation ") + what);
    }
    return {};
  }

  std::string_view data_;
  std::size_t at_ = 0;
  Path path_;
};

}  // namespace

base::Result<Path> parse_abbreviated(std::string_view data) {
  return DataReader(data).read();
}

}  // namespace heqi::documents::ofd_render
