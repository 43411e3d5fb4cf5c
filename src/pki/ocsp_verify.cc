// Who may answer about a certificate, and when an answer counts (RFC 6960 §4.2.2).
#include <heqi/crypto/sm3.h>
#include <heqi/pki/ocsp.h>
#include <heqi/x509/oids.h>

#include "der.h"
#include "facts.h"
#include "issuers.h"

namespace heqi::pki {

namespace oids = x509::oids;

using base::Bytes;
using base::Code;
using base::Result;

namespace {

// may_be_responder compares what the answer says of its maker. Key hashes are SHA-1 after the RFC
// and SM3 in this house; one that cannot be computed excludes nobody, since the signature decides.
bool may_be_responder(const OcspAnswer& answer, const x509::Certificate& certificate,
                      const Algorithms& algorithms) {
  if (answer.responder_name) return answer.responder_name->matches(certificate.subject());
  const asn1::Oid& hash = answer.responder_key_hash.size() == 20 ? oids::sha1() : oids::sm3();
  const Result<Bytes> actual = algorithms.digests.digest(hash, certificate.public_key().key);
  return !actual || *actual == answer.responder_key_hash;
}

// check_delegate: the issuer itself signed the responder's certificate, for this very purpose.
base::Status check_delegate(const OcspAnswer& answer, const x509::Certificate& responder,
                            const x509::Certificate& issuer, const Algorithms& algorithms) {
  HEQI_TRY(verify_issued(responder, issuer, algorithms));
  HEQI_TRY(read_facts(responder));
  if (!responder.has_purpose(oids::purpose_ocsp_signing()))
    return base::fail(Code::untrusted, "the responder's certificate is not for OCSP signing");
  if (!responder.allows(x509::KeyUsageBit::digital_signature))
    return base::fail(Code::untrusted, "the responder's key usage does not allow signatures");
  if (!responder.is_valid_at(answer.body.produced_at))
    return base::fail(Code::untrusted, "the responder's certificate was not valid at that time");
  return {};
}

Result<OcspEvidence> find_responder(const OcspAnswer& answer, const x509::Certificate& issuer,
                                    const Algorithms& algorithms) {
  base::Error reason = base::fail(Code::untrusted, "no certificate of the responder is at hand");
  const auto signed_by = [&](const x509::Certificate& candidate) {
    return algorithms.signatures.verify(answer.signature_algorithm, candidate.public_key(),
                                        answer.tbs(), answer.signature);
  };
  if (may_be_responder(answer, issuer, algorithms)) {
    const base::Status own = signed_by(issuer);
    if (own) return OcspEvidence{{}, issuer, false};
    reason = own.error();
  }
  for (const x509::Certificate& candidate : answer.certificates) {
    if (candidate == issuer || !may_be_responder(answer, candidate, algorithms)) continue;
    base::Status holds = check_delegate(answer, candidate, issuer, algorithms);
    if (holds) holds = signed_by(candidate);
    if (holds) return OcspEvidence{{}, candidate, true};
    reason = holds.error();
  }
  return reason;
}

base::Status check_times(const SingleAnswer& answer, const OcspCheck& check) {
  if (answer.this_update > check.now + check.clock_skew)
    return base::fail(Code::expired, "the status answer is from the future");
  const base::Time end = answer.next_update.value_or(answer.this_update + check.age_max);
  if (end < answer.this_update)
    return base::fail(Code::malformed, "nextUpdate is before thisUpdate");
  if (end + check.clock_skew < check.valid_at)
    return base::fail(Code::expired, "the status answer is too old");
  return {};
}

}  // namespace

Result<OcspEvidence> verify_ocsp_answer(const OcspAnswer& answer, const x509::Certificate& issuer,
                                        base::ByteView serial, const OcspCheck& check,
                                        const Algorithms& algorithms) {
  if (!check.nonce.empty() && !base::same_bytes(check.nonce, answer.body.nonce))
    return base::fail(Code::conflict, "the nonce of the status answer is not that of the request");
  base::Error missing =
      base::fail(Code::not_found, "the status answer is not about this certificate");
  for (const SingleAnswer& single : answer.body.answers) {
    if (!der::same_number(single.id.serial, serial)) continue;
    const Result<bool> named = names_issuer(single.id, issuer, algorithms.digests);
    if (!named) missing = named.error();
    if (!named || !*named) continue;
    HEQI_TRY(OcspEvidence evidence, find_responder(answer, issuer, algorithms));
    HEQI_TRY(check_times(single, check));
    evidence.answer = single;
    return evidence;
  }
  return missing;
}

}  // namespace heqi::pki
