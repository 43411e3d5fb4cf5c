#include <heqi/documents/ofd/xml.h>

#include <algorithm>

#include <heqi/base/text.h>

namespace heqi::documents::ofd {

using base::ByteView;
using base::Code;
using base::fail;

namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;
constexpr std::size_t kAttributesMax = 256;

struct Attribute {
  std::string_view name;  // local; of the tree's text
  std::string value;
};

struct Node {
  std::string_view name;  // with prefix
  std::size_t offset = 0;
  std::vector<Attribute> attributes;
  std::string text;
  std::uint32_t first_child = kNone, last_child = kNone, next = kNone;
};

std::string_view local_of(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

struct XmlTree {
  std::string text;
  std::vector<Node> nodes;
};

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_name_start(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || u == '_' || u >= 0x80;
}
bool is_name(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
}

// is_text refuses the control characters that XML 1.0 has no way to write.
bool is_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 || is_space(c); });
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (point < 0x80) return put(point);
  if (point < 0x800) return put(0xC0 | point >> 6), put(0x80 | (point & 0x3F));
  if (point < 0x10000)
    return put(0xE0 | point >> 12), put(0x80 | (point >> 6 & 0x3F)), put(0x80 | (point & 0x3F));
  put(0xF0 | point >> 18), put(0x80 | (point >> 12 & 0x3F));
  put(0x80 | (point >> 6 & 0x3F)), put(0x80 | (point & 0x3F));
}

class Parser {
 public:
  Parser(XmlTree& tree, const Limits& limits) : tree_(tree), text_(tree.text), limits_(limits) {}

  base::Status parse() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    HEQI_TRY(declaration());
    HEQI_TRY(between());
    HEQI_TRY(elements());
    HEQI_TRY(between());
    return at_ == text_.size() ? base::Status() : base::Status(bad("more than one root"));
  }

 private:
  base::Error bad(std::string what) const {
    return fail(Code::malformed, "XML: " + std::move(what) + " at octet " + std::to_string(at_));
  }
  bool starts(std::string_view with) const { return text_.substr(at_).starts_with(with); }
  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  base::Status skip_to(std::string_view end, std::string_view what) {
    const std::size_t found = text_.find(end, at_);
    if (found == std::string_view::npos) return bad(std::string(what) + " without end");
    at_ = found + end.size();
    return {};
  }

  // declaration: an encoding other than UTF-8 would make other text of the same octets.
  base::Status declaration() {
    if (!starts("<?xml") || at_ + 5 >= text_.size() || !is_space(text_[at_ + 5])) return {};
    const std::size_t begin = at_;
    HEQI_TRY(skip_to("?>", "the declaration"));
    std::string words(text_.substr(begin, at_ - begin));
    for (char& c : words)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const std::size_t encoding = words.find("encoding");
    if (encoding == std::string::npos) return {};
    const std::size_t value = words.find_first_of("\"'", encoding);
    if (value == std::string::npos || words.substr(value + 1, 5) != "utf-8" ||
        words[value + 6] != words[value])
      return fail(Code::unsupported, "XML: an encoding other than UTF-8");
    return {};
  }

  base::Status skip_comment() {
    at_ += 4;
    const std::size_t end = text_.find("--", at_);
    if (end == std::string_view::npos || text_.substr(end, 3) != "-->")
      return bad("a comment without end, or with \"--\" inside");
    at_ = end + 3;
    return {};
  }

  base::Status between() {
    for (;;) {
      skip_spaces();
      if (starts("<!--")) {
        HEQI_TRY(skip_comment());
      } else if (starts("<?")) {
        HEQI_TRY(skip_to("?>", "a processing instruction"));
      } else {
        return {};
      }
    }
  }

  base::Result<std::string_view> name() {
    const std::size_t begin = at_;
    if (at_ == text_.size() || !is_name_start(text_[at_])) return bad("no name where one is due");
    while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    const std::string_view out = text_.substr(begin, at_ - begin);
    const auto colons = std::count(out.begin(), out.end(), ':');
    if (colons > 1 || out.back() == ':') return bad("a name with a misplaced colon");
    return out;
  }

  base::Status append_reference(std::string& out) {
    const std::size_t end = text_.find(';', at_);
    if (end == std::string_view::npos || end - at_ > 12) return bad("'&' without ';'");
    const std::string_view word = text_.substr(at_ + 1, end - at_ - 1);
    if (word.starts_with('#')) {
      HEQI_TRY(append_character(out, word.substr(1)));
    } else if (word == "lt") {
      out += '<';
    } else if (word == "gt") {
      out += '>';
    } else if (word == "amp") {
      out += '&';
    } else if (word == "quot") {
      out += '"';
    } else if (word == "apos") {
      out += '\'';
    } else {
      return fail(Code::unsupported, "XML: entity " + std::string(word));
    }
    at_ = end + 1;
    return {};
  }

  base::Status append_character(std::string& out, std::string_view digits) {
    const bool hex = digits.starts_with('x');
    if (hex) digits.remove_prefix(1);
    std::uint32_t point = 0;
    if (digits.empty()) return bad("a character reference without digits");
    for (const char c : digits) {
      std::uint32_t digit = 16;
      if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0');
      if (c >= 'a' && c <= 'f') digit = static_cast<std::uint32_t>(c - 'a' + 10);
      if (c >= 'A' && c <= 'F') digit = static_cast<std::uint32_t>(c - 'A' + 10);
      if (digit >= (hex ? 16U : 10U)) return bad("a character reference with a bad digit");
      point = point * (hex ? 16 : 10) + digit;
      if (point > 0x10FFFF) return bad("a character that does not exist");
    }
    const bool allowed = point == 9 || point == 10 || point == 13 || point >= 0x20;
    if (!allowed || (point >= 0xD800 && point < 0xE000) || point == 0xFFFE || point == 0xFFFF)
      return bad("a character that XML does not have");
    append_utf8(out, point);
    return {};
  }

  base::Status attribute(Node& node) {
    HEQI_TRY(const std::string_view whole, name());
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != '=') return bad("an attribute without '='");
    ++at_;
    skip_spaces();
    if (at_ == text_.size() || (text_[at_] != '"' && text_[at_] != '\''))
      return bad("an attribute without quotes");
    const char quote = text_[at_++];
    std::string value;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '<') return bad("'<' in an attribute");
      if (text_[at_] == '&') {
        HEQI_TRY(append_reference(value));
      } else {
        value += is_space(text_[at_]) ? ' ' : text_[at_];
        ++at_;
      }
    }
    if (at_ == text_.size()) return bad("an attribute without end");
    ++at_;
    if (whole == "xmlns" || whole.starts_with("xmlns:")) return {};
    const std::string_view local = local_of(whole);
    for (const Attribute& one : node.attributes)
      if (one.name == local) return bad("attribute " + std::string(local) + " twice");
    if (node.attributes.size() == kAttributesMax) return bad("too many attributes");
    node.attributes.push_back({local, std::move(value)});
    return count();
  }

  base::Status count() {
    if (++counted_ > limits_.xml_nodes) return fail(Code::limit_exceeded, "XML: too many nodes");
    return {};
  }

  // open reads a start tag; tells whether the element has content.
  base::Result<bool> open() {
    Node node;
    node.offset = at_++;
    HEQI_TRY(node.name, name());
    for (;;) {
      const std::size_t before = at_;
      skip_spaces();
      if (starts("/>") || starts(">")) break;
      if (before == at_) return bad("no space before an attribute");
      HEQI_TRY(attribute(node));
    }
    HEQI_TRY(count());
    const bool empty = text_[at_] == '/';
    at_ += empty ? 2 : 1;
    const auto index = static_cast<std::uint32_t>(tree_.nodes.size());
    if (!path_.empty()) {
      Node& parent = tree_.nodes[path_.back()];
      if (parent.last_child == kNone)
        parent.first_child = index;
      else
        tree_.nodes[parent.last_child].next = index;
      parent.last_child = index;
    }
    tree_.nodes.push_back(std::move(node));
    if (!empty) path_.push_back(index);
    if (path_.size() > limits_.xml_depth) return fail(Code::limit_exceeded, "XML: too deep");
    return !empty;
  }

  base::Status close() {
    at_ += 2;
    HEQI_TRY(const std::string_view ended, name());
    if (ended != tree_.nodes[path_.back()].name) return bad("another element is closed");
    skip_spaces();
    if (!starts(">")) return bad("an end tag without '>'");
    ++at_;
    path_.pop_back();
    return {};
  }

  base::Status character_data() {
    std::string& out = tree_.nodes[path_.back()].text;
    if (starts("<![CDATA[")) {
      const std::size_t begin = at_ + 9;
      HEQI_TRY(skip_to("]]>", "CDATA"));
      out += text_.substr(begin, at_ - 3 - begin);
      return {};
    }
    if (text_[at_] == '&') return append_reference(out);
    const std::size_t end = std::min(text_.find_first_of("<&", at_), text_.size());
    const std::string_view run = text_.substr(at_, end - at_);
    if (run.find("]]>") != std::string_view::npos) return bad("\"]]>\" in text");
    out += run;
    at_ = end;
    return {};
  }

  base::Status elements() {
    if (!starts("<") || starts("<!")) {
      if (starts("<!DOCTYPE")) return fail(Code::unsupported, "XML: a document type");
      return bad("no element");
    }
    HEQI_TRY(bool inside, open());
    while (!path_.empty()) {
      if (at_ == text_.size()) return bad("the text ends inside an element");
      if (starts("</")) {
        HEQI_TRY(close());
      } else if (starts("<!--")) {
        HEQI_TRY(skip_comment());
      } else if (starts("<![CDATA[") || text_[at_] != '<') {
        HEQI_TRY(character_data());
      } else if (starts("<?")) {
        HEQI_TRY(skip_to("?>", "a processing instruction"));
      } else {
        HEQI_TRY(inside, open());
      }
    }
    static_cast<void>(inside);
    return {};
  }

  XmlTree& tree_;
  std::string_view text_;
  const Limits& limits_;
  std::size_t at_ = 0, counted_ = 0;
  std::vector<std::uint32_t> path_;
};

}  // namespace

base::Result<XmlElement> parse_xml(ByteView octets, const Limits& limits) {
  auto tree = std::make_shared<XmlTree>();
  tree->text = base::text_of(octets);
  if (!base::is_utf8(tree->text)) return fail(Code::unsupported, "XML: not UTF-8");
  if (!is_text(tree->text)) return fail(Code::malformed, "XML: a control character");
  HEQI_TRY(Parser(*tree, limits).parse());
  return XmlElement(std::move(tree), 0);
}

std::string_view XmlElement::name() const {
  return local_of(tree_->nodes[index_].name);
}
std::size_t XmlElement::offset() const {
  return tree_->nodes[index_].offset;
}

std::optional<std::string> XmlElement::attribute(std::string_view local_name) const {
  for (const Attribute& one : tree_->nodes[index_].attributes)
    if (one.name == local_name) return one.value;
  return std::nullopt;
}

std::string XmlElement::text() const {
  return std::string(base::trim(tree_->nodes[index_].text));
}

std::vector<XmlElement> XmlElement::children() const {
  std::vector<XmlElement> out;
  for (std::uint32_t at = tree_->nodes[index_].first_child; at != kNone; at = tree_->nodes[at].next)
    out.push_back(XmlElement(tree_, at));
  return out;
}

std::vector<XmlElement> XmlElement::children(std::string_view local_name) const {
  std::vector<XmlElement> out;
  for (std::uint32_t at = tree_->nodes[index_].first_child; at != kNone; at = tree_->nodes[at].next)
    if (local_of(tree_->nodes[at].name) == local_name) out.push_back(XmlElement(tree_, at));
  return out;
}

std::optional<XmlElement> XmlElement::child(std::string_view local_name) const {
  for (std::uint32_t at = tree_->nodes[index_].first_child; at != kNone; at = tree_->nodes[at].next)
    if (local_of(tree_->nodes[at].name) == local_name) return XmlElement(tree_, at);
  return std::nullopt;
}

std::optional<std::string> XmlElement::child_text(std::string_view local_name) const {
  const auto found = child(local_name);
  return found ? std::optional(found->text()) : std::nullopt;
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

}  // namespace heqi::documents::ofd
