// heqi/pki/certificate_response.h: CSRResponse (GM/T 0092 §8): what an applicant gets for a request
// where the subject has a pair of certificates.
#pragma once
#include <vector>

#include <heqi/x509/certificate.h>

namespace heqi::pki {

inline constexpr std::size_t kCertificateResponseSizeMax = 262'144;
inline constexpr std::size_t kResponseCertificatesMax = 16;

// CertificateResponse ::= SEQUENCE { signCertificate SET OF Certificate,
//   encryptedPrivateKey [0] SM2EnvelopedKey OPTIONAL, encryptCertificate [1] SET OF … OPTIONAL }
struct CertificateResponse {
  std::vector<x509::Certificate> signature;   // the applicant's first
  base::Bytes enveloped_key;                  // SM2EnvelopedKey; empty: none
  std::vector<x509::Certificate> encryption;  // the applicant's first; with enveloped_key
};

// encode_certificate_response writes [0] EXPLICIT and [1] IMPLICIT, as others do. Fails with
// malformed without a signature certificate, or where key and encryption certificate do not come
// together.
base::Result<base::Bytes> encode_certificate_response(const CertificateResponse& response);
// parse_certificate_response takes [1] in either form. The order of the members of a SET is that of
// their octets, so the applicant's certificates are found by key: `signature_key` says which.
base::Result<CertificateResponse> parse_certificate_response(
    base::ByteView der, const x509::PublicKeyInfo& signature_key);

}  // namespace heqi::pki
