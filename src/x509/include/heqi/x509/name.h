// heqi/x509/name.h: distinguished names (RFC 5280 §4.1.2.4, RFC 4514).
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include <heqi/asn1/reader.h>

namespace heqi::x509 {

inline constexpr std::size_t kNameAttributesMax = 64;
inline constexpr std::size_t kNameSizeMax = 16'384;  // octets of DER

// NameAttribute is one attribute, with the place of its relative name in the sequence. text is
// UTF-8; a value whose encoding is broken (old certificates carry such) reads as '#' and its DER in
// hexadecimal.
struct NameAttribute {
  asn1::Oid type;
  std::string text;
  base::Bytes value = {};  // DER element, as found
  std::size_t rdn = 0;
};

// Name is a distinguished name that keeps its DER.
class Name {
 public:
  Name();  // the empty sequence
  // parse reads one whole DER Name; the second form what is next in reader.
  static base::Result<Name> parse(base::ByteView der);
  static base::Result<Name> parse(asn1::Reader& reader);
  // make encodes one attribute per relative name, in this order: countryName and serialNumber as
  // PrintableString, emailAddress and domainComponent as IA5String, all others as UTF8String. Fails
  // with malformed where a text is empty, not UTF-8 or not in the set of its type;
  // limit_exceeded beyond 256 octets.
  struct Wanted {
    asn1::Oid type;
    std::string text;
  };
  static base::Result<Name> make(const std::vector<Wanted>& attributes);

  base::ByteView der() const { return der_; }
  const std::vector<NameAttribute>& attributes() const { return attributes_; }
  bool empty() const { return attributes_.empty(); }
  // text is the RFC 4514 string: last relative name first.
  std::string text() const;
  // find returns the last attribute of type (the most specific one).
  std::optional<std::string> find(const asn1::Oid& type) const;
  std::string common_name() const;  // empty where there is none

  // Equality is that of the DER; matches is RFC 5280 §7.1 for the ASCII part: string types, case
  // and repeated spaces do not matter.
  friend bool operator==(const Name& a, const Name& b) { return a.der_ == b.der_; }
  bool matches(const Name& other) const;

 private:
  base::Bytes der_;
  std::vector<NameAttribute> attributes_;
};

}  // namespace heqi::x509
