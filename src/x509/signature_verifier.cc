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

namespace {

base::Status check_algorithm(const AlgorithmIdentifier& algorithm, const PublicKeyInfo& key) {
  if (!(algorithm.oid == oids::sm2_with_sm3()) && !(algorithm.oid == oids::sm2_sign()))
    return base::fail(base::Code::unsupported,
                      "signature algorithm " + algorithm.oid.dotted() + " is not SM2 with SM3");
  if (!algorithm.has_no_parameters())
    return base::fail(base::Code::unsupported, "SM2 with SM3 has no parameters");
  if (!key.is_sm2())
    return base::fail(base::Code::malformed, "an SM2 signature under a key of another algorithm");
  return {};
}

// verify_octets is for a crypto::PublicKey or a crypto::VerifyingKey.
template <class Key>
base::Status verify_octets(const Key& key, base::ByteView message, base::ByteView signature) {
  const auto parsed = parse_signature(signature);
  if (!parsed) return base::fail(base::Code::invalid_signature, parsed.error().detail);
  return crypto::verify(key, message, *parsed);
}

}  // namespace

base::Status Sm2SignatureVerifier::verify(const AlgorithmIdentifier& algorithm,
                                          const PublicKeyInfo& key, base::ByteView message,
                                          base::ByteView signature) const {
  HEQI_TRY(check_algorithm(algorithm, key));
  HEQI_TRY(const crypto::PublicKey public_key, key.sm2_key());
  return verify_octets(public_key, message, signature);
}

base::Status verify_issued_by(const Certificate& certificate, const PublicKeyInfo& issuer_key,
                              const SignatureVerifier& verifier) {
  return verifier.verify(certificate.signature_algorithm(), issuer_key, certificate.tbs(),
                         certificate.signature());
}

IssuedVerifier::IssuedVerifier(const PublicKeyInfo& issuer_key, const SignatureVerifier& verifier)
    : issuer_key_(issuer_key), verifier_(verifier) {
  if (!issuer_key_.is_sm2()) return;
  if (const auto key = issuer_key_.sm2_key()) prepared_ = crypto::VerifyingKey::prepare(*key);
}

base::Status IssuedVerifier::verify(const Certificate& certificate) const {
  if (!prepared_) return verify_issued_by(certificate, issuer_key_, verifier_);
  HEQI_TRY(check_algorithm(certificate.signature_algorithm(), issuer_key_));
  return verify_octets(*prepared_, certificate.tbs(), certificate.signature());
}

}  // namespace heqi::x509
