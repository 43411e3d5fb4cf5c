#include "name_constraints.h"

#include <heqi/x509/oids.h>

#include <algorithm>
#include <string_view>

#include "der.h"

namespace heqi::pki {

using asn1::Element;
using asn1::Reader;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;
using x509::GeneralName;
using Kind = GeneralName::Kind;

namespace {

// A subtree's base is a GeneralName; of an address it carries the mask too, which the reader of
// certificates would refuse.
Result<GeneralName> read_base(Reader& list) {
  HEQI_TRY(const Element element, list.any());
  GeneralName name;
  if (element.tag.tag_class != asn1::Class::context || element.tag.number > 8)
    return base::fail(Code::malformed, der::what_at("GeneralName", element.offset));
  name.kind = static_cast<Kind>(element.tag.number);
  name.value = base::to_bytes(element.content);
  return name;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool ends_with_text(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && same_text(text.substr(text.size() - end.size()), end);
}

// within_domain: "example.com" covers itself and every name below it; ".example.com" only those
// below.
bool within_domain(std::string_view name, std::string_view base) {
  if (base.empty()) return true;
  if (base[0] == '.') return ends_with_text(name, base);
  if (same_text(name, base)) return true;
  return name.size() > base.size() && ends_with_text(name, base) &&
         name[name.size() - base.size() - 1] == '.';
}

// stands_for: the wildcard name *.example.com may stand for base, a name of one label more.
bool stands_for(std::string_view name, std::string_view base) {
  const std::size_t dot = base.find('.');
  return name.starts_with("*.") && dot != 0 && dot != std::string_view::npos &&
         same_text(name.substr(1), base.substr(dot));
}

bool within_mail(std::string_view name, std::string_view base) {
  const std::size_t at = name.rfind('@');
  if (at == std::string_view::npos) return false;
  const std::string_view host = name.substr(at + 1);
  const std::size_t base_at = base.rfind('@');
  if (base_at != std::string_view::npos)  // the local part is case-sensitive
    return name.substr(0, at) == base.substr(0, base_at) &&
           same_text(host, base.substr(base_at + 1));
  if (!base.empty() && base[0] == '.') return ends_with_text(host, base);
  return base.empty() || same_text(host, base);
}

bool within_network(ByteView address, ByteView base) {
  if (base.size() != 2 * address.size()) return false;
  for (std::size_t i = 0; i < address.size(); ++i)
    if ((address[i] & base[address.size() + i]) != (base[i] & base[address.size() + i]))
      return false;
  return true;
}

// within_directory: the relative names of base begin those of name (compared as encoded).
bool within_directory(ByteView name, ByteView base) {
  Result<Reader> outer_name = Reader::over(name), outer_base = Reader::over(base);
  if (!outer_name || !outer_base) return false;
  Result<Reader> list_name = outer_name->sequence(), list_base = outer_base->sequence();
  if (!list_name || !list_base) return false;
  const ByteView all = list_name->rest(), start = list_base->rest();
  return start.size() <= all.size() && base::same_bytes(all.first(start.size()), start);
}

bool within(const GeneralName& name, const GeneralName& base) {
  switch (name.kind) {
    case Kind::dns:
      return within_domain(base::text_of(name.value), base::text_of(base.value));
    case Kind::email:
      return within_mail(base::text_of(name.value), base::text_of(base.value));
    case Kind::ip_address:
      return within_network(name.value, base.value);
    case Kind::directory:
      return within_directory(name.value, base.value);
    default:
      break;
  }
  return false;
}

// meets: some name that this one stands for is within base.
bool meets(const GeneralName& name, const GeneralName& base) {
  return within(name, base) || (name.kind == Kind::dns &&
                                stands_for(base::text_of(name.value), base::text_of(base.value)));
}

bool is_supported(Kind kind) {
  return kind == Kind::dns || kind == Kind::email || kind == Kind::ip_address ||
         kind == Kind::directory;
}

Result<std::vector<GeneralName>> read_subtrees(Reader& list) {
  std::vector<GeneralName> bases;
  while (!list.at_end()) {
    if (bases.size() == kNameConstraintsMax)
      return base::fail(Code::limit_exceeded, "more than 1024 name constraints");
    HEQI_TRY(Reader subtree, list.sequence());
    HEQI_TRY(GeneralName name, read_base(subtree));
    if (!subtree.at_end())
      return base::fail(Code::unsupported,
                        der::what_at("minimum or maximum of a subtree", subtree.offset()));
    bases.push_back(std::move(name));
  }
  return bases;
}

}  // namespace

Result<NameConstraints> parse_name_constraints(ByteView der) {
  HEQI_TRY(Reader outer, Reader::over(der));
  HEQI_TRY(Reader fields, outer.sequence());
  HEQI_TRY(outer.finish());
  NameConstraints constraints;
  HEQI_TRY(const std::optional<Element> permitted, fields.optional(asn1::context_constructed(0)));
  if (permitted) {
    HEQI_TRY(Reader list, fields.enter(*permitted));
    HEQI_TRY(constraints.permitted, read_subtrees(list));
  }
  HEQI_TRY(const std::optional<Element> excluded, fields.optional(asn1::context_constructed(1)));
  if (excluded) {
    HEQI_TRY(Reader list, fields.enter(*excluded));
    HEQI_TRY(constraints.excluded, read_subtrees(list));
  }
  HEQI_TRY(fields.finish());
  if (constraints.permitted.empty() && constraints.excluded.empty())
    return base::fail(Code::malformed, "name constraints that say nothing");
  return constraints;
}

std::vector<GeneralName> constrained_names(const x509::Certificate& certificate) {
  std::vector<GeneralName> names = certificate.subject_alternative_names();
  if (!certificate.subject().empty())
    names.push_back({Kind::directory, {}, base::to_bytes(certificate.subject().der())});
  for (const x509::NameAttribute& attribute : certificate.subject().attributes())
    if (attribute.type == x509::oids::email_address())
      names.push_back({Kind::email, {}, base::to_bytes(attribute.text)});
  return names;
}

base::Status check_name(const NameConstraints& constraints, const GeneralName& name) {
  bool restricted = false, permitted = false;
  for (const std::vector<GeneralName>* list : {&constraints.excluded, &constraints.permitted})
    for (const GeneralName& base : *list) {
      if (base.kind != name.kind) continue;
      if (!is_supported(name.kind))
        return base::fail(Code::untrusted, "name constraints of an unsupported kind");
      if (list == &constraints.excluded) {
        if (meets(name, base))
          return base::fail(Code::untrusted, "a name is excluded by name constraints");
      } else {
        restricted = true;
        permitted = permitted || within(name, base);
      }
    }
  if (restricted && !permitted)
    return base::fail(Code::untrusted, "a name is not permitted by name constraints");
  return {};
}

}  // namespace heqi::pki
