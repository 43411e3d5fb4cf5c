// The character string types.
#include <heqi/asn1/reader.h>
#include <heqi/base/text.h>

namespace heqi::asn1 {
namespace {

bool is_printable(std::uint8_t c) {
  if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) return true;
  return std::string_view(" '()+,-./:=?").find(static_cast<char>(c)) != std::string_view::npos;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto push = [&out](std::uint32_t octet) { out.push_back(static_cast<char>(octet)); };
  if (c < 0x80) {
    push(c);
  } else if (c < 0x800) {
    push(0xc0 | (c >> 6)), push(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    push(0xe0 | (c >> 12)), push(0x80 | ((c >> 6) & 0x3f)), push(0x80 | (c & 0x3f));
  } else {
    push(0xf0 | (c >> 18)), push(0x80 | ((c >> 12) & 0x3f));
    push(0x80 | ((c >> 6) & 0x3f)), push(0x80 | (c & 0x3f));
  }
}

base::Result<std::string> wide_text(const Element& element, std::size_t width) {
  if (element.content.size() % width != 0)
    return malformed_element("string of half characters", element);
  std::string out;
  for (std::size_t at = 0; at < element.content.size(); at += width) {
    std::uint32_t c = 0;
    for (std::size_t i = 0; i < width; ++i) c = (c << 8) | element.content[at + i];
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
      return malformed_element("string with a character that does not exist", element);
    append_utf8(out, c);
  }
  return out;
}

// octet_text takes single octets that allowed accepts.
base::Result<std::string> octet_text(const Element& element, bool (*allowed)(std::uint8_t)) {
  std::string out;
  for (const std::uint8_t c : element.content) {
    if (!allowed(c)) return malformed_element("string with a character not of its type", element);
    append_utf8(out, c);
  }
  return out;
}

}  // namespace

base::Result<std::string> text_content(const Element& element) {
  if (element.tag.tag_class != Class::universal || element.tag.form != Form::primitive)
    return malformed_element("not a character string", element);
  switch (element.tag.number) {
    case kUtf8String.number: {
      const std::string_view text = base::text_of(element.content);
      if (!base::is_utf8(text) || text.find('\0') != std::string_view::npos)
        return malformed_element("string is not well-formed UTF-8", element);
      return std::string(text);
    }
    case kPrintableString.number:
      return octet_text(element, is_printable);
    case kIa5String.number:
      return octet_text(element, [](std::uint8_t c) { return c != 0 && c < 0x80; });
    case kVisibleString.number:
      return octet_text(element, [](std::uint8_t c) { return c >= 0x20 && c < 0x7f; });
    case kNumericString.number:
      return octet_text(element, [](std::uint8_t c) { return c == ' ' || (c >= '0' && c <= '9'); });
    case kT61String.number:
      return octet_text(element, [](std::uint8_t c) { return c != 0; });
    case kBmpString.number:
      return wide_text(element, 2);
    case kUniversalString.number:
      return wide_text(element, 4);
    default:
      return malformed_element("not a character string", element);
  }
}

}  // namespace heqi::asn1
