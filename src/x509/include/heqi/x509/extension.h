// heqi/x509/extension.h: certificate extensions (RFC 5280 §4.2, GB/T 20518): their values, read and
// made.
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include <heqi/x509/general_name.h>
#include <heqi/x509/public_key_info.h>

namespace heqi::x509 {

inline constexpr std::size_t kExtensionsMax = 64;

// Extension is one extension, as found or to be written.
struct Extension {
  asn1::Oid type;
  bool critical = false;
  base::Bytes value;  // DER inside the OCTET STRING
};

// parse_extensions reads SEQUENCE OF Extension; a type that comes twice is malformed.
base::Result<std::vector<Extension>> parse_extensions(asn1::Reader& reader);
void write_extensions(asn1::Writer& writer, const std::vector<Extension>& extensions);
const Extension* find_extension(const std::vector<Extension>& extensions, const asn1::Oid& type);

// KeyUsageBit is a bit of keyUsage (RFC 5280 §4.2.1.3).
enum class KeyUsageBit : std::uint8_t {
  digital_signature = 0,
  non_repudiation = 1,
  key_encipherment = 2,
  data_encipherment = 3,
  key_agreement = 4,
  key_cert_sign = 5,
  crl_sign = 6,
  encipher_only = 7,
  decipher_only = 8,
};

// KeyUsage is a set of KeyUsageBit.
class KeyUsage {
 public:
  KeyUsage() = default;
  KeyUsage(std::initializer_list<KeyUsageBit> bits) {
    for (const KeyUsageBit bit : bits) add(bit);
  }
  void add(KeyUsageBit bit) { bits_ |= 1U << static_cast<unsigned>(bit); }
  bool has(KeyUsageBit bit) const { return ((bits_ >> static_cast<unsigned>(bit)) & 1U) != 0; }
  std::uint32_t bits() const { return bits_; }

 private:
  std::uint32_t bits_ = 0;
};

struct BasicConstraints {
  bool ca = false;
  std::optional<unsigned> path_length;
};

struct AuthorityKeyIdentifier {
  base::Bytes key_identifier;       // empty: absent
  std::vector<GeneralName> issuer;  // with serial: names the issuer's certificate
  base::Bytes serial;               // empty: absent
};

// AccessLocations are the URIs of authorityInformationAccess.
struct AccessLocations {
  std::vector<std::string> ocsp, ca_issuers;
};

// IdentityExtension is one of 1.2.156.10260.4.1.*: who the subject is. text is the value as found
// in the string type used, or empty where it is none; never log it.
struct IdentityExtension {
  asn1::Oid type;
  std::string text;
};

// The values of standard extensions; each takes the value octets of one Extension.
base::Result<KeyUsage> parse_key_usage(base::ByteView value);
base::Result<BasicConstraints> parse_basic_constraints(base::ByteView value);
base::Result<std::vector<asn1::Oid>> parse_extended_key_usage(base::ByteView value);
base::Result<base::Bytes> parse_subject_key_identifier(base::ByteView value);
base::Result<AuthorityKeyIdentifier> parse_authority_key_identifier(base::ByteView value);
base::Result<std::vector<GeneralName>> parse_alternative_names(base::ByteView value);
base::Result<std::vector<std::string>> parse_crl_distribution_points(base::ByteView value);
base::Result<AccessLocations> parse_authority_information_access(base::ByteView value);
base::Result<std::vector<asn1::Oid>> parse_certificate_policies(base::ByteView value);

// Makers, with the criticality that GB/T 20518 and RFC 5280 ask for.
Extension make_key_usage(KeyUsage usage);                               // critical
Extension make_basic_constraints(const BasicConstraints& constraints);  // critical
Extension make_extended_key_usage(const std::vector<asn1::Oid>& purposes);
// make_time_stamping_usage is extendedKeyUsage with timeStamping only, critical (RFC 3161 §2.3).
Extension make_time_stamping_usage();
Extension make_subject_key_identifier(const PublicKeyInfo& key);
Extension make_authority_key_identifier(base::ByteView issuer_key_identifier);
// make_subject_alternative_names fails with malformed where a name cannot be written.
base::Result<Extension> make_subject_alternative_names(const std::vector<GeneralName>& names);
// The following take absolute URIs in ASCII; malformed otherwise.
base::Result<Extension> make_crl_distribution_points(const std::vector<std::string>& uris);
base::Result<Extension> make_authority_information_access(const AccessLocations& locations);
Extension make_certificate_policies(const std::vector<asn1::Oid>& policies);
Extension make_ocsp_no_check();
// make_identity_extension writes text as UTF8String under one of the identity types.
Extension make_identity_extension(const asn1::Oid& type, std::string_view text);

}  // namespace heqi::x509
