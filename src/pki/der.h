// der.h: the few DER shapes that every structure of this layer shares.
#pragma once
#include <optional>
#include <vector>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>

namespace heqi::pki::der {

// trimmed drops leading zero octets but keeps the last octet.
base::Bytes trimmed(base::ByteView number);
// same_number compares unsigned big-endian numbers.
bool same_number(base::ByteView a, base::ByteView b);

// read_hash_algorithm reads AlgorithmIdentifier with parameters absent or NULL.
base::Result<asn1::Oid> read_hash_algorithm(asn1::Reader& reader);
void write_hash_algorithm(asn1::Writer& writer, const asn1::Oid& algorithm);

void write_extension(asn1::Writer& writer, const asn1::Oid& type, bool critical,
                     base::ByteView value);

// encode runs inner over a fresh writer.
base::Bytes encode(const asn1::Writer::Inner& inner);

// what_at is "what at offset n".
std::string what_at(std::string_view what, std::size_t offset);

}  // namespace heqi::pki::der
