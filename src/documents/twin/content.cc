#include "content.h"

#include <charconv>

#include <heqi/base/text.h>

namespace heqi::documents::twin {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kOperandsMax = 32;

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}

// Tokens are the words of a content stream.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}

  // next is the next word, or empty at the end; a hexadecimal string keeps its "<", a name its "/".
  Result<std::string_view> next() {
    while (!text_.empty() && is_space(text_[0])) text_.remove_prefix(1);
    if (text_.empty()) return std::string_view();
    if (text_[0] == '<') return hexadecimal();
    if (std::string_view("([{%>)]}").find(text_[0]) != std::string_view::npos || text_ == "<<")
      return fail(Code::unsupported, "content with \"" + std::string(text_.substr(0, 1)) + "\"");
    std::size_t size = 1;
    while (size < text_.size() && !is_space(text_[size]) &&
           std::string_view("/<([{%>)]}").find(text_[size]) == std::string_view::npos)
      ++size;
    return take(size);
  }

 private:
  Result<std::string_view> hexadecimal() {
    const std::size_t end = text_.find('>');
    if (end == std::string_view::npos || text_.starts_with("<<"))
      return fail(Code::unsupported, "content with a dictionary");
    const std::string_view out = take(end);
    text_.remove_prefix(1);
    return out;
  }
  std::string_view take(std::size_t size) {
    const std::string_view out = text_.substr(0, size);
    text_.remove_prefix(size);
    return out;
  }
  std::string_view text_;
};

bool begins_number(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.';
}

Result<Operand> operand_of(std::string_view word) {
  Operand out;
  if (word[0] == '<') {
    out.kind = Operand::Kind::string;
    HEQI_TRY(out.octets, base::parse_hex(word.substr(1)));
  } else if (word[0] == '/') {
    out.kind = Operand::Kind::name;
    out.octets = base::to_bytes(word.substr(1));
  } else {
    if (word[0] == '+') word.remove_prefix(1);
    const auto read = std::from_chars(word.data(), word.data() + word.size(), out.number);
    if (read.ec != std::errc() || read.ptr != word.data() + word.size())
      return fail(Code::malformed, "content with a broken number");
  }
  return out;
}

}  // namespace

base::Status for_operators(ByteView content, const OnOperator& on_operator) {
  Tokens tokens(base::text_of(content));
  std::vector<Operand> operands;
  for (;;) {
    HEQI_TRY(const std::string_view word, tokens.next());
    if (word.empty()) break;
    if (word[0] == '<' || word[0] == '/' || begins_number(word[0])) {
      if (operands.size() == kOperandsMax) return fail(Code::malformed, "too many operands");
      HEQI_TRY(Operand one, operand_of(word));
      operands.push_back(std::move(one));
      continue;
    }
    HEQI_TRY(on_operator(word, operands));
    operands.clear();
  }
  if (!operands.empty()) return fail(Code::malformed, "operands without an operator");
  return {};
}

double CodedFont::width(unsigned code) const {
  const auto found = widths.find(code);
  return found == widths.end() ? default_width : found->second;
}

namespace {

base::Error unlike_ours(std::string_view what) {
  return fail(Code::unsupported, "a font " + std::string(what));
}

Result<const pdf::Dictionary*> dictionary_of(const pdf::Document& document,
                                             const pdf::Dictionary& parent, std::string_view key) {
  HEQI_TRY(const pdf::Value* const value, document.find(parent, key));
  if (!value || !value->dictionary()) return unlike_ours("without /" + std::string(key));
  return value->dictionary();
}

// read_widths reads /W as lists: code, then the widths from there on (ISO 32000-2 §9.7.4.3).
base::Status read_widths(const pdf::Document& document, const pdf::Dictionary& font,
                         CodedFont& out) {
  HEQI_TRY(const pdf::Value* const usual, document.find(font, "DW"));
  if (usual && usual->number()) out.default_width = *usual->number() / 1000;
  HEQI_TRY(const pdf::Value* const widths, document.find(font, "W"));
  if (!widths) return {};
  if (!widths->array()) return unlike_ours("with a broken /W");
  const auto& items = widths->array()->items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    HEQI_TRY(const pdf::Value* const list, document.resolve(items[i + 1]));
    if (!items[i].integer() || !list->array()) return unlike_ours("with ranges in /W");
    auto code = static_cast<unsigned>(*items[i].integer());
    for (const pdf::Value& one : list->array()->items)
      out.widths[code++] = one.number().value_or(1000) / 1000;
  }
  return {};
}

// read_characters reads the bfchar lines of /ToUnicode: "<code> <UTF-16>".
base::Status read_characters(ByteView map, CodedFont& out) {
  std::string_view text = base::text_of(map);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.size() < 13 || line[0] != '<' || line.substr(5, 3) != "> <") continue;
    const auto code = base::parse_hex(line.substr(1, 4));
    const auto units = base::parse_hex(line.substr(8, line.size() - 9));
    if (!code || !units || (units->size() != 2 && units->size() != 4))
      return unlike_ours("with an unusual /ToUnicode");
    char32_t point = static_cast<char32_t>((*units)[0]) << 8 | (*units)[1];
    if (units->size() == 4)
      point = 0x10000 + ((point & 0x3FF) << 10) +
              ((static_cast<char32_t>((*units)[2]) << 8 | (*units)[3]) & 0x3FF);
    out.characters[unsigned{(*code)[0]} << 8 | (*code)[1]] = point;
  }
  return {};
}

Result<Bytes> read_stream(const pdf::Document& document, const pdf::Dictionary& parent,
                          std::string_view key) {
  HEQI_TRY(const pdf::Value* const value, document.find(parent, key));
  if (!value || !value->stream()) return unlike_ours("without /" + std::string(key));
  HEQI_TRY(pdf::Decoded decoded, document.decode(*value->stream()));
  if (decoded.left) return unlike_ours("with a filter " + *decoded.left);
  return std::move(decoded.octets);
}

}  // namespace

Result<CodedFont> read_font(const pdf::Document& document, const pdf::Value& font) {
  HEQI_TRY(const pdf::Value* const value, document.resolve(font));
  const pdf::Dictionary* const outer = value->dictionary();
  if (!outer) return unlike_ours("that is no dictionary");
  HEQI_TRY(const pdf::Value* const encoding, document.find(*outer, "Encoding"));
  if (!encoding || !encoding->is_name("Identity-H")) return unlike_ours("not of Identity-H");
  HEQI_TRY(const pdf::Value* const descendants, document.find(*outer, "DescendantFonts"));
  if (!descendants || !descendants->array() || descendants->array()->items.size() != 1)
    return unlike_ours("without its one descendant");
  HEQI_TRY(const pdf::Value* const inner, document.resolve(descendants->array()->items[0]));
  if (!inner->dictionary()) return unlike_ours("without its one descendant");
  CodedFont out;
  HEQI_TRY(const pdf::Value* const name, document.find(*inner->dictionary(), "BaseFont"));
  if (name && name->name()) out.name = name->name()->text;
  HEQI_TRY(read_widths(document, *inner->dictionary(), out));
  HEQI_TRY(const Bytes map, read_stream(document, *outer, "ToUnicode"));
  HEQI_TRY(read_characters(map, out));
  HEQI_TRY(const pdf::Dictionary* const descriptor,
           dictionary_of(document, *inner->dictionary(), "FontDescriptor"));
  const bool cff = descriptor->find("FontFile3") != nullptr;
  HEQI_TRY(out.file, read_stream(document, *descriptor, cff ? "FontFile3" : "FontFile2"));
  return out;
}

}  // namespace heqi::documents::twin
