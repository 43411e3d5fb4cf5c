// Text of a page as outlines of its letters (GB/T 33190-2016 §11).
#include <cmath>
#include <map>
#include <numbers>

#include "page_reader.h"

namespace heqi::documents::ofd_render {

using base::Code;
using base::fail;
using drawing::FillRule;
using drawing::Matrix;
using drawing::Path;
using ofd::XmlElement;

namespace {

constexpr std::size_t kLettersMax = 100'000;

// direction_of is a direction in quarters of a turn, clockwise.
int direction_of(const XmlElement& element, std::string_view name) {
  const double degrees = number_of(element, name, 0);
  return degrees == 90 ? 1 : degrees == 180 ? 2 : degrees == 270 ? 3 : 0;
}

drawing::Point step_of(int direction, double length) {
  constexpr int x[] = {1, 0, -1, 0}, y[] = {0, 1, 0, -1};
  return {x[direction] * length, y[direction] * length};
}

}  // namespace

base::Status PageReader::text(const XmlElement& element, const Inherited& own) {
  std::uint32_t first_letter = 0;
  for (const XmlElement& code : element.children("TextCode")) {
    HEQI_TRY(letters(element, code, own, first_letter));
  }
  return {};
}

namespace {

// Glyphs are the numbers that CGTransform gives for the letters of a text.
std::map<std::uint32_t, std::uint32_t> glyphs_of(const XmlElement& element) {
  std::map<std::uint32_t, std::uint32_t> out;
  for (const XmlElement& one : element.children("CGTransform")) {
    const double position = number_of(one, "CodePosition", 0);
    const auto numbers = ofd::parse_numbers(one.child_text("Glyphs").value_or(""), kLettersMax);
    if (!numbers || position < 0) continue;
    for (std::size_t i = 0; i < numbers->size(); ++i)
      if ((*numbers)[i] >= 0)
        out[static_cast<std::uint32_t>(position) + static_cast<std::uint32_t>(i)] =
            static_cast<std::uint32_t>((*numbers)[i]);
  }
  return out;
}

// fit_of narrows a Latin letter of a font that stands in for another, where it is wider than the
// place that the document gives it: Chinese fonts have them half as wide as they are high.
double fit_of(const drawing::Typeface& typeface, char32_t letter, double size, double place) {
  if (letter >= 0x80 || place <= 0 || size <= 0) return 1;
  const double own = typeface.advance(letter) * size;
  return own > place ? std::fmax(0.5, place / own) : 1;
}

}  // namespace

base::Status PageReader::letters(const XmlElement& element, const XmlElement& code,
                                 const Inherited& own, std::uint32_t& first_letter) {
  const std::string font = element.attribute("Font").value_or("");
  const drawing::Typeface* typeface = resources_.find_typeface(font, scene_.notes);
  const std::u32string text = drawing::characters_of(code.text());
  if (text.size() > kLettersMax) return fail(Code::limit_exceeded, "a text of too many letters");
  if (!typeface) return {};
  const double size = number_of(element, "Size", 3.5), wide = number_of(element, "HScale", 1);
  HEQI_TRY(const auto xs, ofd::expand_deltas(code.attribute("DeltaX").value_or(""), text.size()));
  HEQI_TRY(const auto ys, ofd::expand_deltas(code.attribute("DeltaY").value_or(""), text.size()));
  const bool embedded = resources_.is_embedded(font);
  const auto glyphs = embedded ? glyphs_of(element) : std::map<std::uint32_t, std::uint32_t>();
  const double slant = flag_of(element, "Italic", false) ? -0.25 : 0;
  const int reading = direction_of(element, "ReadDirection");
  const Matrix turn =
      drawing::turned(direction_of(element, "CharDirection") * std::numbers::pi / 2);
  double x = number_of(code, "X", 0), y = number_of(code, "Y", 0);
  Path whole;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto numbered = glyphs.find(first_letter + static_cast<std::uint32_t>(i));
    const Path* glyph = numbered != glyphs.end() ? typeface->glyph_number(numbered->second)
                                                 : typeface->glyph(text[i]);
    const double fit =
        fit_of(*typeface, text[i], size * wide, embedded || i >= xs.size() ? 0 : xs[i]);
    if (glyph)
      whole.add(
          glyph->mapped(Matrix{size * wide * fit, 0, slant * size, size, 0, 0}.then(turn).then(
              drawing::moved(x, y))));
    else if (text[i] > U' ')
      note("letters that no font has");
    const drawing::Point step =
        xs.empty() && ys.empty()
            ? step_of(reading, typeface->advance(text[i]) * size * wide)
            : drawing::Point{i < xs.size() ? xs[i] : 0, i < ys.size() ? ys[i] : 0};
    x += step.x, y += step.y;
  }
  first_letter += static_cast<std::uint32_t>(text.size());
  const Path placed = whole.mapped(own.place);
  if (flag_of(element, "Fill", true)) {
    HEQI_TRY(add_filled(placed, paint_of(element, "FillColor", own), FillRule::non_zero, own));
  }
  if (!flag_of(element, "Stroke", false)) return {};
  HEQI_TRY(const Path line, drawing::stroked(whole, {.width = line_width_of(element, own)}));
  return add_filled(line.mapped(own.place), paint_of(element, "StrokeColor", own),
                    FillRule::non_zero, own);
}

}  // namespace heqi::documents::ofd_render
