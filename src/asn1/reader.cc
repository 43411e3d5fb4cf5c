#include <heqi/asn1/reader.h>

namespace heqi::asn1 {
namespace {

constexpr std::uint32_t kTagNumberMax = (1U << 28) - 1;

// Head is what the octets before the content say.
struct Head {
  Tag tag;
  std::size_t size = 0;          // octets of tag and length
  std::size_t content_size = 0;  // as stated
};

// read_tag returns the number of octets that the tag takes, or what is wrong.
const char* read_tag(base::ByteView in, Tag& tag, std::size_t& size) {
  if (in.empty()) return "end of input where a tag is expected";
  const std::uint8_t first = in[0];
  tag.tag_class = static_cast<Class>(first >> 6);
  tag.form = (first & 0x20) != 0 ? Form::constructed : Form::primitive;
  tag.number = first & 0x1f;
  size = 1;
  if (tag.number != 0x1f) return nullptr;
  std::uint32_t number = 0;
  for (;;) {
    if (size >= in.size()) return "tag is cut off";
    const std::uint8_t octet = in[size];
    if (size == 1 && octet == 0x80) return "high tag number is not minimal";
    if (number > (kTagNumberMax >> 7)) return "tag number is too large";
    number = (number << 7) | (octet & 0x7fU);
    ++size;
    if ((octet & 0x80) == 0) break;
  }
  if (number < 31) return "high tag form for a low tag number";
  tag.number = number;
  return nullptr;
}

const char* read_length(base::ByteView in, std::size_t& at, std::size_t& length) {
  if (at >= in.size()) return "end of input where a length is expected";
  const std::uint8_t first = in[at++];
  length = first;
  if (first < 0x80) return nullptr;
  if (first == 0x80) return "indefinite length";
  if (first == 0xff) return "reserved length octet";
  const std::size_t octets = first & 0x7f;
  if (octets > in.size() - at) return "length is cut off";
  if (in[at] == 0) return "length is not minimal";
  if (octets > 4) return "length is too large";
  length = 0;
  for (std::size_t i = 0; i < octets; ++i) length = (length << 8) | in[at++];
  if (length < 0x80) return "length is not minimal";
  return nullptr;
}

// wrong_form tells where a universal type is in a form that DER does not give it.
bool wrong_form(const Tag& tag) {
  if (tag.tag_class != Class::universal) return false;
  if (tag.number == 0) return true;  // end-of-contents belongs to indefinite lengths
  const bool constructed = tag.number == 8 || tag.number == 11 || tag.number == 16 ||
                           tag.number == 17 || tag.number == 29;
  return constructed != (tag.form == Form::constructed);
}

const char* read_head(base::ByteView in, Head& head) {
  if (const char* what = read_tag(in, head.tag, head.size)) return what;
  if (wrong_form(head.tag)) return "universal tag in a form that DER does not have";
  if (const char* what = read_length(in, head.size, head.content_size)) return what;
  if (head.content_size > in.size() - head.size) return "content is cut off";
  return nullptr;
}

base::Error malformed_at(std::string what, std::size_t offset) {
  return base::fail(base::Code::malformed,
                    "DER: " + std::move(what) + " at offset " + std::to_string(offset));
}

std::string name_of(const Tag& tag) {
  static constexpr const char* kClasses[] = {"universal ", "application ", "context ", "private "};
  return kClasses[static_cast<unsigned>(tag.tag_class)] + std::to_string(tag.number) +
         (tag.form == Form::constructed ? " constructed" : "");
}

base::Status check_level(Reader reader) {
  while (!reader.at_end()) {
    HEQI_TRY(const Element element, reader.any());
    if (element.tag.form != Form::constructed) continue;
    HEQI_TRY(Reader inner, reader.enter(element));
    HEQI_TRY(check_level(inner));
  }
  return {};
}

}  // namespace

base::Error Reader::bad(std::string what) const {
  return malformed_at(std::move(what), offset_);
}

base::Result<Reader> Reader::over(base::ByteView der) {
  if (der.size() > kInputSizeMax)
    return base::fail(base::Code::limit_exceeded,
                      "DER: input of " + std::to_string(der.size()) + " octets");
  return Reader(der, 0, 0);
}

std::optional<Tag> Reader::peek() const {
  Tag tag;
  std::size_t size = 0;
  if (read_tag(rest_, tag, size) != nullptr) return std::nullopt;
  return tag;
}

base::Status Reader::finish() const {
  if (rest_.empty()) return {};
  return bad(std::to_string(rest_.size()) + " octets left over");
}

base::Result<Element> Reader::any() {
  Head head;
  if (const char* what = read_head(rest_, head)) return bad(what);
  Element out;
  out.tag = head.tag;
  out.content = rest_.subspan(head.size, head.content_size);
  out.whole = rest_.first(head.size + head.content_size);
  out.offset = offset_;
  rest_ = rest_.subspan(out.whole.size());
  offset_ += out.whole.size();
  return out;
}

base::Result<Element> Reader::expect(Tag tag) {
  const std::optional<Tag> found = peek();
  if (found && !(*found == tag))
    return bad("found " + name_of(*found) + " instead of " + name_of(tag));
  return any();
}

base::Result<std::optional<Element>> Reader::optional(Tag tag) {
  const std::optional<Tag> found = peek();
  if (!found || !(*found == tag)) return std::optional<Element>();
  HEQI_TRY(Element element, any());
  return std::optional<Element>(element);
}

base::Result<Reader> Reader::enter(const Element& element) const {
  if (depth_ + 1 > kDepthMax)
    return base::fail(base::Code::limit_exceeded,
                      "DER: nested more than " + std::to_string(kDepthMax) + " deep at offset " +
                          std::to_string(element.offset));
  return Reader(element.content, element.offset + (element.whole.size() - element.content.size()),
                depth_ + 1);
}

base::Result<Reader> Reader::constructed(Tag tag) {
  HEQI_TRY(const Element element, expect(tag));
  return enter(element);
}

base::Result<std::optional<Reader>> Reader::explicit_tag(unsigned number) {
  HEQI_TRY(const std::optional<Element> element, optional(context_constructed(number)));
  if (!element) return std::optional<Reader>();
  HEQI_TRY(Reader inner, enter(*element));
  return std::optional<Reader>(inner);
}

base::Status verify_der(base::ByteView der) {
  HEQI_TRY(Reader reader, Reader::over(der));
  HEQI_TRY(const Element element, reader.any());
  HEQI_TRY(reader.finish());
  if (element.tag.form != Form::constructed) return {};
  HEQI_TRY(const Reader inner, reader.enter(element));
  return check_level(inner);
}

base::Error malformed_element(std::string what, const Element& element) {
  return malformed_at(std::move(what), element.offset);
}

}  // namespace heqi::asn1
