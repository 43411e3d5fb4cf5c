#include <heqi/documents/twin/twin.h>

#include <algorithm>
#include <cmath>

#include <heqi/base/text.h>
#include <heqi/documents/ofd/make.h>

#include "content.h"

namespace heqi::documents::twin {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr double kPoint = 25.4 / 72;  // millimetres
constexpr std::size_t kSavedMax = 32;

// State is what operators change until it is restored: only what our writers use.
struct State {
  double scale = 1, x = 0, y = 0;  // of the plane: same both ways
  double fill = 0, stroke = 0, width = 1;
};

using Fonts = std::vector<CodedFont>;

// PageReader turns the operators of one page into lines and rules.
class PageReader {
 public:
  PageReader(const pdf::Document& document, const pdf::Page& page, Fonts& fonts)
      : document_(document), page_(page), fonts_(fonts) {}

  Result<ofd::NewPage> read() {
    out_.width = page_.crop_box.width() * kPoint, out_.height = page_.crop_box.height() * kPoint;
    HEQI_TRY(const std::vector<Bytes> parts, document_.content(page_));
    Bytes whole;
    for (const Bytes& part : parts) {
      base::append(whole, part);
      whole.push_back('\n');
    }
    HEQI_TRY(for_operators(whole, [&](std::string_view name, const std::vector<Operand>& operands) {
      return perform(name, operands);
    }));
    return std::move(out_);
  }

 private:
  // Action is what an operator does, and how many operands it has; the last kinds of them are not
  // numbers for Tf and Tj.
  struct Action {
    std::string_view name;
    std::size_t count;
    Status (PageReader::*run)(const std::vector<Operand>&);
  };

  Status perform(std::string_view name, const std::vector<Operand>& operands) {
    static constexpr Action actions[] = {
        {"q", 0, &PageReader::save},       {"Q", 0, &PageReader::restore},
        {"cm", 6, &PageReader::place},     {"w", 1, &PageReader::width},
        {"g", 1, &PageReader::fill},       {"G", 1, &PageReader::stroke},
        {"m", 2, &PageReader::move},       {"l", 2, &PageReader::line},
        {"S", 0, &PageReader::draw},       {"BT", 0, &PageReader::begin_text},
        {"ET", 0, &PageReader::end_text},  {"Tf", 2, &PageReader::choose_font},
        {"Td", 2, &PageReader::move_text}, {"Tj", 1, &PageReader::show}};
    for (const Action& one : actions)
      if (one.name == name && one.count == operands.size()) return (this->*one.run)(operands);
    return fail(Code::unsupported,
                "the operator " + std::string(name) + ", which no template of ours makes");
  }

  Status save(const std::vector<Operand>&) {
    if (saved_.size() == kSavedMax) return fail(Code::malformed, "q without Q");
    saved_.push_back(now_);
    return {};
  }
  Status restore(const std::vector<Operand>&) {
    if (saved_.empty()) return fail(Code::malformed, "Q without q");
    now_ = saved_.back();
    saved_.pop_back();
    return {};
  }
  Status place(const std::vector<Operand>& o) {
    const bool plain =
        o[1].number == 0 && o[2].number == 0 && o[0].number == o[3].number && o[0].number > 0;
    if (!plain) return fail(Code::unsupported, "content that is turned or stretched");
    now_.x += now_.scale * o[4].number, now_.y += now_.scale * o[5].number;
    now_.scale *= o[0].number;
    return {};
  }
  Status width(const std::vector<Operand>& o) { return now_.width = o[0].number, Status(); }
  Status fill(const std::vector<Operand>& o) { return now_.fill = o[0].number, Status(); }
  Status stroke(const std::vector<Operand>& o) { return now_.stroke = o[0].number, Status(); }

  struct Point {
    double x = 0, y = 0;
  };
  // to_page gives millimetres from the upper left corner of what shows.
  Point to_page(double x, double y) const {
    return {(now_.x + now_.scale * x - page_.crop_box.left) * kPoint,
            (page_.crop_box.top - now_.y - now_.scale * y) * kPoint};
  }

  Status move(const std::vector<Operand>& o) {
    at_ = to_page(o[0].number, o[1].number);
    return {};
  }
  Status line(const std::vector<Operand>& o) {
    const Point to = to_page(o[0].number, o[1].number);
    path_.push_back({at_.x, at_.y, to.x, to.y, now_.width * now_.scale * kPoint, now_.stroke});
    at_ = to;
    return {};
  }
  Status draw(const std::vector<Operand>&) {
    out_.rules.insert(out_.rules.end(), path_.begin(), path_.end());
    path_.clear();
    return {};
  }

  Status begin_text(const std::vector<Operand>&) { return text_ = {}, Status(); }
  Status end_text(const std::vector<Operand>&) { return {}; }
  Status move_text(const std::vector<Operand>& o) {
    text_.x += o[0].number, text_.y += o[1].number;
    return {};
  }

  Status choose_font(const std::vector<Operand>& o) {
    if (o[0].kind != Operand::Kind::name) return fail(Code::malformed, "Tf without a font");
    size_ = o[1].number;
    const std::string name(base::text_of(o[0].octets));
    const pdf::Dictionary* const all = page_.resources ? page_.resources->dictionary() : nullptr;
    const auto fonts =
        all ? document_.find(*all, "Font") : Result<const pdf::Value*>(fail(Code::not_found));
    if (!fonts || !*fonts || !(*fonts)->dictionary())
      return fail(Code::malformed, "a page without fonts");
    const pdf::Value* const wanted = (*fonts)->dictionary()->find(name);
    if (!wanted) return fail(Code::malformed, "there is no font " + name);
    HEQI_TRY(CodedFont font, read_font(document_, *wanted));
    const auto known = std::find_if(fonts_.begin(), fonts_.end(), [&](const CodedFont& one) {
      return one.name == font.name && one.file == font.file;
    });
    font_ = static_cast<std::size_t>(known - fonts_.begin());
    if (known == fonts_.end()) fonts_.push_back(std::move(font));
    return {};
  }

  Status show(const std::vector<Operand>& o) {
    if (o[0].kind != Operand::Kind::string || o[0].octets.size() % 2 != 0 || fonts_.empty())
      return fail(Code::malformed, "Tj without a text or a font");
    const CodedFont& font = fonts_[font_];
    const Point at = to_page(text_.x, text_.y);
    const double size = size_ * now_.scale * kPoint;
    ofd::TextLine line{at.x, at.y, size, "", font.name, now_.fill, {}, {}};
    double advance = 0;
    for (std::size_t i = 0; i < o[0].octets.size(); i += 2) {
      const unsigned code = unsigned{o[0].octets[i]} << 8 | o[0].octets[i + 1];
      const auto character = font.characters.find(code);
      if (character == font.characters.end())
        return fail(Code::unsupported, "a letter without its character in /ToUnicode");
      if (i != 0) line.steps.push_back(advance);
      line.text += utf8_of(character->second);
      line.glyphs.push_back(code);
      advance = font.width(code) * size;
    }
    if (!line.text.empty()) out_.lines.push_back(std::move(line));
    return {};
  }

  static std::string utf8_of(char32_t point) {
    const auto tail = [&](int shift) { return static_cast<char>(0x80 | (point >> shift & 0x3F)); };
    if (point < 0x80) return {static_cast<char>(point)};
    if (point < 0x800) return {static_cast<char>(0xC0 | point >> 6), tail(0)};
    if (point < 0x10000) return {static_cast<char>(0xE0 | point >> 12), tail(6), tail(0)};
    return {static_cast<char>(0xF0 | point >> 18), tail(12), tail(6), tail(0)};
  }

  const pdf::Document& document_;
  const pdf::Page& page_;
  Fonts& fonts_;
  ofd::NewPage out_;
  State now_;
  std::vector<State> saved_;
  std::vector<ofd::Rule> path_;
  Point at_, text_;
  double size_ = 0;
  std::size_t font_ = 0;
};

// check_plain: what shows on a page beside its content would be missing from the twin.
Status check_plain(const pdf::Document& document, const pdf::Page& page) {
  if (page.rotate != 0) return fail(Code::unsupported, "a page that is turned");
  HEQI_TRY(const pdf::Value* const annotations, document.find(*page.dictionary, "Annots"));
  if (annotations && annotations->array() && !annotations->array()->items.empty())
    return fail(Code::unsupported, "a page with annotations or fields");
  return {};
}

}  // namespace

Result<Bytes> make_ofd_twin(ByteView pdf, const TwinWish& wish, const pdf::Limits& limits) {
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(pdf, limits));
  HEQI_TRY(const std::vector<pdf::Page> pages, document.pages());
  ofd::NewDocument out;
  out.title = wish.title;
  out.created = wish.created;
  Fonts fonts;
  for (const pdf::Page& page : pages) {
    HEQI_TRY(check_plain(document, page));
    HEQI_TRY(ofd::NewPage read, PageReader(document, page, fonts).read());
    out.pages.push_back(std::move(read));
  }
  for (CodedFont& font : fonts) out.fonts.push_back({font.name, std::move(font.file)});
  return ofd::make_document(out);
}

}  // namespace heqi::documents::twin
