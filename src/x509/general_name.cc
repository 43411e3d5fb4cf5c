#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/x509/general_name.h>
#include <heqi/x509/name.h>

namespace heqi::x509 {
namespace {

using Kind = GeneralName::Kind;

bool is_constructed(Kind kind) {
  return kind == Kind::other_name || kind == Kind::x400_address || kind == Kind::directory ||
         kind == Kind::edi_party;
}

bool is_ascii_text(base::ByteView octets) {
  for (const std::uint8_t c : octets)
    if (c < 0x21 || c > 0x7e) return false;
  return !octets.empty();
}

std::string address_text(base::ByteView octets) {
  std::string out;
  if (octets.size() == 4) {
    for (const std::uint8_t octet : octets) out += (out.empty() ? "" : ".") + std::to_string(octet);
  } else if (octets.size() == 16) {
    for (std::size_t i = 0; i < 16; i += 2) {
      const std::string part = base::to_hex(octets.subspan(i, 2));
      out += (out.empty() ? "" : ":") +
             part.substr(std::min<std::size_t>(part.find_first_not_of('0'), 3));
    }
  }
  return out;
}

GeneralName text_name(Kind kind, std::string text) {
  GeneralName out;
  out.kind = kind;
  out.value = base::to_bytes(std::string_view(text));
  out.text = std::move(text);
  return out;
}

base::Result<std::string> name_text(const GeneralName& name, const asn1::Element& element) {
  switch (name.kind) {
    case Kind::email:
    case Kind::dns:
    case Kind::uri:
      // What is not ASCII cannot be compared safely, so it has no text; the octets stay.
      if (!is_ascii_text(name.value)) return std::string();
      return std::string(base::text_of(name.value));
    case Kind::ip_address:
      return address_text(name.value);
    case Kind::directory: {
      HEQI_TRY(const Name directory, Name::parse(name.value));
      return directory.text();
    }
    case Kind::registered_id: {
      auto oid = asn1::Oid::from_content(name.value);
      if (!oid) return asn1::malformed_element("bad registered identifier", element);
      return oid->dotted();
    }
    default:
      return std::string();
  }
}

}  // namespace

GeneralName dns_name(std::string text) {
  return text_name(Kind::dns, std::move(text));
}
GeneralName email_name(std::string text) {
  return text_name(Kind::email, std::move(text));
}
GeneralName uri_name(std::string text) {
  return text_name(Kind::uri, std::move(text));
}

GeneralName ip_name(base::ByteView address) {
  GeneralName out;
  out.kind = Kind::ip_address;
  out.value = base::to_bytes(address);
  out.text = address_text(address);
  return out;
}

GeneralName directory_name(base::ByteView name_der) {
  GeneralName out;
  out.kind = Kind::directory;
  out.value = base::to_bytes(name_der);
  if (auto name = Name::parse(name_der)) out.text = name->text();
  return out;
}

base::Result<std::vector<GeneralName>> parse_general_names(asn1::Reader& reader) {
  std::vector<GeneralName> out;
  while (!reader.at_end()) {
    HEQI_TRY(const asn1::Element element, reader.any());
    if (element.tag.tag_class != asn1::Class::context || element.tag.number > 8)
      return asn1::malformed_element("not a GeneralName", element);
    GeneralName name;
    name.kind = static_cast<Kind>(element.tag.number);
    if (is_constructed(name.kind) != (element.tag.form == asn1::Form::constructed))
      return asn1::malformed_element("GeneralName in a wrong form", element);
    name.value = base::to_bytes(element.content);
    HEQI_TRY(name.text, name_text(name, element));
    out.push_back(std::move(name));
    if (out.size() > kGeneralNamesMax)
      return base::fail(base::Code::limit_exceeded, "more than 256 GeneralNames");
  }
  return out;
}

base::Status write_general_name(asn1::Writer& writer, const GeneralName& name) {
  const auto number = static_cast<std::uint32_t>(name.kind);
  const bool textual = name.kind == Kind::email || name.kind == Kind::dns || name.kind == Kind::uri;
  if (textual && !is_ascii_text(name.value))
    return base::fail(base::Code::malformed, "a DNS name, e-mail address or URI is not ASCII");
  if (name.kind == Kind::ip_address && name.value.size() != 4 && name.value.size() != 16)
    return base::fail(base::Code::malformed, "an IP address is not of 4 or 16 octets");
  if (name.kind == Kind::directory) HEQI_TRY(Name::parse(name.value));
  writer.element(
      is_constructed(name.kind) ? asn1::context_constructed(number) : asn1::context(number),
      name.value);
  return {};
}

}  // namespace heqi::x509
