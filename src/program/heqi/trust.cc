#include <heqi/documents/sign/long_term.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/pki/tsp.h>

#include "adapters.h"

namespace heqi::program {
base::Result<base::Bytes> Trust::OsslDigester::digest(const asn1::Oid& algorithm,
                                                      base::ByteView data) const {
  return ossl::digest(algorithm, data);
}

Trust::Trust(const services::ca::Hierarchy& hierarchy, std::string time_stamp_url,
             base::Fetch& fetch, const base::Clock& clock, base::Random& random)
    : hierarchy_(hierarchy),
      time_stamp_url_(std::move(time_stamp_url)),
      fetch_(fetch),
      clock_(clock),
      random_(random),
      anchors_({hierarchy.root}),
      verifier_(ossl::make_signature_verifier()) {}

pki::PathResult Trust::path_of(const x509::Certificate& certificate) const {
  pki::PathOptions options;
  options.at = options.now = clock_.now();
  options.intermediates = {hierarchy_.issuing};
  options.fetch = &fetch_;
  return pki::validate_path(certificate, anchors_, options, algorithms());
}

base::Status Trust::check(base::ByteView der) {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(der));
  const pki::PathResult path = path_of(certificate);
  if (path.status == pki::PathStatus::trusted) return {};
  return pki::to_error(path);
}

base::Result<std::vector<base::Bytes>> Trust::chain_of(base::ByteView) {
  return std::vector<base::Bytes>{base::to_bytes(hierarchy_.issuing.der()),
                                  base::to_bytes(hierarchy_.root.der())};
}

base::Result<services::contract::CertificateStatus> Trust::status_of(base::ByteView der) {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(der));
  const pki::PathResult path = path_of(certificate);
  if (path.status != pki::PathStatus::trusted) return pki::to_error(path);
  services::contract::CertificateStatus out;
  for (const x509::Certificate& one : path.chain)
    out.certificates.push_back(base::to_bytes(one.der()));
  for (const pki::RevocationEvidence& one : path.revocation) {
    if (one.source == pki::RevocationEvidence::Source::crl) out.crls.push_back(one.der);
    if (one.source == pki::RevocationEvidence::Source::ocsp) out.ocsps.push_back(one.der);
    for (const x509::Certificate& responder : one.responder)
      out.certificates.push_back(base::to_bytes(responder.der()));
  }
  return out;
}

base::Result<documents::pdf::ValidationData> Trust::validation_data(base::ByteView pdf) {
  pki::PathOptions options;
  options.at = options.now = clock_.now();
  options.intermediates = {hierarchy_.issuing};
  options.fetch = &fetch_;
  HEQI_TRY(documents::sign::Collected collected,
           documents::sign::collect_validation_data(pdf, anchors_, options, algorithms()));
  // What cannot be read now will not be readable later either.
  if (collected.data.related.empty())
    return base::fail(base::Code::malformed, "no signature whose chain could be collected");
  return std::move(collected.data);
}

base::Result<base::Bytes> Trust::stamp(base::ByteView data) {
  HEQI_TRY(base::Bytes nonce, base::random_bytes(random_, 16));
  nonce[0] = static_cast<std::uint8_t>((nonce[0] & 0x7F) | 0x40);
  const pki::TimeStampRequest request = pki::make_time_stamp_request(data, nonce);
  base::FetchRequest http;
  http.method = "POST";
  http.url = time_stamp_url_;
  http.headers = {{"Content-Type", "application/timestamp-query"}};
  http.body = pki::encode_time_stamp_request(request);
  HEQI_TRY(const base::FetchAnswer answer, fetch_.fetch(http));
  if (answer.status != 200)
    return base::fail(base::Code::unavailable,
                      "the time-stamp authority answered " + std::to_string(answer.status));
  auto token = pki::parse_time_stamp_answer(answer.body);
  if (!token && token.error().code == base::Code::denied)
    return base::fail(base::Code::time_untrusted, token.error().detail);
  if (!token) return std::move(token).error();
  HEQI_TRY(check_token(*token, data, nonce));
  return *std::move(token);
}

base::Result<base::Time> Trust::time_of(base::ByteView token, base::ByteView data) {
  return check_token(token, data, {});
}

base::Result<base::Time> Trust::check_token(base::ByteView token, base::ByteView data,
                                            base::Bytes nonce) const {
  pki::TokenCheck check;
  check.nonce = std::move(nonce);
  check.trust = &anchors_;
  check.path.intermediates = {hierarchy_.issuing};
  check.path.revocation = pki::RevocationMode::ignore;
  HEQI_TRY(const pki::TimeStampEvidence evidence,
           pki::verify_time_stamp_token(token, data, check, algorithms()));
  if (!evidence.path || evidence.path->status != pki::PathStatus::trusted)
    return base::fail(base::Code::time_untrusted, "the time-stamp authority is not trusted");
  return evidence.info.time;
}

}  // namespace heqi::program
