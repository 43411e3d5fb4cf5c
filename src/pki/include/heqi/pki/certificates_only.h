// heqi/pki/certificates_only.h: certificates in a SignedData without signers (RFC 5652 §5.1, RFC
// 7030 §4.1.3): how EST gives them.
#pragma once
#include <vector>

#include <heqi/x509/certificate.h>

namespace heqi::pki {

inline constexpr std::size_t kCertificatesOnlyMax = 32;

// encode_certificates_only makes ContentInfo{SignedData{certificates}}.
base::Bytes encode_certificates_only(const std::vector<x509::Certificate>& certificates);
// parse_certificates_only reads exactly that; the members come in the order of their octets. Fails
// with malformed (also for signers or content), limit_exceeded.
base::Result<std::vector<x509::Certificate>> parse_certificates_only(base::ByteView der);

}  // namespace heqi::pki
