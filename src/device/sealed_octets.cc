#include <heqi/device/sealed_octets.h>

#include <algorithm>

#include "der.h"

namespace heqi::device {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr std::int64_t kSealVersion = 4;
constexpr std::int64_t kListsCertificates = 1, kListsDigests = 2;

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

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// read_signers reads who may use the seal: certificates, or digests of them with their algorithm.
// What is no certificate, or no SM3, lists nobody.
Result<std::vector<crypto::Digest>> read_signers(asn1::Reader& property) {
  HEQI_TRY(const std::int64_t type, property.small_integer());
  HEQI_TRY(asn1::Reader list, property.sequence());
  if (type != kListsCertificates && type != kListsDigests)
    return der::at(property, Code::unsupported, "another list of signers");
  std::vector<crypto::Digest> signers;
  while (!list.at_end()) {
    if (signers.size() == kSealSignersMax)
      return der::at(list, Code::limit_exceeded, "more than 256 signers");
    HEQI_TRY(const asn1::Element one, list.any());
    if (type == kListsCertificates) {
      signers.push_back(crypto::sm3(one.content));
      continue;
    }
    HEQI_TRY(asn1::Reader fields, list.enter(one));
    HEQI_TRY(const std::string algorithm, fields.text());
    HEQI_TRY(const base::ByteView value, fields.octet_string());
    crypto::Digest digest{};
    if ((algorithm == "SM3" || algorithm == "1.2.156.10197.1.401") && value.size() == digest.size())
      std::copy(value.begin(), value.end(), digest.begin());
    signers.push_back(digest);
  }
  return signers;
}

// read_property reads SES_ESPropertyInfo: the name of the seal, who may use it, and when.
Status read_property(asn1::Reader& info, SealedOctets& out) {
  HEQI_TRY(asn1::Reader property, info.sequence());
  HEQI_TRY(property.small_integer());
  HEQI_TRY(out.seal_name, der::read_text(property, kSealTextMax));
  HEQI_TRY(out.signers, read_signers(property));
  HEQI_TRY(property.generalized_time());  // made at
  HEQI_TRY(out.valid_from, property.generalized_time());
  HEQI_TRY(out.valid_until, property.generalized_time());
  return property.finish();
}

Status read_seal(asn1::Reader& in, SealedOctets& out) {
  HEQI_TRY(asn1::Reader seal, in.sequence());
  HEQI_TRY(asn1::Reader info, seal.sequence());
  HEQI_TRY(seal.octet_string());  // the maker's certificate
  HEQI_TRY(seal.oid());
  HEQI_TRY(seal.bit_string());
  HEQI_TRY(seal.finish());
  HEQI_TRY(read_header(info));
  HEQI_TRY(out.seal_id, info.ia5_string());
  HEQI_TRY(read_property(info, out));
  HEQI_TRY(info.sequence());  // the picture
  if (out.seal_id.size() > kSealTextMax || !is_visible(out.seal_id))
    return der::at(info, Code::unsupported, "the seal's number cannot be shown");
  return {};
}

Result<SealedOctets> read_to_be_signed(base::ByteView octets) {
  if (octets.size() > kSealedOctetsMax) return base::fail(Code::limit_exceeded, "more than 8 MiB");
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(octets));
  HEQI_TRY(asn1::Reader in, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const std::int64_t version, in.small_integer());
  if (version != kSealVersion) return der::at(in, Code::unsupported, "another version");
  SealedOctets out;
  HEQI_TRY(read_seal(in, out));
  HEQI_TRY(out.time, in.generalized_time());
  HEQI_TRY(const base::ByteView hash, in.bit_string());
  if (hash.size() != out.document.size())
    return der::at(in, Code::unsupported, "no SM3 of a document");
  std::copy(hash.begin(), hash.end(), out.document.begin());
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

Status check_seal_use(const SealedOctets& sealed, const x509::Certificate& certificate,
                      base::Time now) {
  const auto refuse = [](const char* why) { return base::fail(Code::seal_unusable, why); };
  const auto& listed = sealed.signers;
  if (std::find(listed.begin(), listed.end(), certificate.fingerprint()) == listed.end())
    return refuse("the seal does not list the signer's certificate");
  if (sealed.time < sealed.valid_from || sealed.time > sealed.valid_until ||
      now > sealed.valid_until)
    return refuse("the seal is not in force");
  if (sealed.time > now + kSealTimeAheadMax || sealed.time + kSealTimeBehindMax < now)
    return refuse("the time of sealing is not the present");
  return {};
}

}  // namespace heqi::device
