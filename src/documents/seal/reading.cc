#include "reading.h"

#include <algorithm>

#include <heqi/asn1/writer.h>
#include <heqi/pki/cms.h>

namespace heqi::documents::seal {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

base::Result<Bytes> take_bits(asn1::Reader& reader, Deviations& deviations) {
  if (reader.peek() == asn1::kOctetString) {
    deviations.add(Deviation::octets_for_bits);
    HEQI_TRY(const ByteView octets, reader.octet_string());
    return base::to_bytes(octets);
  }
  HEQI_TRY(const ByteView octets, reader.bit_string());
  return base::to_bytes(octets);
}

base::Result<base::Time> take_time(asn1::Reader& reader, asn1::Tag due, Deviations& deviations) {
  const auto found = reader.peek();
  if (found != due) deviations.add(Deviation::time_of_other_type);
  return found == asn1::kGeneralizedTime ? reader.generalized_time() : reader.time();
}

base::Result<std::string> take_text(asn1::Reader& reader, asn1::Tag due, Deviations& deviations) {
  if (reader.peek() != due) deviations.add(Deviation::text_of_other_type);
  return reader.text();
}

base::Result<std::vector<ExtensionData>> take_extensions(asn1::Reader& list,
                                                         Deviations& deviations) {
  std::vector<ExtensionData> out;
  while (!list.at_end()) {
    if (out.size() == kSealExtensionsMax)
      return fail(Code::limit_exceeded, "more extensions than " + std::to_string(out.size()));
    HEQI_TRY(asn1::Reader fields, list.sequence());
    ExtensionData one;
    HEQI_TRY(one.type, fields.oid());
    if (fields.peek() == asn1::kBoolean) {
      HEQI_TRY(one.critical, fields.boolean());
      if (!one.critical) deviations.add(Deviation::critical_false_written);
    }
    HEQI_TRY(const ByteView value, fields.octet_string());
    one.value = base::to_bytes(value);
    HEQI_TRY(fields.finish());
    out.push_back(std::move(one));
  }
  return out;
}

base::Result<std::optional<Bytes>> take_time_stamp(asn1::Reader& reader, Deviations& deviations) {
  std::optional<Bytes> out;
  if (reader.at_end()) return out;
  if (reader.peek() == asn1::kBitString) {
    deviations.add(Deviation::time_stamp_untagged);
    HEQI_TRY(const ByteView token, reader.bit_string());
    out = base::to_bytes(token);
    return out;
  }
  HEQI_TRY(auto tagged, reader.explicit_tag(0));
  if (!tagged) return fail(Code::malformed, "neither a time-stamp nor the end");
  HEQI_TRY(out, take_bits(*tagged, deviations));
  HEQI_TRY(tagged->finish());
  return out;
}

base::Result<ByteView> first_element(ByteView octets, std::size_t size_max,
                                     Deviations& deviations) {
  if (octets.size() > size_max)
    return fail(Code::limit_exceeded, std::to_string(octets.size()) + " octets");
  HEQI_TRY(const ByteView der, pki::der_prefix_of(octets));
  if (der.size() != octets.size()) deviations.add(Deviation::trailing_zeros);
  return der;
}

namespace {

// id-aa-ets-certValues, ETSI EN 319 122-1 §A.1.1.2.
const asn1::Oid& certificate_values() {
  static const asn1::Oid oid = asn1::Oid::of("1.2.840.113549.1.9.16.2.23");
  return oid;
}

}  // namespace

ExtensionData make_certificate_values(const std::vector<x509::Certificate>& chain) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& list) {
    for (const x509::Certificate& one : chain) list.raw(one.der());
  });
  // Marked critical, since some readers want the mark written, and DER writes it only where it is
  // set.
  return {certificate_values(), true, out.take()};
}

std::vector<x509::Certificate> find_certificate_values(const std::vector<ExtensionData>& all) {
  std::vector<x509::Certificate> out;
  for (const ExtensionData& one : all) {
    if (!(one.type == certificate_values())) continue;
    auto outer = asn1::Reader::over(one.value);
    auto list = outer ? outer->sequence() : base::Result<asn1::Reader>(outer.error());
    while (list && !list->at_end() && out.size() < kChainMax) {
      const auto element = list->any();
      if (!element) break;
      if (auto certificate = x509::parse_certificate(element->whole))
        out.push_back(*std::move(certificate));
    }
  }
  return out;
}

void write_extensions(asn1::Writer& writer, const std::vector<ExtensionData>& extensions) {
  writer.sequence([&](asn1::Writer& list) {
    for (const ExtensionData& one : extensions)
      list.sequence([&](asn1::Writer& fields) {
        fields.oid(one.type);
        if (one.critical) fields.boolean(true);
        fields.octet_string(one.value);
      });
  });
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace heqi::documents::seal
