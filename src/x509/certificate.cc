#include <heqi/base/text.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/identity.h>
#include <heqi/x509/oids.h>

namespace heqi::x509 {
namespace {

// identity_text reads the string in an identity extension: plain, or as a choice [n] around it.
std::string identity_text(base::ByteView value) {
  auto reader = asn1::Reader::over(value);
  if (!reader) return {};
  auto element = reader->any();
  if (!element || !reader->at_end()) return {};
  for (int depth = 0; depth < 3 && element->tag.form == asn1::Form::constructed; ++depth) {
    auto inner = reader->enter(*element);
    if (!inner) return {};
    auto next = inner->any();
    if (!next) return {};
    element = std::move(next);
  }
  asn1::Element text = *element;
  if (text.tag.tag_class == asn1::Class::context) text.tag = asn1::kUtf8String;
  auto decoded = asn1::text_content(text);
  return decoded ? *std::move(decoded) : std::string();
}

bool is_identity_type(const asn1::Oid& type) {
  static const base::Bytes prefix = base::to_bytes(asn1::Oid::of("1.2.156.10260.4.1").content());
  const base::ByteView content = type.content();
  return content.size() > prefix.size() && base::same_bytes(content.first(prefix.size()), prefix);
}

// in_extension says in which extension a fault was found.
base::Error in_extension(const Extension& extension, base::Error error) {
  error.detail = "extension " + extension.type.dotted() + ": " + error.detail;
  return error;
}

}  // namespace

// CertificateParser fills one Certificate.
class CertificateParser {
 public:
  static base::Result<Certificate> parse(base::ByteView der) {
    if (der.size() > kCertificateSizeMax)
      return base::fail(base::Code::limit_exceeded, "certificate of more than 65536 octets");
    CertificateParser parser;
    Certificate& out = parser.out_;
    HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
    HEQI_TRY(asn1::Reader whole, outer.sequence());
    HEQI_TRY(outer.finish());
    HEQI_TRY(const asn1::Element tbs, whole.expect(asn1::kSequence));
    HEQI_TRY(out.signature_algorithm_, parse_algorithm(whole));
    HEQI_TRY(const base::ByteView signature, whole.bit_string());
    HEQI_TRY(whole.finish());
    out.der_ = base::to_bytes(der);
    out.tbs_offset_ = tbs.offset;
    out.tbs_size_ = tbs.whole.size();
    out.signature_ = base::to_bytes(signature);
    HEQI_TRY(asn1::Reader body, whole.enter(tbs));
    HEQI_TRY(parser.parse_body(body));
    HEQI_TRY(parser.parse_known_extensions());
    return std::move(parser.out_);
  }

 private:
  base::Status parse_body(asn1::Reader& body) {
    HEQI_TRY(parse_version(body));
    HEQI_TRY(const base::ByteView serial, body.unsigned_integer());
    if (serial.size() > kSerialSizeMax)
      return base::fail(base::Code::malformed, "certificate: serial of more than 20 octets");
    out_.serial_ = base::to_bytes(serial);
    HEQI_TRY(const AlgorithmIdentifier algorithm, parse_algorithm(body));
    if (!(algorithm == out_.signature_algorithm_))
      return base::fail(base::Code::malformed,
                        "certificate: the signature algorithms inside and outside differ");
    HEQI_TRY(out_.issuer_, Name::parse(body));
    if (out_.issuer_.empty()) return base::fail(base::Code::malformed, "certificate: empty issuer");
    HEQI_TRY(asn1::Reader validity, body.sequence());
    HEQI_TRY(out_.not_before_, validity.time());
    HEQI_TRY(out_.not_after_, validity.time());
    HEQI_TRY(validity.finish());
    HEQI_TRY(out_.subject_, Name::parse(body));
    HEQI_TRY(out_.public_key_, parse_public_key_info(body));
    for (const unsigned number : {1U, 2U}) {
      HEQI_TRY(const auto unique_id, body.optional(asn1::context(number)));
      if (unique_id && out_.version_ < 2)
        return asn1::malformed_element("unique identifier in a version 1 certificate", *unique_id);
    }
    HEQI_TRY(auto extensions, body.explicit_tag(3));
    HEQI_TRY(body.finish());
    if (!extensions) return {};
    if (out_.version_ != 3)
      return base::fail(base::Code::malformed, "certificate: extensions below version 3");
    HEQI_TRY(out_.extensions_, parse_extensions(*extensions));
    return extensions->finish();
  }

  base::Status parse_version(asn1::Reader& body) {
    HEQI_TRY(auto tagged, body.explicit_tag(0));
    if (!tagged) return {};
    HEQI_TRY(const std::int64_t version, tagged->small_integer());
    HEQI_TRY(tagged->finish());
    if (version != 1 && version != 2)
      return base::fail(base::Code::malformed,
                        "certificate: version " + std::to_string(version) + " as written");
    out_.version_ = static_cast<int>(version) + 1;
    return {};
  }

  // read stores the value of the extension of type in field, if there is one.
  template <class Field, class Value>
  base::Status read(const asn1::Oid& type, base::Result<Value> (*parse_value)(base::ByteView),
                    Field& field) {
    const Extension* extension = out_.find_extension(type);
    if (extension == nullptr) return {};
    auto value = parse_value(extension->value);
    if (!value) return in_extension(*extension, std::move(value).error());
    field = *std::move(value);
    return {};
  }

  base::Status parse_known_extensions() {
    HEQI_TRY(read(oids::key_usage(), parse_key_usage, out_.key_usage_));
    HEQI_TRY(read(oids::basic_constraints(), parse_basic_constraints, out_.basic_constraints_));
    HEQI_TRY(read(oids::extended_key_usage(), parse_extended_key_usage, out_.extended_key_usage_));
    HEQI_TRY(read(oids::subject_key_identifier(), parse_subject_key_identifier,
                  out_.subject_key_identifier_));
    HEQI_TRY(read(oids::authority_key_identifier(), parse_authority_key_identifier,
                  out_.authority_key_identifier_));
    HEQI_TRY(read(oids::subject_alternative_name(), parse_alternative_names,
                  out_.subject_alternative_names_));
    HEQI_TRY(read(oids::crl_distribution_points(), parse_crl_distribution_points,
                  out_.crl_distribution_points_));
    HEQI_TRY(read(oids::authority_information_access(), parse_authority_information_access,
                  out_.access_locations_));
    return read(oids::certificate_policies(), parse_certificate_policies, out_.policies_);
  }

  Certificate out_;
};

bool Certificate::has_purpose(const asn1::Oid& purpose) const {
  for (const asn1::Oid& stated : extended_key_usage_)
    if (stated == purpose) return true;
  return false;
}

std::vector<IdentityExtension> identities_in(const std::vector<Extension>& extensions) {
  std::vector<IdentityExtension> out;
  for (const Extension& extension : extensions)
    if (is_identity_type(extension.type))
      out.push_back({extension.type, identity_text(extension.value)});
  return out;
}

std::vector<IdentityExtension> Certificate::identity_extensions() const {
  return identities_in(extensions_);
}

std::vector<asn1::Oid> Certificate::unknown_critical_extensions() const {
  std::vector<asn1::Oid> out;
  for (const Extension& extension : extensions_) {
    if (!extension.critical) continue;
    const asn1::Oid& type = extension.type;
    const bool known =
        type == oids::key_usage() || type == oids::basic_constraints() ||
        type == oids::extended_key_usage() || type == oids::subject_key_identifier() ||
        type == oids::authority_key_identifier() || type == oids::subject_alternative_name() ||
        type == oids::crl_distribution_points() || type == oids::authority_information_access() ||
        type == oids::certificate_policies() || is_identity_type(type);
    if (!known) out.push_back(type);
  }
  return out;
}

crypto::Digest Certificate::fingerprint() const {
  return crypto::sm3(der_);
}

base::Result<Certificate> parse_certificate(base::ByteView der) {
  return CertificateParser::parse(der);
}

base::Result<std::vector<Certificate>> parse_certificates_pem(std::string_view text) {
  HEQI_TRY(const std::vector<base::PemBlock> blocks, base::parse_pem(text));
  std::vector<Certificate> out;
  for (const base::PemBlock& block : blocks) {
    if (block.label != "CERTIFICATE")
      return base::fail(base::Code::malformed, "PEM: a block that is not a CERTIFICATE");
    HEQI_TRY(Certificate certificate, parse_certificate(block.der));
    out.push_back(std::move(certificate));
  }
  return out;
}

std::string to_pem(const Certificate& certificate) {
  return base::to_pem("CERTIFICATE", certificate.der());
}

}  // namespace heqi::x509
