#include <heqi/documents/pdf/form.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/pki/cms.h>
#include <heqi/pki/tsp.h>
#include <heqi/x509/oids.h>

#include <algorithm>

#include "adapters.h"

namespace heqi::program {
namespace {

// Collector keeps each DER once and remembers where it is.
class Collector {
 public:
  static std::size_t add(std::vector<base::Bytes>& list, base::ByteView der) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const base::Bytes& known) {
      return base::same_bytes(known, der);
    });
    if (found != list.end()) return static_cast<std::size_t>(found - list.begin());
    list.push_back(base::to_bytes(der));
    return list.size() - 1;
  }
};

void add_path(const pki::PathResult& path, documents::pdf::ValidationData& data,
              documents::pdf::ValidationData::Related& related) {
  for (const x509::Certificate& certificate : path.chain)
    related.certificates.push_back(Collector::add(data.certificates, certificate.der()));
  for (const pki::RevocationEvidence& evidence : path.revocation) {
    if (evidence.der.empty()) continue;
    if (evidence.source == pki::RevocationEvidence::Source::crl)
      related.crls.push_back(Collector::add(data.crls, evidence.der));
    if (evidence.source == pki::RevocationEvidence::Source::ocsp)
      related.ocsps.push_back(Collector::add(data.ocsps, evidence.der));
    for (const x509::Certificate& responder : evidence.responder)
      related.certificates.push_back(Collector::add(data.certificates, responder.der()));
  }
}

// vri_key is the upper-case hexadecimal SHA-1 of a signature's /Contents (ISO 32000-2 §12.8.4.4).
base::Result<std::string> vri_key(base::ByteView contents) {
  HEQI_TRY(const base::Bytes digest, ossl::digest(x509::oids::sha1(), contents));
  std::string key;
  for (std::uint8_t octet : digest) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    key.push_back(digits[octet >> 4]);
    key.push_back(digits[octet & 15]);
  }
  return key;
}

}  // namespace

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

base::Result<documents::pdf::ValidationData> Trust::validation_data(base::ByteView pdf) {
  HEQI_TRY(const documents::pdf::Document document, documents::pdf::Document::parse(pdf));
  HEQI_TRY(const auto signatures, documents::pdf::find_signatures(document));
  documents::pdf::ValidationData data;
  for (const documents::pdf::SignatureDictionary& signature : signatures) {
    HEQI_TRY(const base::ByteView der, pki::der_prefix_of(signature.contents));
    HEQI_TRY(const pki::SignedData message, pki::parse_signed_data(der));
    documents::pdf::ValidationData::Related related;
    HEQI_TRY(related.key, vri_key(signature.contents));
    if (message.certificates.empty())
      return base::fail(base::Code::malformed, "a signature carries no certificate");
    for (const x509::Certificate& certificate : message.certificates)
      if (!certificate.is_ca()) add_path(path_of(certificate), data, related);
    for (const pki::Attribute& attribute : message.signers.front().unsigned_values) {
      if (!(attribute.type == x509::oids::signature_time_stamp_token())) continue;
      for (const base::Bytes& token_der : attribute.values) {
        HEQI_TRY(const pki::SignedData token, pki::parse_signed_data(token_der));
        for (const x509::Certificate& certificate : token.certificates)
          if (!certificate.is_ca()) add_path(path_of(certificate), data, related);
      }
    }
    for (auto* list : {&related.certificates, &related.crls, &related.ocsps}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
    data.related.push_back(std::move(related));
  }
  return data;
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
  pki::TokenCheck check;
  check.nonce = nonce;
  check.trust = &anchors_;
  check.path.intermediates = {hierarchy_.issuing};
  check.path.revocation = pki::RevocationMode::ignore;
  HEQI_TRY(const pki::TimeStampEvidence evidence,
           pki::verify_time_stamp_token(*token, data, check, algorithms()));
  if (!evidence.path || evidence.path->status != pki::PathStatus::trusted)
    return base::fail(base::Code::time_untrusted, "the time-stamp authority is not trusted");
  return *std::move(token);
}

}  // namespace heqi::program
