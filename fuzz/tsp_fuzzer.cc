// Time-stamp requests, answers, tokens and their contents; a content that can be read is stamped
// anew by an authority of the target's own, and holds for the data that it states and no other.
// uses: heqi_pki heqi_testing_pki
// covers: src/pki/tsp.cc src/pki/tsp_token.cc
#include <heqi/crypto/sm3.h>
#include <heqi/pki/tsp.h>
#include <heqi/testing/authority.h>
#include <heqi/x509/oids.h>

namespace {

using namespace heqi;
using base::ByteView;

testing::Authority& authority() {
  static testing::Authority made;
  return made;
}

const pki::Algorithms& algorithms() {
  static const x509::Sm2SignatureVerifier signatures;
  static const pki::Sm3Digester digests;
  static const pki::Algorithms value{signatures, digests};
  return value;
}

void try_request(ByteView input) {
  const auto request = pki::parse_time_stamp_request(input);
  if (!request) return;
  const auto again = pki::parse_time_stamp_request(pki::encode_time_stamp_request(*request));
  HEQI_CHECK(again && again->imprint == request->imprint && again->nonce == request->nonce);
  const auto own = pki::make_time_stamp_request(input, request->nonce);
  HEQI_CHECK(pki::parse_time_stamp_request(pki::encode_time_stamp_request(own))->nonce ==
             request->nonce);
}

// stamp_anew makes a token that says what info says, but of the octets of data.
void stamp_anew(pki::TstInfo info, ByteView data) {
  const crypto::Digest digest = crypto::sm3(data);
  info.hash_algorithm = x509::oids::sm3();
  info.imprint.assign(digest.begin(), digest.end());
  const testing::Credential& tsa = authority().tsa();
  const auto token = pki::make_time_stamp_token(info, tsa.certificate, {}, *tsa.signer);
  HEQI_CHECK(token.has_value());
  const pki::TrustStore trust = authority().trust();
  pki::TokenCheck check;
  check.nonce = info.nonce;
  check.policies = {info.policy};
  check.trust = &trust;
  check.path.revocation = pki::RevocationMode::ignore;
  check.path.intermediates = authority().chain();
  const auto evidence = pki::verify_time_stamp_token(*token, data, check, algorithms());
  HEQI_CHECK(evidence.has_value() == tsa.certificate.is_valid_at(info.time));
  if (evidence) HEQI_CHECK(evidence->path && evidence->path->status == pki::PathStatus::trusted);
  const base::Bytes other{1, 2, 3, 4, 5};
  HEQI_CHECK(!pki::verify_time_stamp_token(*token, other, check, algorithms()) ||
             base::same_bytes(data, other));
  check.policies = {x509::oids::sm3()};
  HEQI_CHECK(!pki::verify_time_stamp_token(*token, data, check, algorithms()) ||
             info.policy == x509::oids::sm3());
  const auto sent = pki::parse_time_stamp_answer(pki::encode_time_stamp_answer(*token));
  HEQI_CHECK(sent && *sent == *token);
  const testing::Credential& another = authority().ocsp();  // not for time-stamps
  const auto foreign = pki::make_time_stamp_token(info, another.certificate, {}, *another.signer);
  HEQI_CHECK(foreign && !pki::verify_time_stamp_token(*foreign, data, {}, algorithms()));
}

void try_info(ByteView input) {
  const auto info = pki::parse_tst_info(input);
  if (!info) return;
  const auto again = pki::parse_tst_info(pki::encode_tst_info(*info));
  HEQI_CHECK(again && again->time == info->time && again->serial == info->serial &&
             again->accuracy == info->accuracy);
  stamp_anew(*info, input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  try_request(input);
  try_info(input);
  const auto answer = pki::parse_time_stamp_answer(input);
  static_cast<void>(
      pki::verify_time_stamp_token(answer ? ByteView(*answer) : input, {}, {}, algorithms()));
  if (size != 0) {
    const auto refusal = pki::encode_time_stamp_refusal(static_cast<pki::TspFailure>(data[0] % 26),
                                                        size > 1 ? "not now" : "");
    HEQI_CHECK(!pki::parse_time_stamp_answer(refusal));
  }
  return 0;
}
