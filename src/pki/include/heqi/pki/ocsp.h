// heqi/pki/ocsp.h: the online certificate status protocol (RFC 6960, GB/T 19713).
#pragma once
#include <optional>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/pki/algorithms.h>
#include <heqi/pki/crl.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

namespace heqi::pki {

inline constexpr std::size_t kOcspRequestSizeMax = 16'384;
inline constexpr std::size_t kOcspAnswerSizeMax = 262'144;
inline constexpr std::size_t kOcspQuestionsMax = 64;
inline constexpr std::size_t kOcspNonceSizeMax = 128;  // RFC 9654; RFC 8954 said 32

// CertId names a certificate by its issuer and serial number.
struct CertId {
  asn1::Oid hash_algorithm;
  base::Bytes issuer_name_hash;
  base::Bytes issuer_key_hash;
  base::Bytes serial;  // unsigned, big-endian, without leading zeros
  friend bool operator==(const CertId& a, const CertId& b) {
    return a.hash_algorithm == b.hash_algorithm && a.issuer_name_hash == b.issuer_name_hash &&
           a.issuer_key_hash == b.issuer_key_hash && a.serial == b.serial;
  }
};

// make_cert_id hashes the issuer's name and key with algorithm (x509::oids::sm3() unless a peer
// needs another).
base::Result<CertId> make_cert_id(const x509::Certificate& issuer, base::ByteView serial,
                                  const asn1::Oid& algorithm, const Digester& digests);
// names_issuer tells whether id's hashes are those of issuer; unsupported for an unknown hash.
base::Result<bool> names_issuer(const CertId& id, const x509::Certificate& issuer,
                                const Digester& digests);

struct OcspRequest {
  std::vector<CertId> questions;
  base::Bytes nonce;  // empty: none
};
base::Bytes encode_ocsp_request(const OcspRequest& request);
// parse_ocsp_request ignores a signature on the request and unknown extensions that are not
// critical; refuses critical ones with unsupported.
base::Result<OcspRequest> parse_ocsp_request(base::ByteView der);

enum class CertStatus : std::uint8_t { good, revoked, unknown };

struct SingleAnswer {
  CertId id;
  CertStatus status = CertStatus::unknown;
  std::optional<base::Time> revoked_at;  // set where status is revoked
  std::optional<RevocationReason> reason;
  base::Time this_update;
  std::optional<base::Time> next_update;
};

struct OcspBody {
  std::vector<SingleAnswer> answers;
  base::Time produced_at;
  base::Bytes nonce;  // echoed; empty: none
};

// OcspFailure is OCSPResponseStatus without successful (§4.2.1).
enum class OcspFailure : std::uint8_t {
  malformed_request = 1,
  internal_error = 2,
  try_later = 3,
  signature_required = 5,
  unauthorized = 6,
};
base::Bytes encode_ocsp_failure(OcspFailure failure);

// make_ocsp_answer signs body for responder, who is named by its subject. Where responder is not
// the issuer itself, its certificate travels with the answer (included = the certificates to send).
base::Result<base::Bytes> make_ocsp_answer(const OcspBody& body, const x509::Certificate& responder,
                                           const std::vector<x509::Certificate>& included,
                                           x509::Signer& signer);

// OcspAnswer is a parsed basic response.
struct OcspAnswer {
  OcspBody body;
  std::optional<x509::Name> responder_name;  // exactly one of name and key hash is set
  base::Bytes responder_key_hash;
  std::vector<x509::Certificate> certificates;
  x509::AlgorithmIdentifier signature_algorithm;
  base::Bytes signature;
  base::Bytes der;  // the whole OCSPResponse
  std::size_t tbs_offset = 0, tbs_size = 0;

  base::ByteView tbs() const { return base::ByteView(der).subspan(tbs_offset, tbs_size); }
};
// parse_ocsp_answer fails with unavailable where the responder states a failure (its name is in the
// detail), with malformed or unsupported for what cannot be read.
base::Result<OcspAnswer> parse_ocsp_answer(base::ByteView der);

// OcspCheck says what an answer must fulfil.
struct OcspCheck {
  base::Bytes nonce;  // of the request; empty: none was sent
  base::Time now;     // of the evaluation; an answer from the future is refused
  base::Duration clock_skew = std::chrono::minutes(5);
  // age_max bounds answers without nextUpdate.
  base::Duration age_max = std::chrono::hours(24);
  // valid_at is when nextUpdate must not have passed; usually equal to now.
  base::Time valid_at;
};

struct OcspEvidence {
  SingleAnswer answer;
  x509::Certificate responder;
  bool delegated = false;
};

// verify_ocsp_answer finds the answer about serial under issuer and checks who gave it: the issuer
// itself, or a certificate that issuer signed with the purpose OCSPSigning and that is valid when
// the answer was produced. Fails with not_found (no answer about this certificate),
// invalid_signature, untrusted (responder has no authority), expired (time windows), conflict
// (nonce differs).
base::Result<OcspEvidence> verify_ocsp_answer(const OcspAnswer& answer,
                                              const x509::Certificate& issuer,
                                              base::ByteView serial, const OcspCheck& check,
                                              const Algorithms& algorithms);

}  // namespace heqi::pki
