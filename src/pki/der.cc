#include "der.h"

namespace heqi::pki::der {

using base::Bytes;
using base::ByteView;
using base::Result;

Bytes trimmed(ByteView number) {
  while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
  return base::to_bytes(number);
}

bool same_number(ByteView a, ByteView b) {
  while (!a.empty() && a[0] == 0) a = a.subspan(1);
  while (!b.empty() && b[0] == 0) b = b.subspan(1);
  return base::same_bytes(a, b);
}

Result<asn1::Oid> read_hash_algorithm(asn1::Reader& reader) {
  HEQI_TRY(asn1::Reader sequence, reader.sequence());
  HEQI_TRY(asn1::Oid algorithm, sequence.oid());
  if (!sequence.at_end()) {
    HEQI_TRY(sequence.null());
  }
  HEQI_TRY(sequence.finish());
  return algorithm;
}

void write_hash_algorithm(asn1::Writer& writer, const asn1::Oid& algorithm) {
  writer.sequence([&](asn1::Writer& inner) { inner.oid(algorithm); });
}

void write_extension(asn1::Writer& writer, const asn1::Oid& type, bool critical, ByteView value) {
  writer.sequence([&](asn1::Writer& item) {
    item.oid(type);
    if (critical) item.boolean(true);
    item.octet_string(value);
  });
}

Bytes encode(const asn1::Writer::Inner& inner) {
  asn1::Writer writer;
  inner(writer);
  return writer.take();
}

std::string what_at(std::string_view what, std::size_t offset) {
  return std::string(what) + " at offset " + std::to_string(offset);
}

}  // namespace heqi::pki::der
