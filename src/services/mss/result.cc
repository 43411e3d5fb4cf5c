#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/services/mss/transactions.h>

namespace heqi::services::mss {

base::Bytes encode_signature_result(const SignatureResult& result) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.octet_string(result.signed_attributes)
        .octet_string(result.signature)
        .octet_string(result.certificate);
  });
  return out.take();
}

base::Result<SignatureResult> parse_signature_result(base::ByteView der) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader reader, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const base::ByteView attributes, reader.octet_string());
  HEQI_TRY(const base::ByteView signature, reader.octet_string());
  HEQI_TRY(const base::ByteView certificate, reader.octet_string());
  HEQI_TRY(reader.finish());
  return SignatureResult{base::to_bytes(attributes), base::to_bytes(signature),
                         base::to_bytes(certificate)};
}

}  // namespace heqi::services::mss
