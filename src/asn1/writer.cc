#include <heqi/asn1/writer.h>

#include <algorithm>

#include <heqi/base/padded.h>
#include <heqi/base/text.h>

namespace heqi::asn1 {
namespace {

void append_tag(base::Bytes& out, Tag tag) {
  const unsigned first =
      (static_cast<unsigned>(tag.tag_class) << 6) | (tag.form == Form::constructed ? 0x20U : 0U);
  if (tag.number < 31) {
    out.push_back(static_cast<std::uint8_t>(first | tag.number));
    return;
  }
  out.push_back(static_cast<std::uint8_t>(first | 0x1f));
  int shift = 28;
  while (shift > 0 && (tag.number >> shift) == 0) shift -= 7;
  for (; shift > 0; shift -= 7)
    out.push_back(static_cast<std::uint8_t>(0x80 | ((tag.number >> shift) & 0x7f)));
  out.push_back(static_cast<std::uint8_t>(tag.number & 0x7f));
}

void append_length(base::Bytes& out, std::size_t length) {
  if (length < 0x80) {
    out.push_back(static_cast<std::uint8_t>(length));
    return;
  }
  int octets = 1;
  while (octets < 8 && (length >> (8 * octets)) != 0) ++octets;
  out.push_back(static_cast<std::uint8_t>(0x80 | octets));
  for (int i = octets - 1; i >= 0; --i)
    out.push_back(static_cast<std::uint8_t>((length >> (8 * i)) & 0xff));
}

// signed_octets is the minimal two's complement of value.
base::Bytes signed_octets(std::int64_t value) {
  base::Bytes out;
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>((static_cast<std::uint64_t>(value) >> shift) & 0xff));
  std::size_t skip = 0;
  while (skip < 7) {
    const bool high = (out[skip + 1] & 0x80) != 0;
    if (!(out[skip] == 0x00 && !high) && !(out[skip] == 0xff && high)) break;
    ++skip;
  }
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(skip));
  return out;
}

std::string general_text(const base::CivilTime& t) {
  std::string text = base::padded(t.year, 4);
  for (const int part : {t.month, t.day, t.hour, t.minute, t.second}) text += base::padded(part, 2);
  return text;
}

}  // namespace

Writer& Writer::element(Tag tag, base::ByteView content) {
  append_tag(out_, tag);
  append_length(out_, content.size());
  base::append(out_, content);
  return *this;
}

Writer& Writer::constructed(Tag tag, const Inner& inner) {
  Writer nested;
  inner(nested);
  return element(tag, nested.out_);
}

Writer& Writer::set_of(std::vector<base::Bytes> members, Tag tag) {
  // One encoding is never the beginning of another, so plain order is that of X.690 §11.6.
  std::sort(members.begin(), members.end());
  base::Bytes content;
  for (const base::Bytes& member : members) base::append(content, member);
  return element(tag, content);
}

Writer& Writer::raw(base::ByteView der) {
  base::append(out_, der);
  return *this;
}

Writer& Writer::boolean(bool value) {
  const std::uint8_t octet = value ? 0xff : 0x00;
  return element(kBoolean, base::ByteView(&octet, 1));
}

Writer& Writer::integer(std::int64_t value) {
  return element(kInteger, signed_octets(value));
}

Writer& Writer::unsigned_integer(base::ByteView big_endian) {
  while (!big_endian.empty() && big_endian[0] == 0) big_endian = big_endian.subspan(1);
  base::Bytes content;
  if (big_endian.empty() || (big_endian[0] & 0x80) != 0) content.push_back(0);
  base::append(content, big_endian);
  element(kInteger, content);
  return *this;
}

Writer& Writer::enumerated(std::int64_t value) {
  return element(kEnumerated, signed_octets(value));
}

Writer& Writer::oid(const Oid& value) {
  HEQI_CHECK(!value.empty());
  return element(kOid, value.content());
}

Writer& Writer::octet_string(base::ByteView content) {
  return element(kOctetString, content);
}

Writer& Writer::bit_string(base::ByteView octets) {
  base::Bytes content(1, 0);
  base::append(content, octets);
  return element(kBitString, content);
}

Writer& Writer::named_bits(std::uint32_t bits) {
  base::Bytes content(1, 0);
  unsigned last = 0;
  for (unsigned bit = 0; bit < 32; ++bit) {
    if (((bits >> bit) & 1) == 0) continue;
    content.resize(2 + bit / 8, 0);
    content[1 + bit / 8] = static_cast<std::uint8_t>(content[1 + bit / 8] | (0x80U >> (bit % 8)));
    last = bit;
  }
  if (bits != 0) content[0] = static_cast<std::uint8_t>(7 - last % 8);
  return element(kBitString, content);
}

Writer& Writer::null() {
  return element(kNull, {});
}

Writer& Writer::utf8_string(std::string_view text) {
  return element(kUtf8String, base::bytes_of(text));
}

Writer& Writer::printable_string(std::string_view text) {
  return element(kPrintableString, base::bytes_of(text));
}

Writer& Writer::ia5_string(std::string_view text) {
  return element(kIa5String, base::bytes_of(text));
}

Writer& Writer::time(base::Time time) {
  const base::CivilTime civil = base::civil_time(time);
  const std::string text = general_text(civil) + "Z";
  if (civil.year < 1950 || civil.year > 2049)
    return element(kGeneralizedTime, base::bytes_of(text));
  return element(kUtcTime, base::bytes_of(std::string_view(text).substr(2)));
}

Writer& Writer::generalized_time(base::Time time) {
  const base::CivilTime civil = base::civil_time(time);
  std::string text = general_text(civil);
  if (civil.microsecond != 0) {
    text += "." + base::padded(civil.microsecond, 6);
    while (text.back() == '0') text.pop_back();
  }
  return element(kGeneralizedTime, base::bytes_of(text + "Z"));
}

}  // namespace heqi::asn1
