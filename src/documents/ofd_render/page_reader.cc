#include "page_reader.h"

#include <algorithm>
#include <cmath>

#include <heqi/base/text.h>

namespace heqi::documents::ofd_render {

using base::Code;
using base::fail;
using drawing::FillRule;
using drawing::Matrix;
using drawing::Path;
using ofd::XmlElement;

namespace {

constexpr double kLineWidth = 0.353;       // millimetres, the standard's
constexpr std::size_t kParametersMax = 8;  // one relative to another

std::optional<Matrix> matrix_of(const XmlElement& element) {
  const auto text = element.attribute("CTM");
  if (!text) return std::nullopt;
  const auto numbers = ofd::parse_numbers(*text, 6);
  if (!numbers || numbers->size() != 6) return std::nullopt;
  const std::vector<double>& n = *numbers;
  return Matrix{n[0], n[1], n[2], n[3], n[4], n[5]};
}

}  // namespace

base::Status PageReader::add(Item item) {
  if (scene_.items.size() == kItemsMax)
    return fail(Code::limit_exceeded,
                "a page of more than " + std::to_string(kItemsMax) + " items");
  scene_.items.push_back(std::move(item));
  return {};
}

Paint PageReader::paint_of(const XmlElement& element, std::string_view name, const Inherited& own) {
  std::optional<XmlElement> found = element.child(name);
  std::string id = element.attribute("DrawParam").value_or(own.parameters);
  for (std::size_t i = 0; !found && !id.empty() && i < kParametersMax; ++i) {
    const DrawParameters* parameters = resources_.find_parameters(id);
    if (!parameters) break;
    found = name == "FillColor" ? parameters->fill : parameters->stroke;
    id = parameters->relative;
  }
  Paint out;
  if (found) {
    if (auto paint = read_paint(*found, own.place))
      out = *std::move(paint);
    else
      note("patterns and shadings of triangles are drawn black");
  }
  return faded(std::move(out), number_of(element, "Alpha", 255));
}

base::Status PageReader::add_filled(Path path, Paint paint, FillRule rule, const Inherited& own) {
  Item item;
  item.path = std::move(path);
  item.color = paint.color;
  item.shading = std::move(paint.shading);
  item.rule = rule;
  item.clip = own.clip;
  return add(std::move(item));
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
    HEQI_TRY(add_filled(shape->mapped(own.place), paint_of(element, "FillColor", own), rule, own));
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
  return add_filled(line.mapped(own.place), paint_of(element, "StrokeColor", own),
                    FillRule::non_zero, own);
}

base::Status PageReader::image(const XmlElement& element, const Inherited& own) {
  auto picture =
      resources_.find_picture(element.attribute("ResourceID").value_or(""), scene_.notes);
  if (!picture) return {};
  Item item;
  item.picture = std::move(picture);
  item.place = own.place;
  item.alpha = octet_of(number_of(element, "Alpha", 255));
  item.clip = own.clip;
  return add(std::move(item));
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
