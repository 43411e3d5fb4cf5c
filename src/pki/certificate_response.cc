#include <heqi/pki/certificate_response.h>

#include <algorithm>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>

namespace heqi::pki {

using base::Code;
using base::Result;

namespace {

void write_set(asn1::Writer& out, const std::vector<x509::Certificate>& certificates,
               asn1::Tag tag) {
  std::vector<base::Bytes> members;
  for (const x509::Certificate& one : certificates) members.push_back(base::to_bytes(one.der()));
  out.set_of(std::move(members), tag);
}

Result<std::vector<x509::Certificate>> read_set(asn1::Reader members) {
  std::vector<x509::Certificate> out;
  while (!members.at_end()) {
    if (out.size() == kResponseCertificatesMax)
      return base::fail(Code::limit_exceeded, "more than 16 certificates");
    HEQI_TRY(const asn1::Element element, members.expect(asn1::kSequence));
    HEQI_TRY(x509::Certificate certificate, x509::parse_certificate(element.whole));
    out.push_back(std::move(certificate));
  }
  if (out.empty()) return base::fail(Code::malformed, "an empty set of certificates");
  return out;
}

// put_first brings the end entity's certificate to the front.
base::Status put_first(std::vector<x509::Certificate>& certificates, const auto& is_first) {
  const auto found = std::find_if(certificates.begin(), certificates.end(), is_first);
  if (found == certificates.end())
    return base::fail(Code::malformed, "the applicant's certificate is not in the response");
  std::iter_swap(certificates.begin(), found);
  return {};
}

}  // namespace

Result<base::Bytes> encode_certificate_response(const CertificateResponse& response) {
  if (response.signature.empty())
    return base::fail(Code::malformed, "a response without a signature certificate");
  if (response.enveloped_key.empty() != response.encryption.empty())
    return base::fail(Code::malformed, "encryption key and certificate do not come together");
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    write_set(w, response.signature, asn1::kSet);
    if (response.enveloped_key.empty()) return;
    w.explicit_tag(0, [&](asn1::Writer& key) { key.raw(response.enveloped_key); });
    write_set(w, response.encryption, asn1::context_constructed(1));
  });
  return out.take();
}

Result<CertificateResponse> parse_certificate_response(base::ByteView der,
                                                       const x509::PublicKeyInfo& signature_key) {
  if (der.size() > kCertificateResponseSizeMax)
    return base::fail(Code::limit_exceeded, "CSRResponse of more than 262144 octets");
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader fields, outer.sequence());
  HEQI_TRY(outer.finish());
  CertificateResponse out;
  HEQI_TRY(const asn1::Reader signature, fields.set());
  HEQI_TRY(out.signature, read_set(signature));
  HEQI_TRY(put_first(out.signature, [&](const x509::Certificate& one) {
    return one.public_key() == signature_key;
  }));
  HEQI_TRY(std::optional<asn1::Reader> key, fields.explicit_tag(0));
  if (key) {
    HEQI_TRY(const asn1::Element enveloped, key->expect(asn1::kSequence));
    HEQI_TRY(key->finish());
    out.enveloped_key = base::to_bytes(enveloped.whole);
  }
  HEQI_TRY(std::optional<asn1::Reader> encryption, fields.explicit_tag(1));
  if (encryption) {
    if (encryption->peek() == asn1::kSet) {
      HEQI_TRY(const asn1::Reader inner, encryption->set());
      HEQI_TRY(encryption->finish());
      encryption = inner;
    }
    HEQI_TRY(out.encryption, read_set(*encryption));
    HEQI_TRY(put_first(out.encryption, [&](const x509::Certificate& one) {
      return !one.is_ca() && one.subject() == out.signature.front().subject();
    }));
  }
  HEQI_TRY(fields.finish());
  if (out.enveloped_key.empty() != out.encryption.empty())
    return base::fail(Code::malformed, "encryption key and certificate do not come together");
  return out;
}

}  // namespace heqi::pki
