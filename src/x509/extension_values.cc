// The values of standard extensions (RFC 5280 §4.2).
#include <heqi/x509/extension.h>
#include <heqi/x509/oids.h>

namespace heqi::x509 {
namespace {

constexpr unsigned kPathLengthMax = 255;
constexpr std::size_t kListMax = 64;  // purposes, policies, distribution points, locations

// Sole is a reader inside the one SEQUENCE that value is.
base::Result<asn1::Reader> sole_sequence(base::ByteView value) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(value));
  HEQI_TRY(asn1::Reader inner, outer.sequence());
  HEQI_TRY(outer.finish());
  return inner;
}

base::Error too_many(const char* what) {
  return base::fail(base::Code::limit_exceeded, std::string("more than 64 ") + what);
}

base::Error empty_list(const char* what) {
  return base::fail(base::Code::malformed, std::string("empty list of ") + what);
}

// append_uris adds the URIs among names.
void append_uris(std::vector<std::string>& to, const std::vector<GeneralName>& names) {
  for (const GeneralName& name : names)
    if (name.kind == GeneralName::Kind::uri && !name.text.empty()) to.push_back(name.text);
}

base::Status parse_distribution_point(asn1::Reader& list, std::vector<std::string>& uris) {
  HEQI_TRY(asn1::Reader point, list.sequence());
  HEQI_TRY(auto point_name, point.explicit_tag(0));
  if (point_name) {
    HEQI_TRY(const auto full_name, point_name->optional(asn1::context_constructed(0)));
    if (full_name) {
      HEQI_TRY(asn1::Reader names, point_name->enter(*full_name));
      HEQI_TRY(const std::vector<GeneralName> parsed, parse_general_names(names));
      append_uris(uris, parsed);
    } else {
      HEQI_TRY(point_name->expect(asn1::context_constructed(1)));
    }
    HEQI_TRY(point_name->finish());
  }
  HEQI_TRY(point.optional(asn1::context(1)));              // reasons
  HEQI_TRY(point.optional(asn1::context_constructed(2)));  // cRLIssuer
  return point.finish();
}

}  // namespace

base::Result<KeyUsage> parse_key_usage(base::ByteView value) {
  HEQI_TRY(asn1::Reader reader, asn1::Reader::over(value));
  HEQI_TRY(const asn1::Reader::Bits bits, reader.named_bits());
  HEQI_TRY(reader.finish());
  KeyUsage out;
  for (unsigned bit = 0; bit < 9; ++bit)
    if (bit / 8 < bits.octets.size() && (bits.octets[bit / 8] & (0x80U >> (bit % 8))) != 0)
      out.add(static_cast<KeyUsageBit>(bit));
  if (out.bits() == 0) return base::fail(base::Code::malformed, "keyUsage without a bit set");
  return out;
}

base::Result<BasicConstraints> parse_basic_constraints(base::ByteView value) {
  HEQI_TRY(asn1::Reader reader, sole_sequence(value));
  BasicConstraints out;
  const auto next = reader.peek();
  // An explicit FALSE is not DER, but common in old end-entity certificates.
  if (next && *next == asn1::kBoolean) {
    HEQI_TRY(out.ca, reader.boolean());
  }
  if (!reader.at_end()) {
    HEQI_TRY(const std::int64_t length, reader.small_integer());
    if (length < 0 || length > kPathLengthMax)
      return base::fail(base::Code::malformed, "pathLenConstraint is not in 0…255");
    if (!out.ca) return base::fail(base::Code::malformed, "pathLenConstraint where cA is not true");
    out.path_length = static_cast<unsigned>(length);
  }
  HEQI_TRY(reader.finish());
  return out;
}

base::Result<std::vector<asn1::Oid>> parse_extended_key_usage(base::ByteView value) {
  HEQI_TRY(asn1::Reader reader, sole_sequence(value));
  std::vector<asn1::Oid> out;
  while (!reader.at_end()) {
    HEQI_TRY(asn1::Oid purpose, reader.oid());
    out.push_back(std::move(purpose));
    if (out.size() > kListMax) return too_many("key purposes");
  }
  if (out.empty()) return empty_list("key purposes");
  return out;
}

base::Result<base::Bytes> parse_subject_key_identifier(base::ByteView value) {
  HEQI_TRY(asn1::Reader reader, asn1::Reader::over(value));
  HEQI_TRY(const base::ByteView identifier, reader.octet_string());
  HEQI_TRY(reader.finish());
  if (identifier.empty()) return base::fail(base::Code::malformed, "empty key identifier");
  return base::to_bytes(identifier);
}

base::Result<AuthorityKeyIdentifier> parse_authority_key_identifier(base::ByteView value) {
  HEQI_TRY(asn1::Reader reader, sole_sequence(value));
  AuthorityKeyIdentifier out;
  HEQI_TRY(const auto identifier, reader.optional(asn1::context(0)));
  if (identifier) out.key_identifier = base::to_bytes(identifier->content);
  HEQI_TRY(const auto issuer, reader.optional(asn1::context_constructed(1)));
  if (issuer) {
    HEQI_TRY(asn1::Reader names, reader.enter(*issuer));
    HEQI_TRY(out.issuer, parse_general_names(names));
  }
  HEQI_TRY(const auto serial, reader.optional(asn1::context(2)));
  HEQI_TRY(reader.finish());
  if (issuer.has_value() != serial.has_value())
    return base::fail(base::Code::malformed, "authority's issuer and serial do not come together");
  if (serial) {
    base::ByteView octets = serial->content;
    if (octets.empty() || (octets[0] & 0x80) != 0)
      return asn1::malformed_element("bad serial number", *serial);
    if (octets.size() > 1 && octets[0] == 0) octets = octets.subspan(1);
    out.serial = base::to_bytes(octets);
  }
  return out;
}

base::Result<std::vector<GeneralName>> parse_alternative_names(base::ByteView value) {
  HEQI_TRY(asn1::Reader reader, sole_sequence(value));
  HEQI_TRY(std::vector<GeneralName> out, parse_general_names(reader));
  if (out.empty()) return empty_list("alternative names");
  return out;
}

base::Result<std::vector<std::string>> parse_crl_distribution_points(base::ByteView value) {
  HEQI_TRY(asn1::Reader list, sole_sequence(value));
  std::vector<std::string> out;
  std::size_t points = 0;
  while (!list.at_end()) {
    HEQI_TRY(parse_distribution_point(list, out));
    if (++points > kListMax) return too_many("distribution points");
  }
  return out;
}

base::Result<AccessLocations> parse_authority_information_access(base::ByteView value) {
  HEQI_TRY(asn1::Reader list, sole_sequence(value));
  AccessLocations out;
  std::size_t descriptions = 0;
  while (!list.at_end()) {
    HEQI_TRY(asn1::Reader description, list.sequence());
    HEQI_TRY(const asn1::Oid method, description.oid());
    HEQI_TRY(const std::vector<GeneralName> location, parse_general_names(description));
    if (location.size() != 1)
      return base::fail(base::Code::malformed, "access description without exactly one location");
    if (method == oids::access_ocsp()) append_uris(out.ocsp, location);
    if (method == oids::access_ca_issuers()) append_uris(out.ca_issuers, location);
    if (++descriptions > kListMax) return too_many("access descriptions");
  }
  return out;
}

base::Result<std::vector<asn1::Oid>> parse_certificate_policies(base::ByteView value) {
  HEQI_TRY(asn1::Reader list, sole_sequence(value));
  std::vector<asn1::Oid> out;
  while (!list.at_end()) {
    HEQI_TRY(asn1::Reader information, list.sequence());
    HEQI_TRY(asn1::Oid policy, information.oid());
    HEQI_TRY(information.optional(asn1::kSequence));  // qualifiers
    HEQI_TRY(information.finish());
    for (const asn1::Oid& known : out)
      if (known == policy) return base::fail(base::Code::malformed, "a policy comes twice");
    out.push_back(std::move(policy));
    if (out.size() > kListMax) return too_many("policies");
  }
  if (out.empty()) return empty_list("policies");
  return out;
}

}  // namespace heqi::x509
