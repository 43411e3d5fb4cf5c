// heqi/pki/tsp.h: time-stamps (RFC 3161, RFC 5816, GM/T 0033, GB/T 20520).
#pragma once
#include <optional>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/pki/cms.h>
#include <heqi/pki/path.h>
#include <heqi/x509/signer.h>

namespace heqi::pki {

inline constexpr std::size_t kTspRequestSizeMax = 4'096;
inline constexpr std::size_t kTspNonceSizeMax = 32;

struct TimeStampRequest {
  asn1::Oid hash_algorithm;
  base::Bytes imprint;
  std::optional<asn1::Oid> policy;
  base::Bytes nonce;  // unsigned, without leading zeros; empty: none
  bool certificate_requested = true;
};
// make_time_stamp_request asks for a time-stamp over SM3(data).
TimeStampRequest make_time_stamp_request(base::ByteView data, base::Bytes nonce);
base::Bytes encode_time_stamp_request(const TimeStampRequest& request);
// parse_time_stamp_request refuses extensions (unsupported) and an imprint whose length does not
// fit a hash that it knows (malformed).
base::Result<TimeStampRequest> parse_time_stamp_request(base::ByteView der);

// TstInfo is what the authority signs.
struct TstInfo {
  asn1::Oid policy;
  asn1::Oid hash_algorithm;
  base::Bytes imprint;
  base::Bytes serial;  // unsigned, at most 20 octets
  base::Time time;     // genTime
  std::optional<base::Duration> accuracy;
  bool ordering = false;
  base::Bytes nonce;  // empty: none
};
base::Bytes encode_tst_info(const TstInfo& info);
base::Result<TstInfo> parse_tst_info(base::ByteView der);

struct TokenOptions {
  Profile profile = Profile::international;
  std::vector<x509::Certificate> certificates;  // sent besides the authority's own
  SendCertificates send_certificates = SendCertificates::include;
  // The hash of messageDigest and ESSCertIDv2; the default is SM3. Others need digests.
  std::optional<asn1::Oid> digest_algorithm = std::nullopt;
  const Digester* digests = nullptr;
};
// make_time_stamp_token signs info with ESSCertIDv2 over the authority's certificate. Fails with
// unsupported for a hash that digests does not know.
base::Result<base::Bytes> make_time_stamp_token(const TstInfo& info,
                                                const x509::Certificate& authority,
                                                const TokenOptions& options, x509::Signer& signer);

// TspFailure is PKIFailureInfo (§2.4.2).
enum class TspFailure : std::uint8_t {
  bad_algorithm = 0,
  bad_request = 2,
  bad_data_format = 5,
  time_not_available = 14,
  unaccepted_policy = 15,
  unaccepted_extension = 16,
  additional_information_unavailable = 17,
  system_failure = 25,
};
base::Bytes encode_time_stamp_answer(base::ByteView token);
base::Bytes encode_time_stamp_refusal(TspFailure failure, std::string_view text);
// parse_time_stamp_answer returns the token; fails with denied and the authority's words where it
// was refused.
base::Result<base::Bytes> parse_time_stamp_answer(base::ByteView der);

// TokenCheck says what a token must fulfil.
struct TokenCheck {
  base::Bytes nonce;                            // of the request; empty: not compared
  std::vector<asn1::Oid> policies;              // accepted; empty: any
  const TrustStore* trust = nullptr;            // nullptr: the chain is not judged
  PathOptions path;                             // at is replaced by genTime
  std::vector<x509::Certificate> certificates;  // where the token does not carry them
};

// TimeStampEvidence is a token whose signature, imprint and purpose hold.
struct TimeStampEvidence {
  TstInfo info;
  x509::Certificate authority;
  std::optional<PathResult> path;  // of the authority at genTime, where trust was given
  base::Bytes token;
  base::Bytes signed_octets, signature;  // for a second opinion
  std::vector<std::string> deviations;
};

// verify_time_stamp_token checks that token is a time-stamp over data: the imprint, the signature
// and its certificate binding, that timeStamping is critical and the only purpose of the
// certificate, that the certificate was valid at genTime, nonce and policy. The chain's verdict is
// in path: a token of an untrusted authority is returned with path.status saying so.
// Fails with invalid_signature, conflict (nonce), untrusted (purpose, policy), malformed,
// unsupported.
base::Result<TimeStampEvidence> verify_time_stamp_token(base::ByteView token, const Content& data,
                                                        const TokenCheck& check,
                                                        const Algorithms& algorithms);

}  // namespace heqi::pki
