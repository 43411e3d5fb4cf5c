#include "issuers.h"

#include <heqi/crypto/sm3.h>
#include <heqi/x509/oids.h>

namespace heqi::pki {

using base::Code;

base::Result<base::Bytes> Sm3Digester::digest(const asn1::Oid& algorithm,
                                              base::ByteView data) const {
  if (!(algorithm == x509::oids::sm3()))
    return base::fail(Code::unsupported, "hash algorithm " + algorithm.dotted());
  const crypto::Digest digest = crypto::sm3(data);
  return base::Bytes(digest.begin(), digest.end());
}

base::Result<base::Bytes> Sm3Digester::digest_of(const asn1::Oid& algorithm,
                                                 const Content& content) const {
  if (!(algorithm == x509::oids::sm3()))
    return base::fail(Code::unsupported, "hash algorithm " + algorithm.dotted());
  crypto::Sm3 hash;
  for (const base::ByteView part : content.parts()) hash.update(part);
  const crypto::Digest digest = hash.finish();
  return base::Bytes(digest.begin(), digest.end());
}

bool key_identifier_fits(base::ByteView authority_key_identifier, const x509::Certificate& issuer) {
  const base::Bytes& own = issuer.subject_key_identifier();
  return authority_key_identifier.empty() || own.empty() ||
         base::same_bytes(authority_key_identifier, own);
}

base::Status verify_issued(const x509::Certificate& certificate, const x509::Certificate& issuer,
                           const Algorithms& algorithms) {
  if (!certificate.issuer().matches(issuer.subject()))
    return base::fail(Code::untrusted, "the certificate names another issuer");
  return x509::verify_issued_by(certificate, issuer.public_key(), algorithms.signatures);
}

}  // namespace heqi::pki
