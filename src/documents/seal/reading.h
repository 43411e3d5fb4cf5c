// reading.h: what the readers of seals and sealed signatures share: each takes one field, and notes
// how it differs from the standard.
#pragma once
#include <heqi/documents/seal/sealed_signature.h>

namespace heqi::documents::seal {

// take_bits reads a BIT STRING, or the OCTET STRING that some write in its place.
base::Result<base::Bytes> take_bits(asn1::Reader& reader, Deviations& deviations);
// take_time reads a time of the type due, or of the other one.
base::Result<base::Time> take_time(asn1::Reader& reader, asn1::Tag due, Deviations& deviations);
// take_text reads a text of the type due, or of another string type.
base::Result<std::string> take_text(asn1::Reader& reader, asn1::Tag due, Deviations& deviations);
// take_extensions reads SEQUENCE OF ExtData, content of its level.
base::Result<std::vector<ExtensionData>> take_extensions(asn1::Reader& list,
                                                         Deviations& deviations);
// take_time_stamp reads [0] EXPLICIT BIT STRING, or the bare BIT STRING that some write, if any.
base::Result<std::optional<base::Bytes>> take_time_stamp(asn1::Reader& reader,
                                                         Deviations& deviations);
// first_element is the DER element that octets begin with; only zero octets may follow.
base::Result<base::ByteView> first_element(base::ByteView octets, std::size_t size_max,
                                           Deviations& deviations);
base::Result<Seal> parse_seal_element(base::ByteView der, Deviations deviations);
void write_extensions(asn1::Writer& writer, const std::vector<ExtensionData>& extensions);
bool is_ascii(std::string_view text);

}  // namespace heqi::documents::seal
