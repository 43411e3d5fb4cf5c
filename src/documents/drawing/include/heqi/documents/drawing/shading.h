// heqi/documents/drawing/shading.h: colours, and colours that change along a line or between two
// circles (GB/T 33190-2016 §8.3.4.2, §8.3.4.3).
#pragma once
#include <memory>
#include <vector>

#include <heqi/documents/drawing/path.h>

namespace heqi::documents::drawing {

inline constexpr std::size_t kStopsMax = 1'024;

struct Color {
  std::uint8_t red = 0, green = 0, blue = 0, alpha = 255;
};

// ColorStop is a colour at a place between the begin (0) and the end (1).
struct ColorStop {
  double position = 0;
  Color color;
};

// Shading goes from begin to end: across a line (axial) or from circle to circle (radial).
struct Shading {
  enum class Kind : std::uint8_t { axial, radial } kind = Kind::axial;
  // Beyond is what is painted before the begin or after the end.
  enum class Beyond : std::uint8_t { nothing, same_color };

  Point begin, end;
  double begin_radius = 0, end_radius = 0;  // of a radial one
  std::vector<ColorStop> stops;             // positions ascend from 0 to 1; at least one
  Beyond before = Beyond::nothing, after = Beyond::nothing;
  Matrix place;  // from the points above to where it is painted; ellipses are circles placed so

  // color_at is the colour at a point of where it is painted; alpha 0 where nothing is.
  Color color_at(Point at) const;
  Shading mapped(const Matrix& by) const;
};

// Cycle says how stops come again along the way.
enum class Cycle : std::uint8_t { once, again, back_and_forth };
// cycled repeats stops in periods of unit (a part of the whole way, above 0). At most kStopsMax
// stops come out: further periods are left out.
std::vector<ColorStop> cycled(const std::vector<ColorStop>& stops, Cycle cycle, double unit);

}  // namespace heqi::documents::drawing
