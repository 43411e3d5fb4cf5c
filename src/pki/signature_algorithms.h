// signature_algorithms.h: what a SignerInfo's pair of algorithms means, and the dialects of SM2
// signature values.
#pragma once
#include <heqi/pki/cms.h>

namespace heqi::pki {

struct EffectiveSignature {
  x509::AlgorithmIdentifier algorithm;
  base::Bytes signature;  // DER where SM2
};

// effective_signature names the signature algorithm as certificates name it: CMS allows the bare
// key algorithm beside the digest algorithm (RFC 3370 §3.2), GM/T 0010 says sm2sign.
base::Result<EffectiveSignature> effective_signature(const SignerInfo& signer,
                                                     const x509::Certificate& certificate);

// signature_is_bare tells whether the value is r || s of 64 octets under an SM2 key.
bool signature_is_bare(base::ByteView signature, const x509::Certificate& certificate);

// verify_without_identity checks SM2 over e = SM3(content), the signer's Z value left out.
base::Status verify_without_identity(const SignerInfo& signer, const x509::Certificate& certificate,
                                     base::ByteView content);

}  // namespace heqi::pki
