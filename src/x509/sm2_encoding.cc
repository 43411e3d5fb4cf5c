#include <algorithm>
#include <cstring>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/x509/sm2_encoding.h>

namespace heqi::x509 {
namespace {

// read_32 reads an INTEGER that fits into 32 octets, padded on the left.
base::Result<crypto::ScalarBytes> read_32(asn1::Reader& reader) {
  const std::size_t offset = reader.offset();
  HEQI_TRY(const base::ByteView value, reader.unsigned_integer());
  if (value.size() > crypto::kScalarSize)
    return base::fail(base::Code::malformed,
                      "SM2: integer of more than 32 octets at offset " + std::to_string(offset));
  crypto::ScalarBytes out{};
  std::copy(value.begin(), value.end(), out.end() - static_cast<std::ptrdiff_t>(value.size()));
  return out;
}

}  // namespace

base::Bytes encode_signature(const crypto::Signature& signature) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.unsigned_integer(signature.r.encode());
    w.unsigned_integer(signature.s.encode());
  });
  return out.take();
}

base::Result<crypto::Signature> parse_signature(base::ByteView der) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader inner, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const crypto::ScalarBytes r, read_32(inner));
  HEQI_TRY(const crypto::ScalarBytes s, read_32(inner));
  HEQI_TRY(inner.finish());
  crypto::Signature out;
  HEQI_TRY(out.r, crypto::Scalar::decode(r));
  HEQI_TRY(out.s, crypto::Scalar::decode(s));
  return out;
}

base::Result<crypto::Signature> parse_raw_signature(base::ByteView octets) {
  if (octets.size() != kRawSignatureSize)
    return base::fail(
        base::Code::malformed,
        "SM2: raw signature of " + std::to_string(octets.size()) + " octets instead of 64");
  crypto::Signature out;
  HEQI_TRY(out.r, crypto::Scalar::decode(octets.first(crypto::kScalarSize)));
  HEQI_TRY(out.s, crypto::Scalar::decode(octets.subspan(crypto::kScalarSize)));
  return out;
}

base::Bytes encode_raw_signature(const crypto::Signature& signature) {
  return base::concat({signature.r.encode(), signature.s.encode()});
}

base::Bytes encode_ciphertext(const crypto::Ciphertext& ciphertext) {
  const crypto::PointBytes point = ciphertext.c1.encode();
  const base::ByteView octets(point);
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.unsigned_integer(octets.subspan(1, crypto::kScalarSize));
    w.unsigned_integer(octets.subspan(1 + crypto::kScalarSize));
    w.octet_string(ciphertext.c3);
    w.octet_string(ciphertext.c2);
  });
  return out.take();
}

base::Result<crypto::Ciphertext> parse_ciphertext(base::ByteView der) {
  if (der.size() > kCiphertextSizeMax)
    return base::fail(base::Code::limit_exceeded, "SM2: ciphertext of more than 1 MiB");
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader inner, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const crypto::ScalarBytes x, read_32(inner));
  HEQI_TRY(const crypto::ScalarBytes y, read_32(inner));
  HEQI_TRY(const base::ByteView c3, inner.octet_string());
  HEQI_TRY(const base::ByteView c2, inner.octet_string());
  HEQI_TRY(inner.finish());
  if (c3.size() != crypto::kSm3Size)
    return base::fail(base::Code::malformed, "SM2: C3 is not of 32 octets");
  if (c2.empty()) return base::fail(base::Code::malformed, "SM2: C2 is empty");
  const std::uint8_t uncompressed = 0x04;
  HEQI_TRY(const crypto::Point c1,
           crypto::Point::decode(base::concat({base::ByteView(&uncompressed, 1), x, y})));
  crypto::Ciphertext out;
  out.c1 = c1;
  std::copy(c3.begin(), c3.end(), out.c3.begin());
  out.c2 = base::to_bytes(c2);
  return out;
}

}  // namespace heqi::x509
