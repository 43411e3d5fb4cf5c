#include <heqi/pki/certificates_only.h>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/base/text.h>
#include <heqi/x509/oids.h>

namespace heqi::pki {

namespace oids = x509::oids;
using base::Code;

base::Bytes encode_certificates_only(const std::vector<x509::Certificate>& certificates) {
  std::vector<base::Bytes> members;
  for (const x509::Certificate& one : certificates) members.push_back(base::to_bytes(one.der()));
  asn1::Writer out;
  out.sequence([&](asn1::Writer& info) {
    info.oid(oids::cms_signed_data());
    info.explicit_tag(0, [&](asn1::Writer& tagged) {
      tagged.sequence([&](asn1::Writer& fields) {
        fields.integer(1);
        fields.set_of({});
        fields.sequence([](asn1::Writer& content) { content.oid(oids::cms_data()); });
        fields.set_of(std::move(members), asn1::context_constructed(0));
        fields.set_of({});
      });
    });
  });
  return out.take();
}

base::Result<std::vector<x509::Certificate>> parse_certificates_only(base::ByteView der) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader info, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const asn1::Oid type, info.oid());
  if (!(type == oids::cms_signed_data())) return base::fail(Code::malformed, "not SignedData");
  HEQI_TRY(std::optional<asn1::Reader> tagged, info.explicit_tag(0));
  if (!tagged) return base::fail(Code::malformed, "SignedData is missing");
  HEQI_TRY(info.finish());
  HEQI_TRY(asn1::Reader fields, tagged->sequence());
  HEQI_TRY(tagged->finish());
  HEQI_TRY(fields.small_integer());
  HEQI_TRY(const asn1::Reader digests, fields.set());
  HEQI_TRY(asn1::Reader content, fields.sequence());
  HEQI_TRY(content.oid());
  HEQI_TRY(content.finish());
  HEQI_TRY(std::optional<asn1::Reader> list, fields.explicit_tag(0));
  if (!list || !digests.at_end())
    return base::fail(Code::malformed, "not a message of certificates only");
  std::vector<x509::Certificate> out;
  while (!list->at_end()) {
    if (out.size() == kCertificatesOnlyMax)
      return base::fail(Code::limit_exceeded, "more than 32 certificates");
    HEQI_TRY(const asn1::Element element, list->expect(asn1::kSequence));
    HEQI_TRY(x509::Certificate certificate, x509::parse_certificate(element.whole));
    out.push_back(std::move(certificate));
  }
  HEQI_TRY(const asn1::Reader signers, fields.set());
  HEQI_TRY(signers.finish());
  HEQI_TRY(fields.finish());
  return out;
}

base::Result<base::Bytes> parse_est_body(std::string_view text) {
  std::string letters;
  letters.reserve(text.size());
  for (const char letter : text)
    if (letter != '\r' && letter != '\n' && letter != ' ') letters.push_back(letter);
  return base::parse_base64(letters);
}

std::string encode_est_body(base::ByteView der) {
  return base::to_base64(der);
}

}  // namespace heqi::pki
