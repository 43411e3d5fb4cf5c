// A scene as SVG and as pixels.
#include <cmath>
#include <cstdio>
#include <map>

#include <heqi/base/text.h>
#include <heqi/documents/ofd_render/scene.h>

namespace heqi::documents::ofd_render {

using drawing::Canvas;
using drawing::FillRule;
using drawing::Mask;
using drawing::Matrix;
using drawing::Path;
using drawing::Point;
using drawing::Segment;

namespace {

std::string number(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%.4f", value);
  std::string text = out;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string data_of(const Path& path) {
  constexpr char letters[] = {'M', 'L', 'Q', 'C', 'Z'};
  constexpr std::size_t counts[] = {1, 1, 2, 3, 0};
  std::string out;
  for (const Segment& one : path.segments()) {
    const auto kind = static_cast<std::size_t>(one.kind);
    out += letters[kind];
    for (std::size_t i = 0; i < counts[kind]; ++i)
      out += (i == 0 ? "" : " ") + number(one.points[i].x) + " " + number(one.points[i].y);
  }
  return out;
}

std::string_view rule_of(FillRule rule) {
  return rule == FillRule::even_odd ? "evenodd" : "nonzero";
}

// SvgWriter writes clips and pictures once, however many items use them.
class SvgWriter {
 public:
  std::string write(const Scene& scene) {
    for (const Item& item : scene.items) body_ += item.picture ? picture(item) : path(item);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" "
           "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"" +
           number(scene.width) + "mm\" height=\"" + number(scene.height) + "mm\" viewBox=\"0 0 " +
           number(scene.width) + " " + number(scene.height) + "\">\n<defs>\n" + definitions_ +
           "</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n" + body_ + "</svg>\n";
  }

 private:
  std::string clip(const std::shared_ptr<const Clip>& what) {
    if (!what) return "";
    const auto [found, fresh] = clips_.try_emplace(what.get(), clips_.size());
    const std::string id = "c" + std::to_string(found->second);
    if (fresh) {
      const std::string outer = clip(what->outer);
      definitions_ += "<clipPath id=\"" + id + "\"" + outer + "><path clip-rule=\"" +
                      std::string(rule_of(what->rule)) + "\" d=\"" + data_of(what->path) +
                      "\"/></clipPath>\n";
    }
    return " clip-path=\"url(#" + id + ")\"";
  }

  static std::string color_text(const drawing::Color& color) {
    char out[16];
    std::snprintf(out, sizeof out, "#%02x%02x%02x", unsigned{color.red}, unsigned{color.green},
                  unsigned{color.blue});
    return out;
  }

  static std::string matrix_text(const Matrix& m) {
    return "matrix(" + number(m.a) + " " + number(m.b) + " " + number(m.c) + " " + number(m.d) +
           " " + number(m.e) + " " + number(m.f) + ")";
  }

  static std::string stop_text(double position, const drawing::Color& color) {
    return "<stop offset=\"" + number(position) + "\" stop-color=\"" + color_text(color) +
           "\" stop-opacity=\"" + number(color.alpha / 255.0) + "\"/>";
  }

  // stops_text: SVG goes on with the outermost colours; where nothing is to be painted, they are
  // clear.
  static std::string stops_text(const drawing::Shading& shading) {
    constexpr auto nothing = drawing::Shading::Beyond::nothing;
    std::string out;
    if (shading.before == nothing) out += stop_text(0, {0, 0, 0, 0});
    for (const drawing::ColorStop& stop : shading.stops)
      out += stop_text(stop.position, stop.color);
    if (shading.after == nothing) out += stop_text(1, {0, 0, 0, 0});
    return out;
  }

  std::string shading_id(const std::shared_ptr<const drawing::Shading>& what) {
    const auto [found, fresh] = shadings_.try_emplace(what.get(), shadings_.size());
    const std::string id = "s" + std::to_string(found->second);
    if (!fresh) return id;
    const drawing::Shading& one = *what;
    const bool axial = one.kind == drawing::Shading::Kind::axial;
    const std::string element = axial ? "linearGradient" : "radialGradient";
    const std::string points =
        axial ? "x1=\"" + number(one.begin.x) + "\" y1=\"" + number(one.begin.y) + "\" x2=\"" +
                    number(one.end.x) + "\" y2=\"" + number(one.end.y) + "\""
              : "fx=\"" + number(one.begin.x) + "\" fy=\"" + number(one.begin.y) + "\" fr=\"" +
                    number(one.begin_radius) + "\" cx=\"" + number(one.end.x) + "\" cy=\"" +
                    number(one.end.y) + "\" r=\"" + number(one.end_radius) + "\"";
    definitions_ += "<" + element + " id=\"" + id + "\" gradientUnits=\"userSpaceOnUse\" " +
                    points + " gradientTransform=\"" + matrix_text(one.place) + "\">" +
                    stops_text(one) + "</" + element + ">\n";
    return id;
  }

  std::string path(const Item& item) {
    const std::string fill =
        item.shading ? "url(#" + shading_id(item.shading) + ")" : color_text(item.color);
    std::string out = "<path fill=\"" + fill + "\"";
    if (!item.shading && item.color.alpha != 255)
      out += " fill-opacity=\"" + number(item.color.alpha / 255.0) + "\"";
    if (item.rule == FillRule::even_odd) out += " fill-rule=\"evenodd\"";
    return out + clip(item.clip) + " d=\"" + data_of(item.path) + "\"/>\n";
  }

  std::string picture(const Item& item) {
    const auto [found, fresh] = pictures_.try_emplace(item.picture.get(), pictures_.size());
    const std::string id = "p" + std::to_string(found->second);
    if (fresh)
      definitions_ += "<image id=\"" + id +
                      "\" width=\"1\" height=\"1\" preserveAspectRatio=\"none\" "
                      "xlink:href=\"data:image/png;base64," +
                      base::to_base64(drawing::encode_png(*item.picture)) + "\"/>\n";
    std::string out = "<g" + clip(item.clip) + "><use xlink:href=\"#" + id + "\" transform=\"" +
                      matrix_text(item.place) + "\"";
    if (item.alpha != 255) out += " opacity=\"" + number(item.alpha / 255.0) + "\"";
    return out + "/></g>\n";
  }

  std::map<const Clip*, std::size_t> clips_;
  std::map<const drawing::Picture*, std::size_t> pictures_;
  std::map<const drawing::Shading*, std::size_t> shadings_;
  std::string definitions_, body_;
};

// Masks keeps the mask of each clip, since many items share one.
class Masks {
 public:
  Masks(const Canvas& canvas, const Matrix& to_pixels) : canvas_(canvas), to_pixels_(to_pixels) {}

  base::Result<const Mask*> of(const std::shared_ptr<const Clip>& clip) {
    if (!clip) return nullptr;
    const auto kept = masks_.find(clip.get());
    if (kept != masks_.end()) return &kept->second;
    HEQI_TRY(const Mask* const outer, of(clip->outer));
    HEQI_TRY(Mask mask, canvas_.mask_of(clip->path.mapped(to_pixels_), clip->rule, outer));
    if (masks_.size() > 8) masks_.clear();
    return &masks_.emplace(clip.get(), std::move(mask)).first->second;
  }

 private:
  const Canvas& canvas_;
  const Matrix& to_pixels_;
  std::map<const Clip*, Mask> masks_;
};

}  // namespace

std::string to_svg(const Scene& scene) {
  return SvgWriter().write(scene);
}

base::Result<drawing::Picture> to_picture(const Scene& scene, double pixels_per_mm) {
  const auto pixels = [&](double mm) {
    return static_cast<std::uint32_t>(std::fmin(std::ceil(mm * pixels_per_mm - 1e-6), 1e9));
  };
  HEQI_TRY(Canvas canvas,
           Canvas::make(pixels(scene.width), pixels(scene.height), {255, 255, 255, 255}));
  const Matrix to_pixels = drawing::scaled(pixels_per_mm, pixels_per_mm);
  Masks masks(canvas, to_pixels);
  for (const Item& item : scene.items) {
    HEQI_TRY(const Mask* const mask, masks.of(item.clip));
    if (item.picture) {
      canvas.draw(*item.picture, item.place.then(to_pixels), item.alpha, mask);
    } else if (item.shading) {
      HEQI_TRY(canvas.fill(item.path.mapped(to_pixels), item.shading->mapped(to_pixels), item.rule,
                           mask));
    } else {
      HEQI_TRY(canvas.fill(item.path.mapped(to_pixels), item.color, item.rule, mask));
    }
  }
  return canvas.take();
}

}  // namespace heqi::documents::ofd_render
