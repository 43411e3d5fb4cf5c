#include "evidence.h"

#include <algorithm>

#include <heqi/documents/pdf/document.h>
#include <heqi/pki/crl.h>
#include <heqi/pki/ocsp.h>
#include <heqi/pki/tsp.h>
#include <heqi/x509/oids.h>

namespace heqi::demo {
namespace {

using base::Code;
using base::fail;
using base::Status;
using documents::pdf::Document;

// Collector gathers first, and finds out who signed when every certificate is known.
class Collector {
 public:
  explicit Collector(const x509::Certificate& root) { add(root); }

  Status add_message(base::ByteView der, What what, const std::string& name) {
    HEQI_TRY(const pki::SignedData message, pki::parse_signed_data(der));
    for (const x509::Certificate& one : message.certificates) add(one);
    for (const base::Bytes& crl : message.crls) HEQI_TRY(add_crl(crl));
    for (const pki::SignerInfo& signer : message.signers) {
      const auto by =
          std::find_if(certificates_.begin(), certificates_.end(), [&](const auto& one) {
            return one.serial() == signer.serial && one.issuer().der().size() > 0 &&
                   std::ranges::equal(one.issuer().der(), signer.issuer);
          });
      if (by == certificates_.end()) return fail(Code::not_found, name + ": signer");
      out_.push_back({what, name, signer.signed_attributes, signer.signature, *by});
      for (const pki::Attribute& attribute : signer.unsigned_values) {
        if (attribute.type != x509::oids::signature_time_stamp_token()) continue;
        for (const base::Bytes& token : attribute.values)
          HEQI_TRY(add_message(token, What::time_stamp, name + ", time-stamp"));
      }
    }
    return {};
  }
  Status add_certificate(base::ByteView der) {
    HEQI_TRY(x509::Certificate one, x509::parse_certificate(der));
    add(std::move(one));
    return {};
  }
  Status add_crl(base::ByteView der) {
    HEQI_TRY(pki::Crl crl, pki::parse_crl(der));
    crls_.push_back(std::move(crl));
    return {};
  }
  Status add_ocsp(base::ByteView der) {
    HEQI_TRY(pki::OcspAnswer answer, pki::parse_ocsp_answer(der));
    for (const x509::Certificate& one : answer.certificates) add(one);
    answers_.push_back(std::move(answer));
    return {};
  }

  base::Result<std::vector<Signed>> finish() {
    for (const x509::Certificate& one : certificates_) {
      HEQI_TRY(const x509::Certificate by, named(one.issuer()));
      out_.push_back({What::certificate, one.subject().text(), base::to_bytes(one.tbs()),
                      one.signature(), by});
    }
    for (const pki::Crl& crl : crls_) {
      HEQI_TRY(const x509::Certificate by, named(crl.body.issuer));
      out_.push_back({What::crl, "list of " + crl.body.issuer.text(), base::to_bytes(crl.tbs()),
                      crl.signature, by});
    }
    for (const pki::OcspAnswer& answer : answers_) {
      if (!answer.responder_name) return fail(Code::unsupported, "a responder without a name");
      HEQI_TRY(const x509::Certificate by, named(*answer.responder_name));
      out_.push_back({What::ocsp_answer, "answer of " + answer.responder_name->text(),
                      base::to_bytes(answer.tbs()), answer.signature, by});
    }
    return std::move(out_);
  }

 private:
  void add(x509::Certificate one) {
    if (std::find(certificates_.begin(), certificates_.end(), one) == certificates_.end())
      certificates_.push_back(std::move(one));
  }
  base::Result<x509::Certificate> named(const x509::Name& subject) const {
    for (const x509::Certificate& one : certificates_)
      if (one.subject() == subject) return one;
    return fail(Code::not_found, "certificate of " + subject.text());
  }

  std::vector<x509::Certificate> certificates_;
  std::vector<pki::Crl> crls_;
  std::vector<pki::OcspAnswer> answers_;
  std::vector<Signed> out_;
};

template <class Function>
Status for_each_stored(const Document& document, std::string_view key, Function&& function) {
  HEQI_TRY(const auto* const catalog, document.catalog());
  HEQI_TRY(const auto* const dss, document.find(*catalog, "DSS"));
  if (dss == nullptr || dss->dictionary() == nullptr) return fail(Code::not_found, "no DSS");
  HEQI_TRY(const auto* const list, document.find(*dss->dictionary(), key));
  if (list == nullptr || list->array() == nullptr) return {};
  for (const auto& item : list->array()->items) {
    HEQI_TRY(const auto* const stream, document.resolve(item));
    if (stream->stream() == nullptr) return fail(Code::malformed, std::string(key));
    HEQI_TRY(const auto decoded, document.decode(*stream->stream()));
    HEQI_TRY(function(decoded.octets));
  }
  return {};
}

}  // namespace

base::Result<std::vector<Signed>> collect_signed(base::ByteView file,
                                                 const x509::Certificate& root) {
  HEQI_TRY(const Document document, Document::parse(file));
  HEQI_TRY(const auto signatures, documents::pdf::find_signatures(document));
  Collector collector(root);
  HEQI_TRY(for_each_stored(document, "Certs",
                           [&](base::ByteView der) { return collector.add_certificate(der); }));
  HEQI_TRY(for_each_stored(document, "CRLs",
                           [&](base::ByteView der) { return collector.add_crl(der); }));
  HEQI_TRY(for_each_stored(document, "OCSPs",
                           [&](base::ByteView der) { return collector.add_ocsp(der); }));
  for (const auto& signature : signatures) {
    HEQI_TRY(const base::ByteView der, pki::der_prefix_of(signature.contents));
    HEQI_TRY(collector.add_message(
        der, signature.type == "DocTimeStamp" ? What::time_stamp : What::signature,
        signature.field.name));
  }
  return collector.finish();
}

base::Result<std::vector<BoundDigest>> collect_digests(base::ByteView file) {
  HEQI_TRY(const Document document, Document::parse(file));
  HEQI_TRY(const auto signatures, documents::pdf::find_signatures(document));
  std::vector<BoundDigest> out;
  for (const auto& signature : signatures) {
    BoundDigest bound{signature.field.name, {}, {}};
    for (std::size_t i = 0; i + 1 < signature.byte_range.size(); i += 2)
      base::append(bound.covered,
                   file.subspan(static_cast<std::size_t>(signature.byte_range[i]),
                                static_cast<std::size_t>(signature.byte_range[i + 1])));
    HEQI_TRY(const base::ByteView der, pki::der_prefix_of(signature.contents));
    HEQI_TRY(const pki::SignedData message, pki::parse_signed_data(der));
    if (message.content) {
      HEQI_TRY(const pki::TstInfo info, pki::parse_tst_info(*message.content));
      bound.message_digest = info.imprint;
    } else {
      for (const pki::Attribute& attribute : message.signers.at(0).signed_values)
        if (attribute.type == x509::oids::message_digest())
          bound.message_digest.assign(attribute.values.at(0).begin() + 2,  // OCTET STRING, length
                                      attribute.values.at(0).end());
    }
    out.push_back(std::move(bound));
  }
  return out;
}

}  // namespace heqi::demo
