#include "manifest.h"

#include <heqi/asn1/writer.h>
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/http/json.h>
#include <heqi/x509/oids.h>

namespace heqi::documents::evidence {

using base::Bytes;
using base::ByteView;
using base::Result;

namespace {

constexpr std::string_view kFormat = "heqi-evidence-1";
constexpr std::size_t kDigestHexSize = 64, kTextSizeMax = 512;
constexpr http::JsonLimits kJsonLimits{.size_max = kManifestSizeMax, .nodes_max = 16 * kEntriesMax};

void write_party(base::JsonWriter& json, const Party& party) {
  json.begin_object()
      .field("position", std::int64_t{party.position})
      .field("person", party.person)
      .field("name", party.name)
      .field("field", party.field);
  if (party.signed_at) json.field("signed_at", base::to_rfc3339(*party.signed_at));
  json.end_object();
}

Result<Party> read_party(http::JsonReader& reader) {
  Party out;
  HEQI_TRY(const std::int64_t position,
           reader.required_integer("position", {.min = 0, .max = kPackagePartiesMax}));
  out.position = static_cast<int>(position);
  HEQI_TRY(out.person, reader.required_text("person", {.size_max = kTextSizeMax}));
  HEQI_TRY(out.name, reader.required_text("name", {.size_max = kTextSizeMax}));
  HEQI_TRY(out.field, reader.required_text("field", {.size_max = kTextSizeMax}));
  HEQI_TRY(out.signed_at, reader.optional_time("signed_at"));
  HEQI_TRY(reader.finish());
  return out;
}

Result<ListedEntry> read_entry(http::JsonReader& reader) {
  ListedEntry out;
  HEQI_TRY(out.name, reader.required_text("name", {.size_max = ofd::kEntryNameMax}));
  HEQI_TRY(const std::int64_t size,
           reader.required_integer("size", {.max = static_cast<std::int64_t>(kPackageSizeMax)}));
  out.size = static_cast<std::uint64_t>(size);
  HEQI_TRY(out.sm3,
           reader.required_text("sm3", {.size_min = kDigestHexSize, .size_max = kDigestHexSize}));
  HEQI_TRY(reader.finish());
  return out;
}

}  // namespace

std::string encode_manifest(const Manifest& manifest) {
  base::JsonWriter json;
  json.begin_object()
      .field("format", kFormat)
      .field("contract", manifest.contract)
      .field("title", manifest.title)
      .field("owner", manifest.owner)
      .field("created_at", base::to_rfc3339(manifest.created_at))
      .field("ended_at", base::to_rfc3339(manifest.ended_at));
  json.key("parties").begin_array();
  for (const Party& party : manifest.parties) write_party(json, party);
  json.end_array().key("entries").begin_array();
  for (const ListedEntry& entry : manifest.entries)
    json.begin_object()
        .field("name", entry.name)
        .field("size", static_cast<std::int64_t>(entry.size))
        .field("sm3", entry.sm3)
        .end_object();
  json.end_array().end_object();
  return json.str();
}

Result<Manifest> parse_manifest(ByteView text) {
  HEQI_TRY(const http::Json json, http::parse_json(text, kJsonLimits));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(json));
  HEQI_TRY(const std::string format, reader.required_text("format"));
  if (format != kFormat) return reader.refuse("format", "is another one");
  Manifest out;
  HEQI_TRY(out.contract, reader.required_text("contract", {.size_max = kTextSizeMax}));
  HEQI_TRY(out.title, reader.required_text("title", {.size_max = kTextSizeMax}));
  HEQI_TRY(out.owner, reader.required_text("owner", {.size_max = kTextSizeMax}));
  HEQI_TRY(out.created_at, reader.required_time("created_at"));
  HEQI_TRY(out.ended_at, reader.required_time("ended_at"));
  HEQI_TRY(std::vector<http::JsonReader> parties,
           reader.required_objects("parties", kPackagePartiesMax));
  for (http::JsonReader& one : parties) {
    HEQI_TRY(Party party, read_party(one));
    out.parties.push_back(std::move(party));
  }
  HEQI_TRY(std::vector<http::JsonReader> entries, reader.required_objects("entries", kEntriesMax));
  for (http::JsonReader& one : entries) {
    HEQI_TRY(ListedEntry entry, read_entry(one));
    out.entries.push_back(std::move(entry));
  }
  HEQI_TRY(reader.finish());
  return out;
}

Bytes statement_over(ByteView manifest) {
  asn1::Writer out;
  out.sequence(
      [&](asn1::Writer& w) { w.utf8_string(kFormat).octet_string(crypto::sm3(manifest)); });
  return out.take();
}

Result<Bytes> encode_signature(ByteView statement, const x509::Certificate& signer,
                               ByteView signature, ByteView token) {
  pki::SignedDataParts parts;
  parts.content = base::to_bytes(statement);
  parts.signature_algorithm = x509::sm2_with_sm3_algorithm();
  parts.signature = base::to_bytes(signature);
  parts.unsigned_attributes = {pki::time_stamp_attribute(token)};
  return pki::assemble_signed_data(parts, signer);
}

}  // namespace heqi::documents::evidence
