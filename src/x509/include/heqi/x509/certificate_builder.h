// heqi/x509/certificate_builder.h: certificates to be signed, and the frame that all signed
// structures share.
#pragma once
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

namespace heqi::x509 {

// CertificateBody is what an issuer states in one certificate (always version 3).
struct CertificateBody {
  base::Bytes serial;  // unsigned, big-endian, 1…20 octets, not zero
  Name issuer;
  base::Time not_before, not_after;
  Name subject;
  PublicKeyInfo public_key;
  std::vector<Extension> extensions;  // written in this order
};

// encode_body makes TBSCertificate, naming algorithm as that of the signature. Fails with malformed
// for a bad serial, a period that ends before it starts, an empty issuer or key, or an extension
// that comes twice.
base::Result<base::Bytes> encode_body(const CertificateBody& body,
                                      const AlgorithmIdentifier& algorithm);

// assemble_signed is SEQUENCE { tbs, algorithm, BIT STRING signature }: certificates, CSRs, CRLs
// and OCSP basic responses (without certificates).
base::Bytes assemble_signed(base::ByteView tbs, const AlgorithmIdentifier& algorithm,
                            base::ByteView signature);

// make_certificate encodes body, has it signed, assembles it and parses the result.
base::Result<Certificate> make_certificate(const CertificateBody& body, Signer& signer);

}  // namespace heqi::x509
