#include "page_reader.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <heqi/base/text.h>

namespace heqi::documents::ofd_render {

using base::Code;
using base::fail;
using drawing::Color;
using drawing::FillRule;
using drawing::Matrix;
using drawing::Path;
using ofd::XmlElement;

namespace {

constexpr double kLineWidth = 0.353;  // millimetres, the standard's
constexpr std::size_t kLettersMax = 100'000;
constexpr std::size_t kParametersMax = 8;  // one relative to another

double number_of(const XmlElement& element, std::string_view name, double otherwise) {
  const auto text = element.attribute(name);
  const auto numbers = text ? ofd::parse_numbers(*text, 1)
                            : base::Result<std::vector<double>>(fail(Code::not_found));
  return numbers && numbers->size() == 1 ? (*numbers)[0] : otherwise;
}

bool flag_of(const XmlElement& element, std::string_view name, bool otherwise) {
  const auto text = element.attribute(name);
  return text ? *text == "true" || *text == "1" : otherwise;
}

std::optional<Matrix> matrix_of(const XmlElement& element) {
  const auto text = element.attribute("CTM");
  if (!text) return std::nullopt;
  const auto numbers = ofd::parse_numbers(*text, 6);
  if (!numbers || numbers->size() != 6) return std::nullopt;
  const std::vector<double>& n = *numbers;
  return Matrix{n[0], n[1], n[2], n[3], n[4], n[5]};
}

std::uint8_t octet(double value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

// color_of_numbers takes one number for grey, three for RGB, four for CMYK.
std::optional<Color> color_of_numbers(const std::vector<double>& n) {
  if (n.size() == 1) return Color{octet(n[0]), octet(n[0]), octet(n[0]), 255};
  if (n.size() == 3) return Color{octet(n[0]), octet(n[1]), octet(n[2]), 255};
  if (n.size() != 4) return std::nullopt;
  const auto mixed = [&](double ink) { return octet((255 - ink) * (255 - n[3]) / 255); };
  return Color{mixed(n[0]), mixed(n[1]), mixed(n[2]), 255};
}

std::optional<Color> read_color(const XmlElement& element) {
  const auto value = element.attribute("Value");
  if (!value) return std::nullopt;
  const auto numbers = ofd::parse_numbers(*value, 4);
  auto color = numbers ? color_of_numbers(*numbers) : std::nullopt;
  if (color) color->alpha = octet(number_of(element, "Alpha", 255));
  return color;
}

}  // namespace

base::Status PageReader::add(Item item) {
  if (scene_.items.size() == kItemsMax)
    return fail(Code::limit_exceeded,
                "a page of more than " + std::to_string(kItemsMax) + " items");
  scene_.items.push_back(std::move(item));
  return {};
}

Color PageReader::color_of(const XmlElement& element, std::string_view name, const Inherited& own) {
  std::optional<XmlElement> found = element.child(name);
  std::string id = element.attribute("DrawParam").value_or(own.parameters);
  for (std::size_t i = 0; !found && !id.empty() && i < kParametersMax; ++i) {
    const DrawParameters* parameters = resources_.find_parameters(id);
    if (!parameters) break;
    found = name == "FillColor" ? parameters->fill : parameters->stroke;
    id = parameters->relative;
  }
  Color out{0, 0, 0, 255};
  if (found) {
    if (const auto color = read_color(*found))
      out = *color;
    else if (!found->children().empty())
      note("patterns and shadings are drawn black");
  }
  out.alpha = octet(out.alpha * number_of(element, "Alpha", 255) / 255);
  return out;
}

double PageReader::line_width_of(const XmlElement& element, const Inherited& own) const {
  std::string id = element.attribute("DrawParam").value_or(own.parameters);
  double otherwise = kLineWidth;
  for (std::size_t i = 0; !id.empty() && i < kParametersMax; ++i) {
    const DrawParameters* parameters = resources_.find_parameters(id);
    if (!parameters) break;
    if (parameters->line_width) {
      otherwise = *parameters->line_width;
      break;
    }
    id = parameters->relative;
  }
  return number_of(element, "LineWidth", otherwise);
}

base::Status PageReader::objects(const XmlElement& parent, const Inherited& inherited,
                                 std::size_t nesting) {
  if (nesting > kNestingMax) return fail(Code::limit_exceeded, "blocks nested too deep");
  for (const XmlElement& one : parent.children()) {
    HEQI_TRY(object(one, inherited, nesting));
  }
  return {};
}

base::Status PageReader::object(const XmlElement& element, const Inherited& inherited,
                                std::size_t nesting) {
  const std::string_view name = element.name();
  if (name == "PageBlock") return objects(element, inherited, nesting + 1);
  const bool drawn = name == "TextObject" || name == "PathObject" || name == "ImageObject";
  if (name == "CompositeObject") note("composite graphics are not drawn");
  if (!drawn || !flag_of(element, "Visible", true)) return {};
  const auto boundary = element.attribute("Boundary");
  const auto numbers = boundary ? ofd::parse_numbers(*boundary, 4)
                                : base::Result<std::vector<double>>(fail(Code::not_found));
  if (!numbers || numbers->size() != 4) {
    note("an object without its boundary is not drawn");
    return {};
  }
  Inherited own = inherited;
  own.place = matrix_of(element)
                  .value_or(Matrix())
                  .then(drawing::moved((*numbers)[0], (*numbers)[1]))
                  .then(inherited.place);
  own.clip = clips(element, own);
  if (name == "TextObject") return text(element, own);
  if (name == "PathObject") return path(element, own);
  return image(element, own);
}

// clips: each Clip is the union of its areas; all of them count.
std::shared_ptr<const Clip> PageReader::clips(const XmlElement& element, const Inherited& own) {
  std::shared_ptr<const Clip> out = own.clip;
  const auto all = element.child("Clips");
  if (!all) return out;
  for (const XmlElement& one : all->children("Clip")) {
    Path whole;
    for (const XmlElement& area : one.children("Area")) {
      const auto shape = area.child("Path");
      const auto data = shape ? shape->child_text("AbbreviatedData") : std::nullopt;
      const auto path = data ? parse_abbreviated(*data) : base::Result<Path>(fail(Code::not_found));
      if (!path) {
        note("a clip that is no path does not clip");
        return out;
      }
      const auto boundary = ofd::parse_numbers(shape->attribute("Boundary").value_or("0 0 0 0"), 4);
      Matrix place = matrix_of(area).value_or(Matrix());
      if (boundary && boundary->size() == 4)
        place = drawing::moved((*boundary)[0], (*boundary)[1]).then(place);
      whole.add(path->mapped(place.then(own.place)));
    }
    out = std::make_shared<const Clip>(Clip{std::move(whole), FillRule::non_zero, out});
  }
  return out;
}

base::Status PageReader::path(const XmlElement& element, const Inherited& own) {
  const auto data = element.child_text("AbbreviatedData");
  if (!data) return {};
  const auto shape = parse_abbreviated(*data);
  if (!shape) {
    if (shape.error().code == Code::limit_exceeded) return shape.error();
    note("path data that cannot be read");
    return {};
  }
  const FillRule rule = element.attribute("Rule").value_or("NonZero") == "Even-Odd"
                            ? FillRule::even_odd
                            : FillRule::non_zero;
  if (flag_of(element, "Fill", false)) {
    HEQI_TRY(add({shape->mapped(own.place),
                  color_of(element, "FillColor", own),
                  rule,
                  nullptr,
                  {},
                  255,
                  own.clip}));
  }
  if (!flag_of(element, "Stroke", true)) return {};
  drawing::Stroke stroke;
  stroke.width = line_width_of(element, own);
  const std::string cap = element.attribute("Cap").value_or("Butt"),
                    join = element.attribute("Join").value_or("Miter");
  if (cap == "Round") stroke.cap = drawing::Stroke::Cap::round;
  if (cap == "Square") stroke.cap = drawing::Stroke::Cap::square;
  if (join == "Round") stroke.join = drawing::Stroke::Join::round;
  if (join == "Bevel") stroke.join = drawing::Stroke::Join::bevel;
  stroke.miter_limit = number_of(element, "MiterLimit", 4.234);
  stroke.dash_offset = number_of(element, "DashOffset", 0);
  if (const auto dashes = ofd::parse_numbers(element.attribute("DashPattern").value_or(""), 64))
    stroke.dashes = *dashes;
  HEQI_TRY(const Path line, drawing::stroked(*shape, stroke));
  return add({line.mapped(own.place),
              color_of(element, "StrokeColor", own),
              FillRule::non_zero,
              nullptr,
              {},
              255,
              own.clip});
}

base::Status PageReader::image(const XmlElement& element, const Inherited& own) {
  auto picture =
      resources_.find_picture(element.attribute("ResourceID").value_or(""), scene_.notes);
  if (!picture) return {};
  Item item;
  item.picture = std::move(picture);
  item.place = own.place;
  item.alpha = octet(number_of(element, "Alpha", 255));
  item.clip = own.clip;
  return add(std::move(item));
}

base::Status PageReader::text(const XmlElement& element, const Inherited& own) {
  std::uint32_t first_letter = 0;
  if (number_of(element, "CharDirection", 0) != 0 || number_of(element, "ReadDirection", 0) != 0)
    note("turned text is drawn upright");
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
  double x = number_of(code, "X", 0), y = number_of(code, "Y", 0);
  Path whole;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto numbered = glyphs.find(first_letter + static_cast<std::uint32_t>(i));
    const Path* glyph = numbered != glyphs.end() ? typeface->glyph_number(numbered->second)
                                                 : typeface->glyph(text[i]);
    const double fit =
        fit_of(*typeface, text[i], size * wide, embedded || i >= xs.size() ? 0 : xs[i]);
    if (glyph)
      whole.add(glyph->mapped(Matrix{size * wide * fit, 0, slant * size, size, x, y}));
    else if (text[i] > U' ')
      note("letters that no font has");
    x += i < xs.size() ? xs[i] : xs.empty() && ys.empty() ? typeface->advance(text[i]) * size : 0;
    y += i < ys.size() ? ys[i] : 0;
  }
  first_letter += static_cast<std::uint32_t>(text.size());
  const Path placed = whole.mapped(own.place);
  if (flag_of(element, "Fill", true)) {
    HEQI_TRY(add({placed,
                  color_of(element, "FillColor", own),
                  FillRule::non_zero,
                  nullptr,
                  {},
                  255,
                  own.clip}));
  }
  if (!flag_of(element, "Stroke", false)) return {};
  HEQI_TRY(const Path line, drawing::stroked(whole, {.width = line_width_of(element, own)}));
  return add({line.mapped(own.place),
              color_of(element, "StrokeColor", own),
              FillRule::non_zero,
              nullptr,
              {},
              255,
              own.clip});
}

void PageReader::picture(std::shared_ptr<const drawing::Picture> what, const ofd::Box& box,
                         const std::optional<ofd::Box>& shown) {
  Item item;
  item.picture = std::move(what);
  item.place = {box.width, 0, 0, box.height, box.x, box.y};
  if (shown)
    item.clip = std::make_shared<const Clip>(
        Clip{drawing::rectangle(box.x + shown->x, box.y + shown->y, shown->width, shown->height),
             FillRule::non_zero, nullptr});
  scene_.items.push_back(std::move(item));
}

}  // namespace heqi::documents::ofd_render
