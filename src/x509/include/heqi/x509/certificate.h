// heqi/x509/certificate.h: X.509 certificates (RFC 5280, GB/T 20518).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/x509/algorithm.h>
#include <heqi/x509/extension.h>
#include <heqi/x509/name.h>
#include <heqi/x509/public_key_info.h>

namespace heqi::x509 {

inline constexpr std::size_t kCertificateSizeMax = 65'536;  // octets of DER
inline constexpr std::size_t kSerialSizeMax = 20;           // octets, RFC 5280 §4.1.2.2

// Certificate is a parsed certificate that owns its DER. Parsing says nothing about trust. A
// default-made one is empty: its der() is.
class Certificate {
 public:
  Certificate() = default;

  base::ByteView der() const { return der_; }
  // tbs is TBSCertificate as it was signed.
  base::ByteView tbs() const { return base::ByteView(der_).subspan(tbs_offset_, tbs_size_); }
  const AlgorithmIdentifier& signature_algorithm() const { return signature_algorithm_; }
  const base::Bytes& signature() const { return signature_; }  // octets of the BIT STRING

  int version() const { return version_; }  // 1, 2 or 3
  // serial is unsigned, big-endian, without leading zeros (zero is one octet).
  const base::Bytes& serial() const { return serial_; }
  const Name& issuer() const { return issuer_; }
  const Name& subject() const { return subject_; }
  base::Time not_before() const { return not_before_; }
  base::Time not_after() const { return not_after_; }
  bool is_valid_at(base::Time time) const { return not_before_ <= time && time <= not_after_; }
  const PublicKeyInfo& public_key() const { return public_key_; }
  const std::vector<Extension>& extensions() const { return extensions_; }
  const Extension* find_extension(const asn1::Oid& type) const {
    return x509::find_extension(extensions_, type);
  }

  // The standard extensions were parsed with the certificate; what is absent is nullopt or empty.
  const std::optional<KeyUsage>& key_usage() const { return key_usage_; }
  // allows tells whether keyUsage has bit, or is absent.
  bool allows(KeyUsageBit bit) const { return !key_usage_ || key_usage_->has(bit); }
  const std::optional<BasicConstraints>& basic_constraints() const { return basic_constraints_; }
  bool is_ca() const { return basic_constraints_ && basic_constraints_->ca; }
  const std::vector<asn1::Oid>& extended_key_usage() const { return extended_key_usage_; }
  bool has_purpose(const asn1::Oid& purpose) const;  // stated in so many words
  const base::Bytes& subject_key_identifier() const { return subject_key_identifier_; }
  const AuthorityKeyIdentifier& authority_key_identifier() const {
    return authority_key_identifier_;
  }
  const std::vector<GeneralName>& subject_alternative_names() const {
    return subject_alternative_names_;
  }
  const std::vector<std::string>& crl_distribution_points() const {
    return crl_distribution_points_;
  }
  const AccessLocations& access_locations() const { return access_locations_; }
  const std::vector<asn1::Oid>& policies() const { return policies_; }
  std::vector<IdentityExtension> identity_extensions() const;
  // unknown_critical_extensions are critical ones of types that this class has no getter for.
  std::vector<asn1::Oid> unknown_critical_extensions() const;

  bool is_self_issued() const { return subject_ == issuer_; }
  // fingerprint is SM3 over the whole DER.
  crypto::Digest fingerprint() const;
  friend bool operator==(const Certificate& a, const Certificate& b) { return a.der_ == b.der_; }

 private:
  friend class CertificateParser;

  base::Bytes der_;
  std::size_t tbs_offset_ = 0, tbs_size_ = 0;
  AlgorithmIdentifier signature_algorithm_;
  base::Bytes signature_;
  int version_ = 1;
  base::Bytes serial_;
  Name issuer_, subject_;
  base::Time not_before_, not_after_;
  PublicKeyInfo public_key_;
  std::vector<Extension> extensions_;
  std::optional<KeyUsage> key_usage_;
  std::optional<BasicConstraints> basic_constraints_;
  std::vector<asn1::Oid> extended_key_usage_;
  base::Bytes subject_key_identifier_;
  AuthorityKeyIdentifier authority_key_identifier_;
  std::vector<GeneralName> subject_alternative_names_;
  std::vector<std::string> crl_distribution_points_;
  AccessLocations access_locations_;
  std::vector<asn1::Oid> policies_;
};

// parse_certificate reads one DER certificate and nothing after it. Fails with malformed (also for
// an unequal inner signature algorithm, a repeated extension, extensions below version 3, a bad
// standard extension) and limit_exceeded.
base::Result<Certificate> parse_certificate(base::ByteView der);

// parse_certificates_pem reads every CERTIFICATE block of a PEM text in order; other blocks are
// refused with malformed.
base::Result<std::vector<Certificate>> parse_certificates_pem(std::string_view text);
std::string to_pem(const Certificate& certificate);

}  // namespace heqi::x509
