// Reads SES_Signature of versions 1, 4 and 5; writes version 4.
#include <heqi/documents/seal/sealed_signature.h>

#include <heqi/asn1/writer.h>
#include <heqi/base/text.h>

#include "reading.h"

namespace heqi::documents::seal {

using asn1::Reader;
using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

namespace {

constexpr std::int64_t kVersion = 4;
constexpr std::size_t kTimeTextMax = 64;

// time_of_text reads "yyyy-MM-dd HH:mm:ss" and RFC 3339 with or without its T and zone. A text
// without a zone is taken as China's time.
std::optional<base::Time> time_of_text(std::string_view text) {
  std::string form(base::trim(text));
  if (form.size() < 19) return std::nullopt;
  form[10] = 'T';
  if (const auto time = base::parse_rfc3339(form)) return *time;
  if (const auto time = base::parse_rfc3339(form + "+08:00")) return *time;
  return std::nullopt;
}

// take_free_time reads the time of version 1, a BIT STRING of whatever its maker liked.
base::Status take_free_time(Reader& fields, SealedSignature& out) {
  const auto next = fields.peek();
  if (next == asn1::kUtcTime || next == asn1::kGeneralizedTime) {
    HEQI_TRY(out.claimed_time, take_time(fields, asn1::kUtcTime, out.deviations));
    return {};
  }
  HEQI_TRY(const Bytes octets, take_bits(fields, out.deviations));
  auto reader = Reader::over(octets);
  const auto inner = reader ? reader->peek() : std::nullopt;
  if (inner == asn1::kSequence) {
    out.deviations.add(Deviation::time_stamp_in_time);
    return {};
  }
  if (inner == asn1::kUtcTime || inner == asn1::kGeneralizedTime) {
    HEQI_TRY(out.claimed_time, take_time(*reader, asn1::kUtcTime, out.deviations));
    return reader->finish();
  }
  const std::string_view text = base::text_of(octets);
  if (octets.size() > kTimeTextMax || !is_ascii(text))
    return fail(Code::malformed, "the time of signing is neither a time nor a text");
  out.deviations.add(Deviation::time_as_text);
  out.claimed_text = text;
  out.claimed_time = time_of_text(text);
  return {};
}

base::Status take_signed_extensions(Reader& fields, SealedSignature& out) {
  HEQI_TRY(auto tagged, fields.explicit_tag(0));
  if (!tagged) return {};
  HEQI_TRY(Reader list, tagged->sequence());
  HEQI_TRY(out.extensions, take_extensions(list, out.deviations));
  return tagged->finish();
}

base::Status take_certificate(Reader& fields, SealedSignature& out) {
  HEQI_TRY(const ByteView certificate, fields.octet_string());
  out.certificate = base::to_bytes(certificate);
  HEQI_TRY(out.algorithm, fields.oid());
  return {};
}

base::Status take_to_sign(Reader fields, SealedSignature& out) {
  HEQI_TRY(out.version, fields.small_integer());
  HEQI_TRY(const asn1::Element seal, fields.expect(asn1::kSequence));
  HEQI_TRY(out.seal, parse_seal_element(seal.whole, {}));
  out.deviations.add(out.seal.deviations);
  if (out.layout == Layout::v1) {
    HEQI_TRY(take_free_time(fields, out));
  } else {
    HEQI_TRY(out.claimed_time, take_time(fields, asn1::kGeneralizedTime, out.deviations));
  }
  HEQI_TRY(out.data_hash, take_bits(fields, out.deviations));
  HEQI_TRY(out.property, take_text(fields, asn1::kIa5String, out.deviations));
  if (out.property.size() > kPropertyTextMax) return fail(Code::limit_exceeded, "propertyInfo");
  if (out.layout == Layout::v1) {
    HEQI_TRY(take_certificate(fields, out));
  } else {
    HEQI_TRY(take_signed_extensions(fields, out));
  }
  return fields.finish();
}

// is_short tells a version 1 signature, of two members, from later ones.
base::Result<bool> is_short(Reader members) {
  HEQI_TRY(members.any());
  HEQI_TRY(members.any());
  return members.at_end();
}

}  // namespace

base::Result<SealedSignature> parse_sealed_signature(ByteView octets) {
  SealedSignature out;
  HEQI_TRY(const ByteView der, first_element(octets, kSealedSignatureSizeMax, out.deviations));
  out.der = base::to_bytes(der);
  HEQI_TRY(Reader outer, Reader::over(der));
  HEQI_TRY(Reader members, outer.sequence());
  HEQI_TRY(const bool first_version, is_short(members));
  out.layout = first_version ? Layout::v1 : Layout::v4;
  HEQI_TRY(const asn1::Element to_sign, members.expect(asn1::kSequence));
  out.to_sign = base::to_bytes(to_sign.whole);
  HEQI_TRY(const Reader inside, members.enter(to_sign));
  HEQI_TRY(take_to_sign(inside, out));
  if (!first_version) {
    if (out.seal.layout == Layout::v5) out.layout = Layout::v5;
    HEQI_TRY(take_certificate(members, out));
  }
  HEQI_TRY(out.signature, take_bits(members, out.deviations));
  if (!first_version) {
    HEQI_TRY(out.time_stamp, take_time_stamp(members, out.deviations));
  }
  HEQI_TRY(members.finish());
  return out;
}

base::Result<Bytes> encode_to_sign(const SealedSignatureRequest& request) {
  HEQI_TRY(const Seal seal, parse_seal(request.seal));
  if (seal.layout != Layout::v4) return fail(Code::malformed, "only seals of version 4 seal anew");
  if (request.data_hash.empty()) return fail(Code::malformed, "no hash of what is sealed");
  if (!is_ascii(request.property) || request.property.size() > kPropertyTextMax)
    return fail(Code::malformed, "propertyInfo is ASCII");
  if (request.extensions.size() > kSealExtensionsMax)
    return fail(Code::limit_exceeded, "too many extensions");
  Writer out;
  out.sequence([&](Writer& fields) {
    fields.integer(kVersion);
    fields.raw(seal.der);
    fields.generalized_time(request.time);
    fields.bit_string(request.data_hash);
    fields.ia5_string(request.property);
    if (!request.extensions.empty())
      fields.explicit_tag(0, [&](Writer& list) { write_extensions(list, request.extensions); });
  });
  return out.take();
}

base::Result<Bytes> assemble_sealed_signature(ByteView to_sign, const x509::Certificate& signer,
                                              const x509::AlgorithmIdentifier& algorithm,
                                              ByteView signature,
                                              const std::optional<Bytes>& time_stamp) {
  Writer out;
  out.sequence([&](Writer& members) {
    members.raw(to_sign);
    members.octet_string(signer.der());
    members.oid(algorithm.oid);
    members.bit_string(signature);
    if (time_stamp)
      members.explicit_tag(0, [&](Writer& tagged) { tagged.bit_string(*time_stamp); });
  });
  Bytes sealed = out.take();
  HEQI_TRY(parse_sealed_signature(sealed));
  return sealed;
}

base::Result<Bytes> add_time_stamp(ByteView sealed_signature, ByteView token) {
  HEQI_TRY(const SealedSignature parsed, parse_sealed_signature(sealed_signature));
  if (parsed.layout == Layout::v1) return fail(Code::unsupported, "version 1 has no time-stamp");
  if (parsed.time_stamp) return fail(Code::conflict, "the signature has a time-stamp");
  HEQI_TRY(Reader outer, Reader::over(parsed.der));
  HEQI_TRY(const Reader members, outer.sequence());
  const Bytes before = base::to_bytes(members.rest());
  Writer tagged;
  tagged.explicit_tag(0, [&](Writer& inner) { inner.bit_string(token); });
  Writer out;
  out.element(asn1::kSequence, base::concat({before, tagged.bytes()}));
  return out.take();
}

}  // namespace heqi::documents::seal
