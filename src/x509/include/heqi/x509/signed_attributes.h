// heqi/x509/signed_attributes.h: the signed attributes of a CMS message (RFC 5652 §5.3, §11; RFC
// 5035): what a device builds or checks before it signs, since it never signs a bare digest.
#pragma once
#include <optional>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/x509/certificate.h>

namespace heqi::x509 {

inline constexpr std::size_t kSignedAttributesMax = 32;
inline constexpr std::size_t kSignedAttributesSizeMax = 65'536;  // octets of DER

// Attribute is a type with its values, each one DER element.
struct Attribute {
  asn1::Oid type;
  std::vector<base::Bytes> values;
};

// CertificateReference is ESSCertIDv2: a certificate by its hash, with issuer and serial.
struct CertificateReference {
  asn1::Oid hash_algorithm;
  base::Bytes hash;
  base::Bytes issuer;  // DER Name; empty where issuerSerial is absent
  base::Bytes serial;  // unsigned, without leading zeros
};
// make_reference names certificate by SM3 (written in so many words: the default is SHA-256), its
// issuer and its serial.
CertificateReference make_reference(const Certificate& certificate);
// encode_signing_certificate is the value of signingCertificateV2 around one reference.
base::Bytes encode_signing_certificate(const CertificateReference& reference);
// parse_signing_certificate reads the first reference of signingCertificateV2; of a list longer
// than one the others are read and dropped.
base::Result<CertificateReference> parse_signing_certificate(base::ByteView value);

// SignedAttributes are the attributes of one signer.
struct SignedAttributes {
  asn1::Oid content_type;
  base::Bytes message_digest;
  std::optional<base::Time> signing_time;  // left out in PAdES (ETSI EN 319 142-1)
  std::optional<CertificateReference> signing_certificate;
  std::vector<Attribute> others;
};

// encode_signed_attributes makes the DER SET (tag 31) that is signed. Fails with malformed where
// content_type or message_digest is empty, or a type comes twice.
base::Result<base::Bytes> encode_signed_attributes(const SignedAttributes& attributes);
// parse_signed_attributes reads exactly such a SET: tag 31, members in DER order, no type twice,
// contentType and messageDigest present with one value each. Fails with malformed, limit_exceeded.
base::Result<SignedAttributes> parse_signed_attributes(base::ByteView der);

// verify_content checks that message_digest is SM3 over content. Fails with invalid_signature.
base::Status verify_content(const SignedAttributes& attributes, base::ByteView content);
// verify_signing_certificate checks that the attributes name certificate, by SM3. Fails with
// invalid_signature (another one, or none named), unsupported (another hash).
base::Status verify_signing_certificate(const SignedAttributes& attributes,
                                        const Certificate& certificate);

}  // namespace heqi::x509
