#include <heqi/x509/oids.h>
#include <heqi/x509/signature_verifier.h>
#include <heqi/x509/signer.h>
#include <heqi/x509/sm2_encoding.h>

namespace heqi::x509 {

AlgorithmIdentifier SoftwareSm2Signer::algorithm() const {
  return sm2_with_sm3_algorithm();
}

base::Result<base::Bytes> SoftwareSm2Signer::sign(base::ByteView message) {
  HEQI_TRY(const crypto::Signature signature, crypto::sign(key_, message, random_));
  return encode_signature(signature);
}

base::Status Sm2SignatureVerifier::verify(const AlgorithmIdentifier& algorithm,
                                          const PublicKeyInfo& key, base::ByteView message,
                                          base::ByteView signature) const {
  if (!(algorithm.oid == oids::sm2_with_sm3()) && !(algorithm.oid == oids::sm2_sign()))
    return base::fail(base::Code::unsupported,
                      "signature algorithm " + algorithm.oid.dotted() + " is not SM2 with SM3");
  if (!algorithm.has_no_parameters())
    return base::fail(base::Code::unsupported, "SM2 with SM3 has no parameters");
  if (!key.is_sm2())
    return base::fail(base::Code::malformed, "an SM2 signature under a key of another algorithm");
  HEQI_TRY(const crypto::PublicKey public_key, key.sm2_key());
  const auto parsed = parse_signature(signature);
  if (!parsed) return base::fail(base::Code::invalid_signature, parsed.error().detail);
  return crypto::verify(public_key, message, *parsed);
}

base::Status verify_issued_by(const Certificate& certificate, const PublicKeyInfo& issuer_key,
                              const SignatureVerifier& verifier) {
  return verifier.verify(certificate.signature_algorithm(), issuer_key, certificate.tbs(),
                         certificate.signature());
}

}  // namespace heqi::x509
