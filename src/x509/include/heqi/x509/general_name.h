// heqi/x509/general_name.h: GeneralName (RFC 5280 §4.2.1.6).
#pragma once
#include <string>
#include <vector>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>

namespace heqi::x509 {

inline constexpr std::size_t kGeneralNamesMax = 256;

// GeneralName's kind is the number of its context tag. text: e-mail address, DNS name, URI as they
// are; IP address dotted or colon form; directory name after RFC 4514; dotted registered id; empty
// for the others. value is the content octets (of a directory name: its DER).
struct GeneralName {
  enum class Kind : std::uint8_t {
    other_name = 0,
    email = 1,
    dns = 2,
    x400_address = 3,
    directory = 4,
    edi_party = 5,
    uri = 6,
    ip_address = 7,
    registered_id = 8,
  };
  Kind kind = Kind::dns;
  std::string text;
  base::Bytes value;
};

// dns_name, email_name and uri_name take ASCII; encoding anything else fails with malformed later.
GeneralName dns_name(std::string text);
GeneralName email_name(std::string text);
GeneralName uri_name(std::string text);
// ip_name takes 4 or 16 octets.
GeneralName ip_name(base::ByteView address);
GeneralName directory_name(base::ByteView name_der);

// parse_general_names reads every GeneralName up to the end of reader.
base::Result<std::vector<GeneralName>> parse_general_names(asn1::Reader& reader);
base::Status write_general_name(asn1::Writer& writer, const GeneralName& name);

}  // namespace heqi::x509
