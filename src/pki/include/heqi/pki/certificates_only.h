// heqi/pki/certificates_only.h: certificates in a SignedData without signers (RFC 5652 §5.1, RFC
// 7030 §4.1.3): how EST gives them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <heqi/x509/certificate.h>

namespace heqi::pki {

inline constexpr std::size_t kCertificatesOnlyMax = 32;

// encode_certificates_only makes ContentInfo{SignedData{certificates}}.
base::Bytes encode_certificates_only(const std::vector<x509::Certificate>& certificates);
// parse_certificates_only reads exactly that; the members come in the order of their octets. Fails
// with malformed (also for signers or content), limit_exceeded.
base::Result<std::vector<x509::Certificate>> parse_certificates_only(base::ByteView der);

// parse_est_body decodes the Base64 of an EST message, with line breaks and blanks wherever the
// client put them (RFC 7030 §4, RFC 8951 §3.1). Fails with malformed.
base::Result<base::Bytes> parse_est_body(std::string_view text);
std::string encode_est_body(base::ByteView der);

}  // namespace heqi::pki
