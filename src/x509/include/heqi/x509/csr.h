// heqi/x509/csr.h: certification requests (PKCS#10, RFC 2986).
#pragma once
#include <heqi/x509/extension.h>
#include <heqi/x509/name.h>
#include <heqi/x509/signature_verifier.h>
#include <heqi/x509/signer.h>

namespace heqi::x509 {

inline constexpr std::size_t kCsrSizeMax = 16'384;  // octets of DER

// CsrBody is what an applicant states.
struct CsrBody {
  Name subject;
  PublicKeyInfo public_key;
  std::vector<Extension> extensions;  // asked for (extensionRequest)
};

// encode_csr_body makes CertificationRequestInfo: what the applicant signs. assemble_signed of
// certificate_builder.h makes the request of it.
base::Bytes encode_csr_body(const CsrBody& body);
// parse_csr_body reads a CertificationRequestInfo: the device checks what it is about to sign.
base::Result<CsrBody> parse_csr_body(base::ByteView der);
// make_csr encodes, has it signed, assembles.
base::Result<base::Bytes> make_csr(const CsrBody& body, Signer& signer);

// Csr is a parsed request that owns its DER. Attributes other than extensionRequest are ignored.
struct Csr {
  CsrBody body;
  AlgorithmIdentifier signature_algorithm;
  base::Bytes signature;
  base::Bytes der;
  std::size_t tbs_offset = 0, tbs_size = 0;

  base::ByteView tbs() const { return base::ByteView(der).subspan(tbs_offset, tbs_size); }
};
// parse_csr fails with malformed, limit_exceeded.
base::Result<Csr> parse_csr(base::ByteView der);

// verify_possession checks that the request is signed by the key that it names. The first form
// knows SM2 only. Fails with invalid_signature, unsupported, malformed.
base::Status verify_possession(const Csr& csr);
base::Status verify_possession(const Csr& csr, const SignatureVerifier& verifier);

}  // namespace heqi::x509
