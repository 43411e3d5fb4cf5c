// The list of extensions, and the making of standard ones.
#include <heqi/x509/extension.h>
#include <heqi/x509/oids.h>

namespace heqi::x509 {
namespace {

base::Result<Extension> parse_extension(asn1::Reader& list) {
  HEQI_TRY(asn1::Reader reader, list.sequence());
  Extension out;
  HEQI_TRY(out.type, reader.oid());
  const auto next = reader.peek();
  // An explicit FALSE is not DER, but old authorities wrote it; the signed octets are kept anyway.
  if (next && *next == asn1::kBoolean) {
    HEQI_TRY(out.critical, reader.boolean());
  }
  HEQI_TRY(const base::ByteView value, reader.octet_string());
  HEQI_TRY(reader.finish());
  out.value = base::to_bytes(value);
  return out;
}

Extension make(const asn1::Oid& type, bool critical, asn1::Writer& value) {
  Extension out;
  out.type = type;
  out.critical = critical;
  out.value = value.take();
  return out;
}

Extension make_usage(const std::vector<asn1::Oid>& purposes, bool critical) {
  asn1::Writer value;
  value.sequence([&](asn1::Writer& w) {
    for (const asn1::Oid& purpose : purposes) w.oid(purpose);
  });
  return make(oids::extended_key_usage(), critical, value);
}

base::Status write_access(asn1::Writer& writer, const asn1::Oid& method,
                          const std::vector<std::string>& uris) {
  for (const std::string& uri : uris) {
    asn1::Writer description;
    description.oid(method);
    HEQI_TRY(write_general_name(description, uri_name(uri)));
    writer.element(asn1::kSequence, description.bytes());
  }
  return {};
}

}  // namespace

base::Result<std::vector<Extension>> parse_extensions(asn1::Reader& reader) {
  HEQI_TRY(const asn1::Element whole, reader.expect(asn1::kSequence));
  HEQI_TRY(asn1::Reader list, reader.enter(whole));
  std::vector<Extension> out;
  while (!list.at_end()) {
    HEQI_TRY(Extension extension, parse_extension(list));
    if (find_extension(out, extension.type) != nullptr)
      return asn1::malformed_element("extension " + extension.type.dotted() + " comes twice",
                                     whole);
    out.push_back(std::move(extension));
    if (out.size() > kExtensionsMax)
      return base::fail(base::Code::limit_exceeded, "more than 64 extensions");
  }
  if (out.empty()) return asn1::malformed_element("empty list of extensions", whole);
  return out;
}

void write_extensions(asn1::Writer& writer, const std::vector<Extension>& extensions) {
  writer.sequence([&](asn1::Writer& list) {
    for (const Extension& extension : extensions)
      list.sequence([&](asn1::Writer& w) {
        w.oid(extension.type);
        if (extension.critical) w.boolean(true);
        w.octet_string(extension.value);
      });
  });
}

const Extension* find_extension(const std::vector<Extension>& extensions, const asn1::Oid& type) {
  for (const Extension& extension : extensions)
    if (extension.type == type) return &extension;
  return nullptr;
}

Extension make_key_usage(KeyUsage usage) {
  asn1::Writer value;
  value.named_bits(usage.bits());
  return make(oids::key_usage(), true, value);
}

Extension make_basic_constraints(const BasicConstraints& constraints) {
  asn1::Writer value;
  value.sequence([&](asn1::Writer& w) {
    if (constraints.ca) w.boolean(true);
    if (constraints.ca && constraints.path_length)
      w.integer(static_cast<std::int64_t>(*constraints.path_length));
  });
  return make(oids::basic_constraints(), true, value);
}

Extension make_extended_key_usage(const std::vector<asn1::Oid>& purposes) {
  return make_usage(purposes, false);
}

Extension make_time_stamping_usage() {
  return make_usage({oids::purpose_time_stamping()}, true);
}

Extension make_subject_key_identifier(const PublicKeyInfo& key) {
  asn1::Writer value;
  value.octet_string(key.key_identifier());
  return make(oids::subject_key_identifier(), false, value);
}

Extension make_authority_key_identifier(base::ByteView issuer_key_identifier) {
  asn1::Writer value;
  value.sequence([&](asn1::Writer& w) { w.element(asn1::context(0), issuer_key_identifier); });
  return make(oids::authority_key_identifier(), false, value);
}

base::Result<Extension> make_subject_alternative_names(const std::vector<GeneralName>& names) {
  asn1::Writer list;
  for (const GeneralName& name : names) HEQI_TRY(write_general_name(list, name));
  asn1::Writer value;
  value.element(asn1::kSequence, list.bytes());
  return make(oids::subject_alternative_name(), false, value);
}

base::Result<Extension> make_crl_distribution_points(const std::vector<std::string>& uris) {
  asn1::Writer list;
  for (const std::string& uri : uris) {
    asn1::Writer name;
    HEQI_TRY(write_general_name(name, uri_name(uri)));
    list.sequence([&](asn1::Writer& point) {
      point.explicit_tag(0, [&](asn1::Writer& point_name) {
        point_name.element(asn1::context_constructed(0), name.bytes());
      });
    });
  }
  asn1::Writer value;
  value.element(asn1::kSequence, list.bytes());
  return make(oids::crl_distribution_points(), false, value);
}

base::Result<Extension> make_authority_information_access(const AccessLocations& locations) {
  asn1::Writer list;
  HEQI_TRY(write_access(list, oids::access_ocsp(), locations.ocsp));
  HEQI_TRY(write_access(list, oids::access_ca_issuers(), locations.ca_issuers));
  asn1::Writer value;
  value.element(asn1::kSequence, list.bytes());
  return make(oids::authority_information_access(), false, value);
}

Extension make_certificate_policies(const std::vector<asn1::Oid>& policies) {
  asn1::Writer value;
  value.sequence([&](asn1::Writer& list) {
    for (const asn1::Oid& policy : policies)
      list.sequence([&](asn1::Writer& information) { information.oid(policy); });
  });
  return make(oids::certificate_policies(), false, value);
}

Extension make_ocsp_no_check() {
  asn1::Writer value;
  value.null();
  return make(oids::ocsp_no_check(), false, value);
}

Extension make_identity_extension(const asn1::Oid& type, std::string_view text) {
  asn1::Writer value;
  value.utf8_string(text);
  return make(type, false, value);
}

}  // namespace heqi::x509
