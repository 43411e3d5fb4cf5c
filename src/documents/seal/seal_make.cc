// Writes SESeal of version 4.
#include <heqi/asn1/writer.h>
#include <heqi/base/text.h>

#include "reading.h"

namespace heqi::documents::seal {

using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

namespace {

constexpr std::int64_t kVersion = 4;

base::Status check_request(const SealRequest& request) {
  const SealInfo& info = request.info;
  if (info.id.empty() || !is_ascii(info.id) || !is_ascii(info.vendor))
    return fail(Code::malformed, "the seal's id and vendor are ASCII, the id not empty");
  if (info.name.empty() || !base::is_utf8(info.name))
    return fail(Code::malformed, "the seal's name is UTF-8 and not empty");
  if (request.signers.empty() == info.signers.digests.empty())
    return fail(Code::malformed, "a seal lists certificates or digests, one of both");
  if (request.signers.size() + info.signers.digests.size() > kSignersOfSealMax)
    return fail(Code::limit_exceeded, "too many signers of a seal");
  if (info.valid_until < info.valid_from)
    return fail(Code::malformed, "the seal would end before it begins");
  const Picture& picture = info.picture;
  if (picture.width_mm < 1 || picture.height_mm < 1 || picture.width_mm > kSealSideMaxMm ||
      picture.height_mm > kSealSideMaxMm)
    return fail(Code::malformed, "a seal is 1 to " + std::to_string(kSealSideMaxMm) + " mm wide");
  if (!is_ascii(picture.type) || info.extensions.size() > kSealExtensionsMax)
    return fail(Code::malformed, "the picture's type is ASCII; there are few extensions");
  return check_picture(picture);
}

void write_signers(Writer& property, const SealRequest& request) {
  property.integer(request.signers.empty() ? 2 : 1);
  property.sequence([&](Writer& list) {
    for (const x509::Certificate& one : request.signers) list.octet_string(one.der());
    if (!request.signers.empty()) return;
    for (const CertificateDigest& one : request.info.signers.digests)
      list.sequence([&](Writer& fields) {
        fields.printable_string(one.algorithm);
        fields.octet_string(one.value);
      });
  });
}

void write_property(Writer& writer, const SealRequest& request) {
  const SealInfo& info = request.info;
  writer.sequence([&](Writer& property) {
    property.integer(info.type);
    property.utf8_string(info.name);
    write_signers(property, request);
    property.generalized_time(info.created);
    property.generalized_time(info.valid_from);
    property.generalized_time(info.valid_until);
  });
}

}  // namespace

base::Result<Bytes> encode_seal_info(const SealRequest& request) {
  HEQI_TRY(check_request(request));
  const SealInfo& info = request.info;
  Writer out;
  out.sequence([&](Writer& fields) {
    fields.sequence([&](Writer& header) {
      header.ia5_string("ES");
      header.integer(kVersion);
      header.ia5_string(info.vendor);
    });
    fields.ia5_string(info.id);
    write_property(fields, request);
    fields.sequence([&](Writer& picture) {
      picture.ia5_string(info.picture.type);
      picture.octet_string(info.picture.data);
      picture.integer(info.picture.width_mm);
      picture.integer(info.picture.height_mm);
    });
    if (!info.extensions.empty()) write_extensions(fields, info.extensions);
  });
  return out.take();
}

base::Result<Bytes> assemble_seal(ByteView seal_info, const x509::Certificate& maker,
                                  const x509::AlgorithmIdentifier& algorithm, ByteView signature) {
  Writer out;
  out.sequence([&](Writer& members) {
    members.raw(seal_info);
    members.octet_string(maker.der());
    members.oid(algorithm.oid);
    members.bit_string(signature);
  });
  Bytes seal = out.take();
  HEQI_TRY(parse_seal(seal));
  return seal;
}

base::Result<Bytes> make_seal(const SealRequest& request, const x509::Certificate& maker,
                              x509::Signer& signer) {
  HEQI_TRY(const Bytes info, encode_seal_info(request));
  HEQI_TRY(const Bytes signature, signer.sign(info));
  return assemble_seal(info, maker, signer.algorithm(), signature);
}

base::Status check_usable(const Seal& seal, const x509::Certificate& certificate, base::Time time) {
  if (!lists(seal.info.signers, certificate))
    return fail(Code::seal_unusable, "the seal does not list this signer's certificate");
  if (!seal.info.is_valid_at(time))
    return fail(Code::seal_unusable, "the seal is in force from " +
                                         base::to_rfc3339(seal.info.valid_from) + " to " +
                                         base::to_rfc3339(seal.info.valid_until));
  return {};
}

}  // namespace heqi::documents::seal
