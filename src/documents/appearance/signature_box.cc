#include <heqi/documents/appearance/signature_box.h>

#include <algorithm>
#include <cstdio>

#include <heqi/documents/appearance/compress.h>

#include "image.h"

namespace heqi::documents::appearance {

using base::Bytes;
using base::Code;
using base::fail;

namespace {

bool is_inside(const Strokes& drawn) {
  if (drawn.width < 1 || drawn.height < 1 || drawn.lines.empty()) return false;
  return std::all_of(drawn.lines.begin(), drawn.lines.end(), [&](const auto& line) {
    return !line.empty() && std::all_of(line.begin(), line.end(), [&](const Strokes::Point& point) {
      return point.x >= 0 && point.x <= drawn.width && point.y >= 0 && point.y <= drawn.height;
    });
  });
}

// Drawing writes the content stream of one box.
class Drawing {
 public:
  Drawing(const Font& font, const SignatureBox& box) : text_(font), box_(box) {}

  base::Result<pdf::Appearance> draw() {
    HEQI_TRY(check());
    const double unit = std::min(box_.height / 71, box_.width / 120);
    const double margin = 5 * unit, small = 7 * unit;
    content_ = "q 0.75 0.1 0.1 RG " + numbers({0.8 * unit}) + "w ";
    content_ += numbers({unit, unit, box_.width - 2 * unit, box_.height - 2 * unit}) + "re S Q\n";
    double top = box_.height - margin, bottom = margin;
    if (!box_.caption.empty()) {
      HEQI_TRY(line(box_.caption, small, margin, top - small * 0.88, "0.75 0.1 0.1 rg"));
      top -= small * 1.25;
    }
    for (const std::string* text : {&box_.code, &box_.date}) {
      if (text->empty()) continue;
      HEQI_TRY(line(*text, small * 0.9, margin, bottom + small * 0.1, "0.3 g"));
      bottom += small * 1.1;
    }
    const pdf::Rectangle middle{margin, bottom, box_.width - margin, top};
    if (box_.picture) {
      picture(middle);
    } else if (box_.strokes) {
      written_by_hand(*box_.strokes, middle, unit);
    } else if (!box_.signer.empty()) {
      HEQI_TRY(written_name(middle, unit));
    }
    return finish();
  }

 private:
  base::Status check() const {
    if (!(box_.width >= 20 && box_.height >= 10 && box_.width <= 14400 && box_.height <= 14400))
      return fail(Code::malformed, "a signature box needs 20 × 10 points at least");
    if (box_.picture) HEQI_TRY(check_picture(*box_.picture));
    if (box_.strokes && !is_inside(*box_.strokes))
      return fail(Code::malformed, "a stroke leaves its field");
    return {};
  }

  // line shows text at size, smaller where it would not fit the width.
  base::Status line(const std::string& text, double size, double x, double y,
                    std::string_view color) {
    HEQI_TRY(const std::string operand, text_.show(text));
    const double width = text_.width(text) * size, room = box_.width - 2 * x;
    const double fitted = width > room ? size * room / width : size;
    content_ += "BT " + std::string(color) + " /F1 " + numbers({fitted}) + "Tf " + numbers({x, y}) +
                "Td " + operand + " Tj ET\n";
    return {};
  }

  // written_name is the name, slanted and in ink, over a stroke drawn in one go.
  base::Status written_name(const pdf::Rectangle& room, double unit) {
    HEQI_TRY(const std::string operand, text_.show(box_.signer));
    constexpr double slant = 0.22;
    const double advance = std::max(text_.width(box_.signer), 0.1) + slant;
    const double size = std::min(room.height() * 0.78, room.width() / advance);
    const double width = advance * size;
    const double x = room.left + (room.width() - width) / 2;
    const double y = room.bottom + (room.height() - size) / 2 + size * 0.18;
    content_ += "BT 0.05 0.12 0.45 rg /F1 1 Tf " +
                numbers({size, size * 0.04, size * slant, size, x, y}) + "Tm " + operand +
                " Tj ET\n";
    const double base_line = y - size * 0.16;
    content_ += "q 0.05 0.12 0.45 RG 1 J " + numbers({0.9 * unit}) + "w " +
                numbers({x, base_line}) + "m " +
                numbers({x + width * 0.35, base_line - size * 0.12, x + width * 0.6,
                         base_line + size * 0.12, x + width * 1.02, base_line + size * 0.05}) +
                "c S Q\n";
    return {};
  }

  // written_by_hand draws the strokes as large as room allows, the empty border of their field left
  // out. A stroke of one point is a dot: the line's round ends make it visible.
  void written_by_hand(const Strokes& drawn, const pdf::Rectangle& room, double unit) {
    int left = drawn.width, right = 0, top = drawn.height, bottom = 0;
    for (const auto& line : drawn.lines)
      for (const Strokes::Point& point : line) {
        left = std::min(left, point.x), right = std::max(right, point.x);
        top = std::min(top, point.y), bottom = std::max(bottom, point.y);
      }
    const double wide = std::max(right - left, 1), high = std::max(bottom - top, 1);
    const double pen = 1.4 * unit;
    const double scale = std::min({(room.width() - pen) / wide, (room.height() - pen) / high,
                                   room.height() / std::max(drawn.height / 3, 1)});
    const double x0 = room.left + (room.width() - wide * scale) / 2,
                 y0 = room.bottom + (room.height() - high * scale) / 2;
    content_ += "q 0.05 0.12 0.45 RG 1 J 1 j " + numbers({pen}) + "w\n";
    for (const auto& line : drawn.lines) {
      std::string_view verb = "m ";
      for (const Strokes::Point& point : line) {
        content_ += numbers({x0 + (point.x - left) * scale, y0 + (bottom - point.y) * scale});
        content_ += verb;
        verb = "l ";
      }
      if (line.size() == 1)
        content_ +=
            numbers({x0 + (line[0].x - left) * scale, y0 + (bottom - line[0].y) * scale}) + "l ";
      content_ += "S\n";
    }
    content_ += "Q\n";
  }

  void picture(const pdf::Rectangle& room) {
    const double scale =
        std::min(room.width() / box_.picture->width, room.height() / box_.picture->height);
    const double width = box_.picture->width * scale, height = box_.picture->height * scale;
    content_ += "q " +
                numbers({width, 0, 0, height, room.left + (room.width() - width) / 2,
                         room.bottom + (room.height() - height) / 2}) +
                "cm /Im1 Do Q\n";
  }

  base::Result<pdf::Appearance> finish() {
    pdf::Appearance out;
    out.width = box_.width, out.height = box_.height;
    out.graph.objects.emplace_back();  // the form; it needs to know the others
    pdf::Dictionary resources, fonts, pictures;
    if (content_.find("/F1") != std::string::npos) {
      HEQI_TRY(const std::size_t font, text_.append_to(out.graph));
      fonts.set("F1", pdf::local_reference(font));
      resources.set("Font", std::move(fonts));
    }
    if (box_.picture) {
      pictures.set("Im1", pdf::local_reference(append_picture(out.graph, *box_.picture)));
      resources.set("XObject", std::move(pictures));
    }
    pdf::Dictionary form;
    form.set("Type", pdf::Name{"XObject"}).set("Subtype", pdf::Name{"Form"});
    form.set("BBox", to_value(pdf::Rectangle{0, 0, box_.width, box_.height}));
    form.set("Resources", std::move(resources));
    out.graph.objects[0] = make_stream(std::move(form), base::bytes_of(content_));
    return out;
  }

  TextFont text_;
  const SignatureBox& box_;
  std::string content_;
};

}  // namespace

base::Result<pdf::Appearance> make_signature_box(const Font& font, const SignatureBox& box) {
  return Drawing(font, box).draw();
}

}  // namespace heqi::documents::appearance
