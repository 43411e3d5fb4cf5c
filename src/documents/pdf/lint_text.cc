#include "lint_text.h"

#include <set>

#include "lexer.h"

namespace heqi::documents::pdf {
namespace {

using base::Result;
using base::Status;

// SimpleFont is what an embedded simple font says it has.
struct SimpleFont {
  std::uint32_t object = 0;
  std::int64_t first = 0, last = 255;
};

bool begins_operator(std::uint8_t octet) {
  return (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z') || octet == '\'' ||
         octet == '"';
}

class TextScan {
 public:
  TextScan(const Document& document, const Page& page, const MissingCode& on_missing)
      : document_(document), page_(page), on_missing_(on_missing) {}

  Status scan(base::ByteView content) {
    Lexer lexer(content, 0, document_.limits(), "content");
    std::vector<Value> operands;
    for (lexer.skip_space(); !lexer.at_end(); lexer.skip_space()) {
      if (!begins_operator(content[lexer.at()])) {
        auto value = lexer.value();
        if (!value) return {};
        operands.push_back(*std::move(value));
        continue;
      }
      std::size_t end = lexer.at();
      while (end < content.size() && is_regular(content[end])) ++end;
      const auto word = base::text_of(content.subspan(lexer.at(), end - lexer.at()));
      if (word == "BI") return {};  // the octets of an inline picture are no tokens
      lexer.move_to(end);
      HEQI_TRY(apply(word, operands));
      operands.clear();
    }
    return {};
  }

 private:
  Status apply(std::string_view word, const std::vector<Value>& operands) {
    if (operands.empty()) return {};
    if (word == "Tf" && operands.size() == 2 && operands[0].name()) {
      HEQI_TRY(font_, find_font(operands[0].name()->text));
      return {};
    }
    if (word == "Tj" || word == "'" || word == "\"") return show(operands.back());
    if (word == "TJ" && operands[0].array())
      for (const Value& item : operands[0].array()->items) HEQI_TRY(show(item));
    return {};
  }

  Status show(const Value& text) {
    if (!font_ || !text.string()) return {};
    for (const std::uint8_t code : text.string()->bytes) {
      if (code >= font_->first && code <= font_->last) continue;
      if (!told_.insert({font_->object, code}).second) continue;
      HEQI_TRY(on_missing_(font_->object, code));
    }
    return {};
  }

  Result<std::optional<SimpleFont>> find_font(const std::string& name) {
    const Dictionary* resources = page_.resources ? page_.resources->dictionary() : nullptr;
    if (!resources) return std::optional<SimpleFont>();
    HEQI_TRY(const Value* const fonts, document_.find(*resources, "Font"));
    const Value* direct = fonts && fonts->dictionary() ? fonts->dictionary()->find(name) : nullptr;
    if (!direct) return std::optional<SimpleFont>();
    HEQI_TRY(const Value* const font, document_.resolve(*direct));
    const Dictionary* one = font->dictionary();
    if (!one || !one->find("FontDescriptor")) return std::optional<SimpleFont>();
    HEQI_TRY(const Value* const first, document_.find(*one, "FirstChar"));
    HEQI_TRY(const Value* const last, document_.find(*one, "LastChar"));
    if (!first || !last || !first->integer() || !last->integer())
      return std::optional<SimpleFont>();
    return std::optional(SimpleFont{direct->reference() ? direct->reference()->number : 0,
                                    *first->integer(), *last->integer()});
  }

  const Document& document_;
  const Page& page_;
  const MissingCode& on_missing_;
  std::optional<SimpleFont> font_;
  std::set<std::pair<std::uint32_t, unsigned>> told_;
};

}  // namespace

Status find_missing_codes(const Document& document, const Page& page,
                          const MissingCode& on_missing) {
  HEQI_TRY(const auto contents, document.content(page));
  base::Bytes all;  // a token never crosses streams, but the state of the text does
  for (const base::Bytes& one : contents) {
    base::append(all, one);
    all.push_back('\n');
  }
  return TextScan(document, page, on_missing).scan(all);
}

}  // namespace heqi::documents::pdf
