// Reads SESeal of versions 1, 4 and 5.
#include <algorithm>

#include <heqi/asn1/writer.h>
#include <heqi/crypto/sm3.h>

#include "reading.h"

namespace heqi::documents::seal {

using asn1::Reader;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

std::string_view name_of(Layout layout) {
  constexpr std::string_view names[] = {"v1", "v4", "v5"};
  return names[static_cast<std::size_t>(layout)];
}

bool lists(const SignerList& list, const x509::Certificate& certificate) {
  for (const Bytes& one : list.certificates)
    if (base::same_bytes(one, certificate.der())) return true;
  const crypto::Digest digest = certificate.fingerprint();
  return std::any_of(list.digests.begin(), list.digests.end(), [&](const CertificateDigest& one) {
    const bool sm3 = one.algorithm == "SM3" || one.algorithm == "1.2.156.10197.1.401";
    return sm3 && base::same_bytes(one.value, digest);
  });
}

namespace {

// count_members counts the elements of one level.
base::Result<std::size_t> count_members(Reader level) {
  std::size_t count = 0;
  for (; !level.at_end(); ++count) {
    HEQI_TRY(level.any());
  }
  return count;
}

base::Result<Layout> layout_of(const Reader& level) {
  HEQI_TRY(const std::size_t count, count_members(level));
  if (count == 2) return Layout::v1;
  if (count == 5) return Layout::v5;
  if (count != 4)
    return fail(Code::unsupported,
                "unknown seal layout: " + std::to_string(count) + " members, not 2, 4 or 5");
  Reader members = level;
  HEQI_TRY(Reader info, members.sequence());
  HEQI_TRY(Reader header, info.sequence());
  HEQI_TRY(header.any());
  HEQI_TRY(const std::int64_t version, header.small_integer());
  return version == 5 ? Layout::v5 : Layout::v4;
}

base::Status take_header(Reader& info, SealInfo& out, Deviations& deviations) {
  HEQI_TRY(Reader header, info.sequence());
  HEQI_TRY(const std::string mark, take_text(header, asn1::kIa5String, deviations));
  if (mark != "ES") return fail(Code::malformed, "the seal's header is not \"ES\"");
  HEQI_TRY(out.version, header.small_integer());
  HEQI_TRY(out.vendor, take_text(header, asn1::kIa5String, deviations));
  return header.finish();
}

// take_certificates reads who may use the seal. What is no certificate lists nobody.
base::Status take_certificates(Reader& list, SignerList& out, Deviations& deviations) {
  while (!list.at_end()) {
    if (out.certificates.size() == kSignersOfSealMax)
      return fail(Code::limit_exceeded, "too many signers of a seal");
    HEQI_TRY(const asn1::Element one, list.any());
    if (!(one.tag == asn1::kOctetString)) deviations.add(Deviation::signer_without_certificate);
    out.certificates.push_back(base::to_bytes(one.content));
  }
  return {};
}

base::Status take_digests(Reader& list, SignerList& out, Deviations& deviations) {
  while (!list.at_end()) {
    if (out.digests.size() == kSignersOfSealMax)
      return fail(Code::limit_exceeded, "too many signers of a seal");
    HEQI_TRY(Reader fields, list.sequence());
    CertificateDigest one;
    HEQI_TRY(one.algorithm, take_text(fields, asn1::kPrintableString, deviations));
    HEQI_TRY(const ByteView value, fields.octet_string());
    one.value = base::to_bytes(value);
    HEQI_TRY(fields.finish());
    out.digests.push_back(std::move(one));
  }
  return {};
}

base::Status take_property(Reader& info, Layout layout, SealInfo& out, Deviations& deviations) {
  HEQI_TRY(Reader property, info.sequence());
  HEQI_TRY(out.type, property.small_integer());
  HEQI_TRY(out.name, take_text(property, asn1::kUtf8String, deviations));
  std::int64_t list_type = 1;
  if (layout != Layout::v1) {
    HEQI_TRY(list_type, property.small_integer());
  }
  if (list_type != 1 && list_type != 2)
    return fail(Code::unsupported, "certListType " + std::to_string(list_type));
  HEQI_TRY(Reader list, property.sequence());
  if (list_type == 1) {
    HEQI_TRY(take_certificates(list, out.signers, deviations));
  } else {
    HEQI_TRY(take_digests(list, out.signers, deviations));
  }
  const asn1::Tag due = layout == Layout::v1 ? asn1::kUtcTime : asn1::kGeneralizedTime;
  HEQI_TRY(out.created, take_time(property, due, deviations));
  HEQI_TRY(out.valid_from, take_time(property, due, deviations));
  HEQI_TRY(out.valid_until, take_time(property, due, deviations));
  return property.finish();
}

base::Status take_picture(Reader& info, Picture& out, Deviations& deviations) {
  HEQI_TRY(Reader picture, info.sequence());
  HEQI_TRY(out.type, take_text(picture, asn1::kIa5String, deviations));
  HEQI_TRY(const ByteView data, picture.octet_string());
  if (data.size() > kPictureSizeMax) return fail(Code::limit_exceeded, "the seal's picture");
  out.data = base::to_bytes(data);
  HEQI_TRY(out.width_mm, picture.small_integer());
  HEQI_TRY(out.height_mm, picture.small_integer());
  return picture.finish();
}

// is_one_extension: content of an implicit tag begins with an extension, that of an explicit one
// with the list of them.
base::Result<bool> is_one_extension(Reader tagged) {
  HEQI_TRY(Reader first, tagged.sequence());
  return first.peek() == asn1::kOid;
}

base::Status take_seal_extensions(Reader& info, SealInfo& out, Deviations& deviations) {
  if (info.at_end()) return {};
  const auto next = info.peek();
  if (next == asn1::kSequence) {
    HEQI_TRY(Reader list, info.sequence());
    HEQI_TRY(out.extensions, take_extensions(list, deviations));
    return info.finish();
  }
  if (next != asn1::context_constructed(0))
    return fail(Code::unsupported, "unknown seal layout: no extensions after the picture");
  HEQI_TRY(Reader tagged, info.constructed(asn1::context_constructed(0)));
  if (!tagged.at_end()) {
    HEQI_TRY(const bool implicit, is_one_extension(tagged));
    deviations.add(implicit ? Deviation::extensions_tagged_implicitly
                            : Deviation::extensions_tagged_explicitly);
    if (implicit) {
      HEQI_TRY(out.extensions, take_extensions(tagged, deviations));
    } else {
      HEQI_TRY(Reader list, tagged.sequence());
      HEQI_TRY(out.extensions, take_extensions(list, deviations));
      HEQI_TRY(tagged.finish());
    }
  }
  return info.finish();
}

base::Status take_info(Reader info, Layout layout, SealInfo& out, Deviations& deviations) {
  HEQI_TRY(take_header(info, out, deviations));
  HEQI_TRY(out.id, take_text(info, asn1::kIa5String, deviations));
  HEQI_TRY(take_property(info, layout, out, deviations));
  HEQI_TRY(take_picture(info, out.picture, deviations));
  return take_seal_extensions(info, out, deviations);
}

// take_maker reads who signed the seal, and how; wide_der is put together from the members as
// found.
base::Status take_maker(Reader& fields, Seal& out) {
  HEQI_TRY(const asn1::Element certificate, fields.expect(asn1::kOctetString));
  HEQI_TRY(const asn1::Element algorithm, fields.expect(asn1::kOid));
  out.certificate = base::to_bytes(certificate.content);
  HEQI_TRY(out.algorithm, asn1::Oid::from_content(algorithm.content));
  HEQI_TRY(out.signature, take_bits(fields, out.deviations));
  asn1::Writer wide;
  wide.sequence([&](asn1::Writer& inner) {
    inner.raw(out.info_der).raw(certificate.whole).raw(algorithm.whole);
  });
  out.wide_der = wide.take();
  return {};
}

}  // namespace

base::Result<Seal> parse_seal_element(ByteView der, Deviations deviations) {
  Seal out;
  out.der = base::to_bytes(der);
  out.deviations = std::move(deviations);
  HEQI_TRY(Reader outer, Reader::over(der));
  HEQI_TRY(Reader members, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(out.layout, layout_of(members));
  HEQI_TRY(const asn1::Element info, members.expect(asn1::kSequence));
  out.info_der = base::to_bytes(info.whole);
  HEQI_TRY(const Reader inside, members.enter(info));
  HEQI_TRY(take_info(inside, out.layout, out.info, out.deviations));
  if (out.layout == Layout::v1) {
    HEQI_TRY(Reader maker, members.sequence());
    HEQI_TRY(take_maker(maker, out));
    HEQI_TRY(maker.finish());
  } else {
    HEQI_TRY(take_maker(members, out));
    HEQI_TRY(out.time_stamp, take_time_stamp(members, out.deviations));
  }
  HEQI_TRY(members.finish());
  return out;
}

base::Result<Seal> parse_seal(ByteView octets) {
  Deviations deviations;
  HEQI_TRY(const ByteView der, first_element(octets, kSealSizeMax, deviations));
  return parse_seal_element(der, std::move(deviations));
}

}  // namespace heqi::documents::seal
