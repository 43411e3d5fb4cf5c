#include <heqi/documents/sign/long_term.h>

#include <algorithm>

#include <heqi/documents/seal/sealed_signature.h>
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

using Certificates = std::vector<x509::Certificate>;

base::Status add_token(ByteView token, Certificates& out) {
  HEQI_TRY(const pki::SignedData message, pki::parse_signed_data(token));
  out.insert(out.end(), message.certificates.begin(), message.certificates.end());
  return {};
}

// certificates_of_message are those that a message carries, and its time-stamp.
Result<Certificates> certificates_of_message(ByteView der) {
  HEQI_TRY(const pki::SignedData message, pki::parse_signed_data(der));
  if (message.certificates.empty())
    return base::fail(base::Code::malformed, "the message carries no certificate");
  Certificates out = message.certificates;
  for (const pki::Attribute& attribute : message.signers.front().unsigned_values) {
    if (!(attribute.type == x509::oids::signature_time_stamp_token())) continue;
    for (const Bytes& token : attribute.values) HEQI_TRY(add_token(token, out));
  }
  return out;
}

// certificates_of_seal are those of the signer, of the maker, those above them, and those of the
// time-stamp.
Result<Certificates> certificates_of_seal(const seal::SealedSignature& sealed) {
  Certificates out = seal::find_certificate_values(sealed.extensions);
  const Certificates above = seal::find_certificate_values(sealed.seal.info.extensions);
  out.insert(out.end(), above.begin(), above.end());
  for (const Bytes* der : {&sealed.certificate, &sealed.seal.certificate}) {
    HEQI_TRY(x509::Certificate one, x509::parse_certificate(*der));
    out.push_back(std::move(one));
  }
  if (sealed.time_stamp) HEQI_TRY(add_token(*sealed.time_stamp, out));
  return out;
}

Result<Certificates> certificates_of(ByteView der) {
  if (const auto sealed = seal::parse_sealed_signature(der)) return certificates_of_seal(*sealed);
  return certificates_of_message(der);
}

class Collection {
 public:
  Collection(const pki::TrustStore& anchors, pki::PathOptions options,
             const pki::Algorithms& algorithms)
      : anchors_(anchors), options_(std::move(options)), algorithms_(algorithms) {}

  base::Status add_signature(const pdf::SignatureDictionary& signature) {
    HEQI_TRY(const pki::PaddedMessage padded, pki::read_padded(signature.contents));
    pdf::ValidationData::Related related;
    HEQI_TRY(related.key, vri_key(signature.contents, algorithms_.digests));
    HEQI_TRY(const std::vector<x509::Certificate> certificates, certificates_of(padded.der));
    know(certificates);
    for (const x509::Certificate& one : certificates) add(one, signature.field.name, related);
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
  void know(const Certificates& certificates) {
    options_.intermediates.insert(options_.intermediates.end(), certificates.begin(),
                                  certificates.end());
  }

  void add(const x509::Certificate& certificate, const std::string& field,
           pdf::ValidationData::Related& related) {
    if (certificate.is_ca()) return;
    const pki::PathResult path = pki::validate_path(certificate, anchors_, options_, algorithms_);
    if (path.status != pki::PathStatus::trusted)
      miss(field, certificate.subject().common_name() + ": " + path.reason);
    add_path(path, related);
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
