#include "sealed_octets.h"

#include "der.h"

namespace heqi::device {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr std::int64_t kSealVersion = 4;
constexpr std::size_t kSealTextMax = 256;
constexpr std::size_t kHashSize = 32;  // SM3

Status read_header(asn1::Reader& info) {
  HEQI_TRY(asn1::Reader header, info.sequence());
  HEQI_TRY(const std::string mark, header.ia5_string());
  HEQI_TRY(const std::int64_t version, header.small_integer());
  HEQI_TRY(header.ia5_string());
  HEQI_TRY(header.finish());
  if (mark != "ES" || version != kSealVersion)
    return der::at(info, Code::unsupported, "no header of a seal of version 4");
  return {};
}

// read_property reads SES_ESPropertyInfo: the name of the seal, who may use it, and when.
Result<std::string> read_property(asn1::Reader& info) {
  HEQI_TRY(asn1::Reader property, info.sequence());
  HEQI_TRY(property.small_integer());
  HEQI_TRY(std::string name, der::read_text(property, kSealTextMax));
  HEQI_TRY(property.small_integer());
  HEQI_TRY(property.sequence());
  for (int times = 0; times < 3; ++times) {
    HEQI_TRY(property.generalized_time());
  }
  HEQI_TRY(property.finish());
  return name;
}

Result<SealedOctets> read_seal(asn1::Reader& in) {
  HEQI_TRY(asn1::Reader seal, in.sequence());
  HEQI_TRY(asn1::Reader info, seal.sequence());
  HEQI_TRY(seal.octet_string());  // the maker's certificate
  HEQI_TRY(seal.oid());
  HEQI_TRY(seal.bit_string());
  HEQI_TRY(seal.finish());
  HEQI_TRY(read_header(info));
  SealedOctets out;
  HEQI_TRY(out.seal_id, info.ia5_string());
  HEQI_TRY(out.seal_name, read_property(info));
  HEQI_TRY(info.sequence());  // the picture
  if (out.seal_id.size() > kSealTextMax)
    return der::at(info, Code::unsupported, "the seal's number is too long");
  return out;
}

Result<SealedOctets> read_to_be_signed(base::ByteView octets) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(octets));
  HEQI_TRY(asn1::Reader in, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const std::int64_t version, in.small_integer());
  if (version != kSealVersion) return der::at(in, Code::unsupported, "another version");
  HEQI_TRY(SealedOctets out, read_seal(in));
  HEQI_TRY(in.generalized_time());
  HEQI_TRY(const base::ByteView hash, in.bit_string());
  if (hash.size() != kHashSize) return der::at(in, Code::unsupported, "no SM3 of a document");
  HEQI_TRY(in.ia5_string());
  HEQI_TRY(in.explicit_tag(0));
  HEQI_TRY(in.finish());
  return out;
}

}  // namespace

Result<SealedOctets> read_sealed_octets(base::ByteView octets) {
  auto read = read_to_be_signed(octets);
  if (!read)
    return base::fail(Code::unsupported, "the key in two shares signs seals of GB/T 38540 only: " +
                                             read.error().detail);
  return read;
}

}  // namespace heqi::device
