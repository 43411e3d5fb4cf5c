#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>

namespace heqi::x509 {
namespace {

constexpr std::size_t kAttributesMax = 32;

// parse_extension_request reads the values of one extensionRequest attribute.
base::Status parse_extension_request(asn1::Reader& values, CsrBody& body) {
  if (!body.extensions.empty())
    return base::fail(base::Code::malformed, "CSR: extensionRequest comes twice");
  HEQI_TRY(body.extensions, parse_extensions(values));
  return values.finish();
}

base::Status parse_attributes(asn1::Reader& list, CsrBody& body) {
  std::size_t count = 0;
  while (!list.at_end()) {
    HEQI_TRY(asn1::Reader attribute, list.sequence());
    HEQI_TRY(const asn1::Oid type, attribute.oid());
    HEQI_TRY(asn1::Reader values, attribute.set());
    HEQI_TRY(attribute.finish());
    if (type == oids::extension_request()) HEQI_TRY(parse_extension_request(values, body));
    if (++count > kAttributesMax)
      return base::fail(base::Code::limit_exceeded, "CSR: more than 32 attributes");
  }
  return {};
}

// parse_info reads CertificationRequestInfo from inside its SEQUENCE.
base::Result<CsrBody> parse_info(asn1::Reader& info) {
  CsrBody out;
  HEQI_TRY(const std::int64_t version, info.small_integer());
  if (version != 0) return base::fail(base::Code::malformed, "CSR: version is not 0");
  HEQI_TRY(out.subject, Name::parse(info));
  HEQI_TRY(out.public_key, parse_public_key_info(info));
  HEQI_TRY(const auto attributes, info.optional(asn1::context_constructed(0)));
  HEQI_TRY(info.finish());
  if (attributes) {
    HEQI_TRY(asn1::Reader list, info.enter(*attributes));
    HEQI_TRY(parse_attributes(list, out));
  }
  return out;
}

}  // namespace

base::Bytes encode_csr_body(const CsrBody& body) {
  std::vector<base::Bytes> attributes;
  if (!body.extensions.empty()) {
    asn1::Writer attribute;
    attribute.sequence([&](asn1::Writer& w) {
      w.oid(oids::extension_request());
      w.constructed(asn1::kSet,
                    [&](asn1::Writer& values) { write_extensions(values, body.extensions); });
    });
    attributes.push_back(attribute.take());
  }
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.integer(0);
    w.raw(body.subject.der());
    w.raw(body.public_key.der);
    w.set_of(attributes, asn1::context_constructed(0));
  });
  return out.take();
}

base::Result<CsrBody> parse_csr_body(base::ByteView der) {
  if (der.size() > kCsrSizeMax)
    return base::fail(base::Code::limit_exceeded, "CSR: more than 16384 octets");
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader info, outer.sequence());
  HEQI_TRY(outer.finish());
  return parse_info(info);
}

base::Result<base::Bytes> make_csr(const CsrBody& body, Signer& signer) {
  const base::Bytes tbs = encode_csr_body(body);
  HEQI_TRY(const base::Bytes signature, signer.sign(tbs));
  return assemble_signed(tbs, signer.algorithm(), signature);
}

base::Result<Csr> parse_csr(base::ByteView der) {
  if (der.size() > kCsrSizeMax)
    return base::fail(base::Code::limit_exceeded, "CSR: more than 16384 octets");
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader whole, outer.sequence());
  HEQI_TRY(outer.finish());
  Csr out;
  HEQI_TRY(const asn1::Element tbs, whole.expect(asn1::kSequence));
  HEQI_TRY(asn1::Reader info, whole.enter(tbs));
  HEQI_TRY(out.body, parse_info(info));
  HEQI_TRY(out.signature_algorithm, parse_algorithm(whole));
  HEQI_TRY(const base::ByteView signature, whole.bit_string());
  HEQI_TRY(whole.finish());
  out.signature = base::to_bytes(signature);
  out.der = base::to_bytes(der);
  out.tbs_offset = tbs.offset;
  out.tbs_size = tbs.whole.size();
  return out;
}

base::Status verify_possession(const Csr& csr) {
  return verify_possession(csr, Sm2SignatureVerifier());
}

base::Status verify_possession(const Csr& csr, const SignatureVerifier& verifier) {
  return verifier.verify(csr.signature_algorithm, csr.body.public_key, csr.tbs(), csr.signature);
}

}  // namespace heqi::x509
