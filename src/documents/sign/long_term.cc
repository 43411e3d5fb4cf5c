#include <heqi/documents/sign/long_term.h>

#include <algorithm>

#include <heqi/pki/ber.h>
#include <heqi/pki/cms.h>
#include <heqi/x509/oids.h>

namespace heqi::documents::sign {

using base::Bytes;
using base::ByteView;
using base::Result;

namespace {

// index_of keeps each DER once and tells where it is.
std::size_t index_of(std::vector<Bytes>& list, ByteView der) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const Bytes& known) { return base::same_bytes(known, der); });
  if (found != list.end()) return static_cast<std::size_t>(found - list.begin());
  list.push_back(base::to_bytes(der));
  return list.size() - 1;
}

// vri_key is the upper-case hexadecimal SHA-1 of a signature's /Contents (ISO 32000-2 §12.8.4.4).
Result<std::string> vri_key(ByteView contents, const pki::Digester& digests) {
  HEQI_TRY(const Bytes digest, digests.digest(x509::oids::sha1(), contents));
  std::string key;
  for (const std::uint8_t octet : digest) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    key.push_back(digits[octet >> 4]);
    key.push_back(digits[octet & 15]);
  }
  return key;
}

class Collection {
 public:
  Collection(const pki::TrustStore& anchors, pki::PathOptions options,
             const pki::Algorithms& algorithms)
      : anchors_(anchors), options_(std::move(options)), algorithms_(algorithms) {}

  base::Status add_signature(const pdf::SignatureDictionary& signature) {
    HEQI_TRY(const pki::PaddedMessage padded, pki::read_padded(signature.contents));
    HEQI_TRY(const pki::SignedData message, pki::parse_signed_data(padded.der));
    pdf::ValidationData::Related related;
    HEQI_TRY(related.key, vri_key(signature.contents, algorithms_.digests));
    if (message.certificates.empty())
      return base::fail(base::Code::malformed, "the message carries no certificate");
    std::vector<pki::SignedData> messages{message};
    for (const pki::Attribute& attribute : message.signers.front().unsigned_values) {
      if (!(attribute.type == x509::oids::signature_time_stamp_token())) continue;
      for (const Bytes& token_der : attribute.values) {
        HEQI_TRY(pki::SignedData token, pki::parse_signed_data(token_der));
        messages.push_back(std::move(token));
      }
    }
    for (const pki::SignedData& one : messages) know(one.certificates);
    for (const pki::SignedData& one : messages) add_message(one, signature.field.name, related);
    for (auto* list : {&related.certificates, &related.crls, &related.ocsps}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
    out_.data.related.push_back(std::move(related));
    return {};
  }
  void miss(const std::string& field, const std::string& why) {
    std::string text = "field " + field + ": " + why;
    if (std::find(out_.missing.begin(), out_.missing.end(), text) == out_.missing.end())
      out_.missing.push_back(std::move(text));
  }
  Collected take() { return std::move(out_); }

 private:
  // know takes certificates for every path that follows: a time-stamp authority often leaves out
  // its issuer, which is that of the signer too.
  void know(const std::vector<x509::Certificate>& certificates) {
    options_.intermediates.insert(options_.intermediates.end(), certificates.begin(),
                                  certificates.end());
  }

  void add_message(const pki::SignedData& message, const std::string& field,
                   pdf::ValidationData::Related& related) {
    for (const x509::Certificate& certificate : message.certificates) {
      if (certificate.is_ca()) continue;
      const pki::PathResult path = pki::validate_path(certificate, anchors_, options_, algorithms_);
      if (path.status != pki::PathStatus::trusted)
        miss(field, certificate.subject().common_name() + ": " + path.reason);
      add_path(path, related);
    }
  }

  void add_path(const pki::PathResult& path, pdf::ValidationData::Related& related) {
    pdf::ValidationData& data = out_.data;
    for (const x509::Certificate& certificate : path.chain)
      related.certificates.push_back(index_of(data.certificates, certificate.der()));
    for (const pki::RevocationEvidence& evidence : path.revocation) {
      if (evidence.der.empty()) continue;
      if (evidence.source == pki::RevocationEvidence::Source::crl)
        related.crls.push_back(index_of(data.crls, evidence.der));
      if (evidence.source == pki::RevocationEvidence::Source::ocsp)
        related.ocsps.push_back(index_of(data.ocsps, evidence.der));
      for (const x509::Certificate& responder : evidence.responder)
        related.certificates.push_back(index_of(data.certificates, responder.der()));
    }
  }

  const pki::TrustStore& anchors_;
  pki::PathOptions options_;
  const pki::Algorithms& algorithms_;
  Collected out_;
};

}  // namespace

Result<Collected> collect_validation_data(ByteView file, const pki::TrustStore& anchors,
                                          const pki::PathOptions& options,
                                          const pki::Algorithms& algorithms) {
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(file));
  HEQI_TRY(const auto signatures, pdf::find_signatures(document));
  Collection collection(anchors, options, algorithms);
  for (const pdf::SignatureDictionary& one : signatures)
    if (const base::Status added = collection.add_signature(one); !added)
      collection.miss(one.field.name, added.error().detail);
  return collection.take();
}

}  // namespace heqi::documents::sign
