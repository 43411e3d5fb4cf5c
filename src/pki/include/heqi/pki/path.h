// heqi/pki/path.h: certification paths: building and validation (RFC 5280 §6, GB/T 29243) and
// revocation (RFC 5280 §6.3, RFC 6960).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/fetch.h>
#include <heqi/pki/crl.h>
#include <heqi/pki/ocsp.h>
#include <heqi/pki/trust_store.h>

namespace heqi::pki {

// Limits against pathological inputs; docs/limits.md.
inline constexpr std::size_t kPathDepthMax = 8;        // certificates, the anchor included
inline constexpr std::size_t kPathCandidatesMax = 32;  // intermediates looked at
inline constexpr std::size_t kPathSignatureChecksMax = 64;

enum class PathStatus : std::uint8_t {
  trusted,
  untrusted,           // no valid chain to an anchor
  expired_at_time,     // the only fault: a certificate was not valid at the time
  revoked,             // a certificate of the chain was revoked at the time
  unknown_revocation,  // the chain holds, but revocation was asked for and could not be settled
  wrong_usage,         // the chain holds, but not for this purpose
};
std::string_view name_of(PathStatus status);

// RevocationMode: ignore asks nothing; where_stated asks for certificates that name a source (CRL
// distribution point or OCSP responder) or for which evidence was supplied; require asks for every
// certificate below the anchor.
enum class RevocationMode : std::uint8_t { ignore, where_stated, require };

// CertificateForm is how much of RFC 5280 §4 is asked of every certificate of the chain. coherent:
// nothing contradicts itself (keyCertSign or name constraints outside of a CA's certificate, key
// identifiers that are critical, name constraints that are not, no name that counts). strict, for
// what is to be taken up newly: besides, what §4 asks of conforming CAs and §6.1 does not look at
// (key identifiers, critical basic constraints, a serial number above 0).
enum class CertificateForm : std::uint8_t { coherent, strict };

using x509::KeyUsageBit;

struct PathOptions {
  base::Time at;   // the time for which the question is asked
  base::Time now;  // of the evaluation: evidence from after it is refused; default: at
  // usage_any_of: the leaf's keyUsage, where present, has at least one of them; empty: any.
  std::vector<KeyUsageBit> usage_any_of;
  // purpose: the leaf's extended key usage, where present, has it (anyExtendedKeyUsage counts).
  std::optional<asn1::Oid> purpose;
  std::vector<asn1::Oid> policies;               // accepted certificate policies; empty: any
  std::vector<x509::Certificate> intermediates;  // untrusted helpers
  RevocationMode revocation = RevocationMode::where_stated;
  std::vector<Crl> crls;
  std::vector<Crl> delta_crls;  // used with a list of crls that they add to
  std::vector<OcspAnswer> ocsp_answers;
  base::Fetch* fetch = nullptr;  // nullptr: offline
  base::Duration clock_skew = std::chrono::minutes(5);
  std::size_t depth_max = kPathDepthMax;
  CertificateForm form = CertificateForm::coherent;
};

// RevocationEvidence says where the status of one certificate of the chain comes from.
struct RevocationEvidence {
  std::size_t chain_index = 0;
  enum class Source : std::uint8_t { none, crl, ocsp } source = Source::none;
  CertStatus status = CertStatus::unknown;
  std::optional<base::Time> revoked_at;
  std::optional<RevocationReason> reason;
  base::Time this_update;
  std::optional<base::Time> next_update;
  base::Bytes der;             // the CRL or OCSP answer: what long-term validation data embeds
  base::Bytes delta_der = {};  // the delta CRL that was used with the CRL, or empty
  std::vector<x509::Certificate> responder;  // of a delegated OCSP answer
  std::string detail;                        // why status is unknown
};

struct PathResult {
  PathStatus status = PathStatus::untrusted;
  std::vector<x509::Certificate> chain;  // leaf first, anchor last; the longest found if untrusted
  std::vector<RevocationEvidence> revocation;
  std::string reason;  // in English, why it is not trusted; empty if it is
  std::size_t signature_checks = 0;
};

// validate_path finds the best chain from leaf to an anchor of trust and judges it at options.at.
// Never fails: what is wrong is in the status and the reason.
PathResult validate_path(const x509::Certificate& leaf, const TrustStore& trust,
                         const PathOptions& options, const Algorithms& algorithms);

// to_error turns a result that is not trusted into the registry's error.
base::Error to_error(const PathResult& result);

}  // namespace heqi::pki
