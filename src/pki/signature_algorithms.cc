#include "signature_algorithms.h"

#include <heqi/crypto/sm3.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/sm2_encoding.h>

namespace heqi::pki {

namespace oids = x509::oids;

using base::ByteView;
using base::Code;
using base::Result;

namespace {

bool is_sm2_name(const asn1::Oid& oid) {
  return oid == oids::sm2_with_sm3() || oid == oids::sm2_sign() || oid == oids::sm2_curve() ||
         oid == oids::ec_public_key();
}

// with_digest names the RSA or ECDSA signature with that digest; empty where there is none.
asn1::Oid with_digest(const asn1::Oid& key, const asn1::Oid& digest) {
  struct Row {
    const asn1::Oid &digest, &rsa, &ecdsa;
  };
  const Row rows[] = {
      {oids::sha1(), oids::rsa_with_sha1(), oids::ec_public_key()},
      {oids::sha256(), oids::rsa_with_sha256(), oids::ecdsa_with_sha256()},
      {oids::sha384(), oids::rsa_with_sha384(), oids::ecdsa_with_sha384()},
      {oids::sha512(), oids::rsa_with_sha512(), oids::ecdsa_with_sha512()},
  };
  for (const Row& row : rows)
    if (row.digest == digest) return key == oids::rsa_encryption() ? row.rsa : row.ecdsa;
  return {};
}

// matches_digest: a signature algorithm that names its digest names the one of the SignerInfo;
// otherwise a weaker digest could be slipped in beside it.
bool matches_digest(const asn1::Oid& algorithm, const asn1::Oid& digest) {
  for (const asn1::Oid* key : {&oids::rsa_encryption(), &oids::ec_public_key()})
    for (const asn1::Oid* one :
         {&oids::sha1(), &oids::sha256(), &oids::sha384(), &oids::sha512(), &oids::sm3()}) {
      const asn1::Oid named = with_digest(*key, *one);
      if (!named.empty() && named == algorithm) return *one == digest;
    }
  return true;
}

}  // namespace

Result<EffectiveSignature> effective_signature(const SignerInfo& signer,
                                               const x509::Certificate& certificate) {
  EffectiveSignature effective{signer.signature_algorithm, signer.signature};
  const asn1::Oid& named = signer.signature_algorithm.oid;
  if (certificate.public_key().is_sm2()) {
    if (!is_sm2_name(named) || !(signer.digest_algorithm == oids::sm3()))
      return base::fail(Code::unsupported, "an SM2 key with algorithm " + named.dotted() +
                                               " and digest " + signer.digest_algorithm.dotted());
    if (!signer.signature_algorithm.has_no_parameters())
      return base::fail(Code::malformed, "SM2 signature algorithm with parameters");
    effective.algorithm = x509::sm2_with_sm3_algorithm();
    if (signature_is_bare(signer.signature, certificate)) {
      HEQI_TRY(const crypto::Signature value, x509::parse_raw_signature(signer.signature));
      effective.signature = x509::encode_signature(value);
    }
    return effective;
  }
  if (named == oids::rsa_encryption() || named == oids::ec_public_key()) {
    effective.algorithm = {with_digest(named, signer.digest_algorithm), {}};
    if (named == oids::rsa_encryption()) effective.algorithm.parameters = {0x05, 0x00};
    if (effective.algorithm.oid.empty() || effective.algorithm.oid == oids::ec_public_key())
      return base::fail(Code::unsupported, "digest algorithm " + signer.digest_algorithm.dotted());
  } else if (!matches_digest(named, signer.digest_algorithm)) {
    return base::fail(Code::invalid_signature,
                      "the digest algorithm is not that of the signature algorithm");
  }
  return effective;
}

bool signature_is_bare(ByteView signature, const x509::Certificate& certificate) {
  return certificate.public_key().is_sm2() && signature.size() == x509::kRawSignatureSize &&
         !x509::parse_signature(signature);
}

base::Status verify_without_identity(const SignerInfo& signer, const x509::Certificate& certificate,
                                     ByteView content) {
  HEQI_TRY(const EffectiveSignature effective, effective_signature(signer, certificate));
  HEQI_TRY(const crypto::PublicKey key, certificate.public_key().sm2_key());
  HEQI_TRY(const crypto::Signature value, x509::parse_signature(effective.signature));
  return crypto::verify_digest(key, crypto::sm3(content), value);
}

}  // namespace heqi::pki
