#include <heqi/asn1/writer.h>
#include <heqi/base/text.h>
#include <heqi/x509/name.h>
#include <heqi/x509/oids.h>

namespace heqi::x509 {
namespace {

constexpr std::size_t kTextMax = 256;  // octets of one value that is made here

// keyword_of is the short name of RFC 4514 §3, or one in wide use; empty for other types.
std::string_view keyword_of(const asn1::Oid& type) {
  static const std::vector<std::pair<asn1::Oid, std::string_view>> kKeywords = {
      {oids::common_name(), "CN"},
      {oids::locality(), "L"},
      {oids::state_or_province(), "ST"},
      {oids::organization(), "O"},
      {oids::organizational_unit(), "OU"},
      {oids::country(), "C"},
      {oids::street_address(), "STREET"},
      {oids::domain_component(), "DC"},
      {oids::user_id(), "UID"},
      {oids::serial_number(), "serialNumber"},
      {oids::email_address(), "emailAddress"},
      {oids::surname(), "SN"},
      {oids::given_name(), "GN"},
      {oids::title(), "title"},
      {oids::organization_identifier(), "organizationIdentifier"}};
  for (const auto& [known, keyword] : kKeywords)
    if (known == type) return keyword;
  return {};
}

std::string escaped(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool edge_space = c == ' ' && (i == 0 || i + 1 == text.size());
    const bool special = std::string_view("\"+,;<>\\=").find(c) != std::string_view::npos;
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7f) {
      out += {'\\', kDigits[octet >> 4], kDigits[octet & 15]};
    } else {
      if (edge_space || special || (c == '#' && i == 0)) out.push_back('\\');
      out.push_back(c);
    }
  }
  return out;
}

std::string text_of_attribute(const NameAttribute& attribute) {
  const std::string_view keyword = keyword_of(attribute.type);
  if (keyword.empty()) return attribute.type.dotted() + "=#" + base::to_hex(attribute.value);
  const std::string hexadecimal = "#" + base::to_hex(attribute.value);
  const bool broken = attribute.text == hexadecimal;
  return std::string(keyword) + "=" + (broken ? hexadecimal : escaped(attribute.text));
}

asn1::Tag tag_for(const asn1::Oid& type) {
  if (type == oids::country() || type == oids::serial_number()) return asn1::kPrintableString;
  if (type == oids::email_address() || type == oids::domain_component()) return asn1::kIa5String;
  return asn1::kUtf8String;
}

// folded is text in lower case (ASCII), with single inner spaces and none at the ends.
std::string folded(std::string_view text) {
  std::string out;
  for (const char c : base::trim(text)) {
    if (c == ' ' && !out.empty() && out.back() == ' ') continue;
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

base::Result<NameAttribute> parse_attribute(asn1::Reader& rdn, std::size_t number) {
  HEQI_TRY(asn1::Reader pair, rdn.sequence());
  NameAttribute out;
  out.rdn = number;
  HEQI_TRY(out.type, pair.oid());
  HEQI_TRY(const asn1::Element value, pair.any());
  HEQI_TRY(pair.finish());
  out.value = base::to_bytes(value.whole);
  auto text = asn1::text_content(value);
  out.text = text ? *std::move(text) : "#" + base::to_hex(value.whole);
  return out;
}

}  // namespace

Name::Name() : der_{0x30, 0x00} {}

base::Result<Name> Name::parse(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, asn1::Reader::over(der));
  HEQI_TRY(Name out, parse(reader));
  HEQI_TRY(reader.finish());
  return out;
}

base::Result<Name> Name::parse(asn1::Reader& reader) {
  HEQI_TRY(const asn1::Element whole, reader.expect(asn1::kSequence));
  if (whole.whole.size() > kNameSizeMax)
    return base::fail(base::Code::limit_exceeded, "name of more than 16384 octets");
  HEQI_TRY(asn1::Reader rdns, reader.enter(whole));
  Name out;
  out.der_ = base::to_bytes(whole.whole);
  for (std::size_t number = 0; !rdns.at_end(); ++number) {
    HEQI_TRY(const asn1::Element set, rdns.expect(asn1::kSet));
    if (set.content.empty()) return asn1::malformed_element("empty relative name", set);
    HEQI_TRY(asn1::Reader rdn, rdns.enter(set));
    while (!rdn.at_end()) {
      HEQI_TRY(NameAttribute attribute, parse_attribute(rdn, number));
      out.attributes_.push_back(std::move(attribute));
      if (out.attributes_.size() > kNameAttributesMax)
        return base::fail(base::Code::limit_exceeded, "name of more than 64 attributes");
    }
  }
  return out;
}

base::Result<Name> Name::make(const std::vector<Wanted>& attributes) {
  asn1::Writer rdns;
  for (const Wanted& wanted : attributes) {
    if (wanted.text.empty())
      return base::fail(base::Code::malformed, "name: empty value of " + wanted.type.dotted());
    if (wanted.text.size() > kTextMax)
      return base::fail(base::Code::limit_exceeded,
                        "name: value of " + wanted.type.dotted() + " of more than 256 octets");
    asn1::Element value;
    value.tag = tag_for(wanted.type);
    value.content = base::bytes_of(wanted.text);
    if (!asn1::text_content(value))
      return base::fail(base::Code::malformed, "name: value of " + wanted.type.dotted() +
                                                   " has characters not of its type");
    rdns.constructed(asn1::kSet, [&](asn1::Writer& set) {
      set.sequence([&](asn1::Writer& pair) {
        pair.oid(wanted.type);
        pair.element(value.tag, value.content);
      });
    });
  }
  asn1::Writer out;
  out.element(asn1::kSequence, rdns.bytes());
  return parse(out.bytes());
}

std::string Name::text() const {
  std::string out;
  for (std::size_t end = attributes_.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && attributes_[begin - 1].rdn == attributes_[end - 1].rdn) --begin;
    if (!out.empty()) out += ",";
    for (std::size_t i = begin; i < end; ++i)
      out += (i == begin ? "" : "+") + text_of_attribute(attributes_[i]);
    end = begin;
  }
  return out;
}

std::optional<std::string> Name::find(const asn1::Oid& type) const {
  for (std::size_t i = attributes_.size(); i > 0; --i)
    if (attributes_[i - 1].type == type) return attributes_[i - 1].text;
  return std::nullopt;
}

std::string Name::common_name() const {
  return find(oids::common_name()).value_or(std::string());
}

bool Name::matches(const Name& other) const {
  if (attributes_.size() != other.attributes_.size()) return false;
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    const NameAttribute& a = attributes_[i];
    const NameAttribute& b = other.attributes_[i];
    if (!(a.type == b.type) || a.rdn != b.rdn || folded(a.text) != folded(b.text)) return false;
  }
  return true;
}

}  // namespace heqi::x509
