#include "pkcs11_key.h"

#include <heqi/asn1/writer.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/x509/oids.h>

#include "pkcs11_session.h"

namespace heqi::program {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace oids = x509::oids;

namespace {

// Scheme is how a kind of key signs.
struct Scheme {
  x509::AlgorithmIdentifier algorithm;
  CK_MECHANISM_TYPE mechanism = 0;
  std::optional<asn1::Oid> hashed_here;  // ECDSA: tokens take the digest
};

// scheme_of goes by the certificate's key; the size of a point tells the curve's.
Result<Scheme> scheme_of(const x509::PublicKeyInfo& key) {
  if (key.is_sm2()) return fail(Code::unsupported, "SM2 in a token: PKCS#11 2.40 does not name it");
  if (key.algorithm.oid == oids::rsa_encryption())
    return Scheme{
        {oids::rsa_with_sha256(), asn1::Writer().null().take()}, CKM_SHA256_RSA_PKCS, std::nullopt};
  if (key.algorithm.oid == oids::ec_public_key()) {
    if (key.key.size() == 65)
      return Scheme{{oids::ecdsa_with_sha256(), {}}, CKM_ECDSA, oids::sha256()};
    if (key.key.size() == 97)
      return Scheme{{oids::ecdsa_with_sha384(), {}}, CKM_ECDSA, oids::sha384()};
    if (key.key.size() == 133)
      return Scheme{{oids::ecdsa_with_sha512(), {}}, CKM_ECDSA, oids::sha512()};
  }
  return fail(Code::unsupported, "the kind of the certificate's key");
}

// in_der is ECDSA-Sig-Value (RFC 3279 §2.2.3) of r || s.
Result<Bytes> in_der(ByteView both) {
  if (both.empty() || both.size() % 2 != 0)
    return fail(Code::unavailable, "the token gave no ECDSA signature");
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.unsigned_integer(both.first(both.size() / 2));
    w.unsigned_integer(both.subspan(both.size() / 2));
  });
  return out.take();
}

class TokenSigner final : public x509::Signer {
 public:
  TokenSigner(std::unique_ptr<Pkcs11Session> session, CK_OBJECT_HANDLE key, Scheme scheme,
              x509::PublicKeyInfo public_key)
      : session_(std::move(session)),
        key_(key),
        scheme_(std::move(scheme)),
        public_key_(std::move(public_key)),
        verifier_(ossl::make_signature_verifier()) {}

  x509::AlgorithmIdentifier algorithm() const override { return scheme_.algorithm; }

  Result<Bytes> sign(ByteView message) override {
    HEQI_TRY(Bytes value, scheme_.hashed_here ? sign_digest(message)
                                              : session_->sign(key_, scheme_.mechanism, message));
    if (!verifier_->verify(scheme_.algorithm, public_key_, message, value))
      return fail(Code::conflict, "the token's key is not the certificate's");
    return value;
  }

 private:
  Result<Bytes> sign_digest(ByteView message) {
    HEQI_TRY(const Bytes digest, ossl::digest(*scheme_.hashed_here, message));
    HEQI_TRY(const Bytes both, session_->sign(key_, scheme_.mechanism, digest));
    return in_der(both);
  }

  std::unique_ptr<Pkcs11Session> session_;
  CK_OBJECT_HANDLE key_;
  Scheme scheme_;
  x509::PublicKeyInfo public_key_;
  std::unique_ptr<x509::SignatureVerifier> verifier_;
};

}  // namespace

Result<std::unique_ptr<x509::Signer>> open_pkcs11_key(const Pkcs11Uri& uri,
                                                      const base::SecretBytes& pin,
                                                      const x509::Certificate& certificate) {
  HEQI_TRY(Scheme scheme, scheme_of(certificate.public_key()));
  HEQI_TRY(std::unique_ptr<Pkcs11Session> session, Pkcs11Session::open(uri, pin));
  HEQI_TRY(const CK_OBJECT_HANDLE key, session->find_key(uri));
  return std::unique_ptr<x509::Signer>(std::make_unique<TokenSigner>(
      std::move(session), key, std::move(scheme), certificate.public_key()));
}

}  // namespace heqi::program
