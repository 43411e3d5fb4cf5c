// The simple types of Reader.
#include <heqi/asn1/reader.h>

namespace heqi::asn1 {
namespace {

const char* check_integer(base::ByteView content) {
  if (content.empty()) return "empty integer";
  if (content.size() == 1) return nullptr;
  const bool high = (content[1] & 0x80) != 0;
  if ((content[0] == 0x00 && !high) || (content[0] == 0xff && high))
    return "integer is not minimal";
  return nullptr;
}

base::Result<std::int64_t> small_value(const Element& element) {
  if (const char* what = check_integer(element.content)) return malformed_element(what, element);
  if (element.content.size() > 8) return malformed_element("integer is too large", element);
  std::uint64_t value = (element.content[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const std::uint8_t octet : element.content) value = (value << 8) | octet;
  return static_cast<std::int64_t>(value);
}

const char* check_bits(base::ByteView content) {
  if (content.empty()) return "bit string without its first octet";
  const unsigned unused = content[0];
  if (unused > 7) return "bit string with more than seven unused bits";
  if (content.size() == 1 && unused != 0) return "empty bit string with unused bits";
  if (unused != 0 && (content.back() & ((1U << unused) - 1)) != 0)
    return "unused bits of a bit string are not zero";
  return nullptr;
}

}  // namespace

base::Result<bool> Reader::boolean() {
  HEQI_TRY(const Element element, expect(kBoolean));
  if (element.content.size() != 1) return malformed_element("boolean of a wrong size", element);
  if (element.content[0] != 0x00 && element.content[0] != 0xff)
    return malformed_element("boolean is neither 00 nor FF", element);
  return element.content[0] == 0xff;
}

base::Result<base::ByteView> Reader::integer() {
  HEQI_TRY(const Element element, expect(kInteger));
  if (const char* what = check_integer(element.content)) return malformed_element(what, element);
  return element.content;
}

base::Result<base::ByteView> Reader::unsigned_integer() {
  HEQI_TRY(const Element element, expect(kInteger));
  base::ByteView content = element.content;
  if (const char* what = check_integer(content)) return malformed_element(what, element);
  if ((content[0] & 0x80) != 0) return malformed_element("integer is negative", element);
  if (content.size() > 1 && content[0] == 0) content = content.subspan(1);
  return content;
}

base::Result<std::int64_t> Reader::small_integer() {
  HEQI_TRY(const Element element, expect(kInteger));
  return small_value(element);
}

base::Result<std::int64_t> Reader::enumerated() {
  HEQI_TRY(const Element element, expect(kEnumerated));
  return small_value(element);
}

base::Result<Oid> Reader::oid() {
  HEQI_TRY(const Element element, expect(kOid));
  auto oid = Oid::from_content(element.content);
  if (!oid)
    return base::fail(oid.error().code, "DER: " + oid.error().detail + " at offset " +
                                            std::to_string(element.offset));
  return oid;
}

base::Result<base::ByteView> Reader::octet_string() {
  HEQI_TRY(const Element element, expect(kOctetString));
  return element.content;
}

base::Result<base::ByteView> Reader::bit_string() {
  HEQI_TRY(const Element element, expect(kBitString));
  if (const char* what = check_bits(element.content)) return malformed_element(what, element);
  if (element.content[0] != 0)
    return malformed_element("bit string is not of whole octets", element);
  return element.content.subspan(1);
}

base::Result<Reader::Bits> Reader::named_bits() {
  HEQI_TRY(const Element element, expect(kBitString));
  if (const char* what = check_bits(element.content)) return malformed_element(what, element);
  return Bits{element.content.subspan(1), element.content[0]};
}

base::Status Reader::null() {
  HEQI_TRY(const Element element, expect(kNull));
  if (!element.content.empty()) return malformed_element("null with content", element);
  return {};
}

base::Result<std::string> Reader::text() {
  HEQI_TRY(const Element element, any());
  return text_content(element);
}

base::Result<std::string> Reader::utf8_string() {
  HEQI_TRY(const Element element, expect(kUtf8String));
  return text_content(element);
}

base::Result<std::string> Reader::ia5_string() {
  HEQI_TRY(const Element element, expect(kIa5String));
  return text_content(element);
}

}  // namespace heqi::asn1
