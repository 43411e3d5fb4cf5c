// Verification of signed messages: the binding of the content first, then the signature value,
// then the certificate that the signer named.
#include <heqi/base/text.h>
#include <heqi/crypto/sm2.h>
#include <heqi/pki/cms.h>
#include <heqi/x509/oids.h>

#include <functional>

#include "der.h"
#include "issuers.h"
#include "signature_algorithms.h"

namespace heqi::pki {

namespace oids = x509::oids;
using asn1::Element;
using asn1::Reader;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

std::string_view name_of(Binding binding) {
  switch (binding) {
    case Binding::message_digest:
      return "message_digest";
    case Binding::encapsulated_content:
      return "encapsulated_content";
    case Binding::digest_as_content:
      return "digest_as_content";
    case Binding::base64_digest_as_content:
      return "base64_digest_as_content";
    case Binding::signature_over_content:
      return "signature_over_content";
    case Binding::signature_over_digest:
      return "signature_over_digest";
    case Binding::digest_without_identity:
      return "digest_without_identity";
  }
  return "unknown";
}

namespace {

const Attribute* find_attribute(const std::vector<Attribute>& attributes, const asn1::Oid& type) {
  for (const Attribute& attribute : attributes)
    if (attribute.type == type) return &attribute;
  return nullptr;
}

// single_value is the one value of a signed attribute; nullptr where the attribute is absent.
Result<const Bytes*> single_value(const SignerInfo& signer, const asn1::Oid& type) {
  const Attribute* attribute = find_attribute(signer.signed_values, type);
  if (attribute == nullptr) return static_cast<const Bytes*>(nullptr);
  if (attribute->values.size() != 1)
    return base::fail(Code::malformed, "attribute " + type.dotted() + " has several values");
  return &attribute->values[0];
}

bool is_data(const asn1::Oid& type) {
  return type == oids::cms_data() || type == oids::gm_data();
}

Result<x509::Certificate> find_signer(const SignedData& message, const SignerInfo& signer,
                                      const MessageCheck& check) {
  for (const std::vector<x509::Certificate>* list : {&message.certificates, &check.certificates})
    for (const x509::Certificate& certificate : *list) {
      const bool named =
          signer.key_identifier.empty()
              ? base::same_bytes(certificate.issuer().der(), signer.issuer) &&
                    der::same_number(certificate.serial(), signer.serial)
              : base::same_bytes(certificate.subject_key_identifier(), signer.key_identifier);
      if (named) return certificate;
    }
  return base::fail(Code::not_found, "the signer's certificate is not at hand");
}

// binding_of_content compares the encapsulated octets with the content and its digest.
std::optional<Binding> binding_of_content(ByteView encapsulated, const Content& content,
                                          ByteView digest) {
  if (content.equals(encapsulated)) return Binding::encapsulated_content;
  if (base::same_bytes(encapsulated, digest)) return Binding::digest_as_content;
  if (base::text_of(encapsulated) == base::to_base64(digest))
    return Binding::base64_digest_as_content;
  return std::nullopt;
}

base::Error no_binding() {
  return base::fail(Code::invalid_signature, "nothing in the message binds the content's digest");
}

base::Status check_content_type(const SignedData& message, const SignerInfo& signer,
                                MessageEvidence& evidence) {
  HEQI_TRY(const Bytes* value, single_value(signer, oids::content_type()));
  if (value == nullptr)
    return base::fail(Code::invalid_signature, "signed attributes without contentType");
  HEQI_TRY(Reader reader, Reader::over(*value));
  HEQI_TRY(const asn1::Oid type, reader.oid());
  if (type == message.content_type) return {};
  if (!is_data(type) || !is_data(message.content_type))
    return base::fail(Code::invalid_signature, "contentType is not the type of the content");
  evidence.deviations.emplace_back("contentType names data of the other family");
  return {};
}

// bind_by_attributes finds how messageDigest reaches content.
Result<Binding> bind_by_attributes(const SignedData& message, const SignerInfo& signer,
                                   const Content& content, const Algorithms& algorithms,
                                   MessageEvidence& evidence) {
  HEQI_TRY(check_content_type(message, signer, evidence));
  HEQI_TRY(const Bytes* value, single_value(signer, oids::message_digest()));
  if (value == nullptr)
    return base::fail(Code::invalid_signature, "signed attributes without messageDigest");
  HEQI_TRY(Reader reader, Reader::over(*value));
  HEQI_TRY(const ByteView stated, reader.octet_string());
  HEQI_TRY(reader.finish());
  HEQI_TRY(const Bytes digest, algorithms.digests.digest_of(signer.digest_algorithm, content));
  if (!message.content) {
    if (!base::same_bytes(stated, digest)) return no_binding();
    return Binding::message_digest;
  }
  HEQI_TRY(const Bytes inner, algorithms.digests.digest(signer.digest_algorithm, *message.content));
  if (!base::same_bytes(stated, inner))
    return base::fail(Code::invalid_signature, "messageDigest is not that of the message content");
  const std::optional<Binding> binding = binding_of_content(*message.content, content, digest);
  if (!binding) return no_binding();
  return *binding;
}

// looks_like_attributes guards against taking signed attributes, whose signature someone has, for
// a content without attributes: the two are signed alike.
bool looks_like_attributes(ByteView octets) {
  Result<Reader> outer = Reader::over(octets);
  if (!outer) return false;
  Result<Reader> list = outer->set();
  if (!list) return false;
  while (!list->at_end()) {
    Result<Reader> item = list->sequence();
    if (!item) return false;
    const Result<asn1::Oid> type = item->oid();
    if (!type) return false;
    if (*type == oids::message_digest() || *type == oids::content_type()) return true;
  }
  return false;
}

// verify_value checks the signature value over octets, in DER or as bare r || s.
base::Status verify_value(const SignerInfo& signer, const x509::Certificate& certificate,
                          ByteView octets, const Algorithms& algorithms) {
  HEQI_TRY(const EffectiveSignature effective, effective_signature(signer, certificate));
  return algorithms.signatures.verify(effective.algorithm, certificate.public_key(), octets,
                                      effective.signature);
}

struct Plain {
  Binding binding;
  Bytes octets;
};

// verify_without_attributes tries what producers are known to sign where no attributes exist.
Result<Plain> verify_without_attributes(const SignedData& message, const SignerInfo& signer,
                                        const x509::Certificate& certificate,
                                        const Content& content, const Algorithms& algorithms) {
  if (!is_data(message.content_type))
    return base::fail(Code::invalid_signature, "content other than data without attributes");
  Bytes signed_octets = message.content ? *message.content : content.joined();
  if (looks_like_attributes(signed_octets))
    return base::fail(Code::invalid_signature, "signed attributes are passed off as the content");
  HEQI_TRY(const Bytes digest, algorithms.digests.digest_of(signer.digest_algorithm, content));
  if (message.content) {
    const std::optional<Binding> binding = binding_of_content(*message.content, content, digest);
    if (!binding) return no_binding();
    HEQI_TRY(verify_value(signer, certificate, signed_octets, algorithms));
    return Plain{*binding, std::move(signed_octets)};
  }
  const base::Status over_content = verify_value(signer, certificate, signed_octets, algorithms);
  if (over_content) return Plain{Binding::signature_over_content, std::move(signed_octets)};
  if (verify_value(signer, certificate, digest, algorithms))
    return Plain{Binding::signature_over_digest, digest};
  if (verify_without_identity(signer, certificate, signed_octets))
    return Plain{Binding::digest_without_identity, std::move(signed_octets)};
  return over_content.error();
}

// ESSCertIDv2 ::= SEQUENCE { hashAlgorithm DEFAULT sha256, certHash, issuerSerial OPTIONAL };
// ESSCertID has no hashAlgorithm and means SHA-1.
Result<bool> check_signing_certificate(const Bytes& value, const asn1::Oid& default_hash,
                                       const x509::Certificate& certificate,
                                       const Algorithms& algorithms, MessageEvidence& evidence) {
  HEQI_TRY(Reader outer, Reader::over(value));
  HEQI_TRY(Reader fields, outer.sequence());
  HEQI_TRY(Reader list, fields.sequence());
  HEQI_TRY(Reader first, list.sequence());  // the first names the signer (RFC 5035 §4)
  asn1::Oid hash = default_hash;
  if (first.peek() == asn1::kSequence && !(default_hash == oids::sha1())) {
    HEQI_TRY(hash, der::read_hash_algorithm(first));
  }
  HEQI_TRY(const ByteView stated, first.octet_string());
  const Result<Bytes> actual = algorithms.digests.digest(hash, certificate.der());
  if (!actual && actual.error().code == Code::unsupported) {
    evidence.deviations.push_back("signingCertificate uses an unsupported hash " + hash.dotted());
    return false;
  }
  if (!actual) return actual.error();
  if (!base::same_bytes(*actual, stated))
    return base::fail(Code::invalid_signature,
                      "signingCertificate names another certificate than the signer's");
  if (first.at_end()) return true;
  HEQI_TRY(Reader issuer_serial, first.sequence());
  HEQI_TRY(Reader names, issuer_serial.sequence());
  HEQI_TRY(std::optional<Reader> name, names.explicit_tag(4));  // directoryName
  HEQI_TRY(const ByteView serial, issuer_serial.unsigned_integer());
  const bool same_issuer = name && base::same_bytes(name->rest(), certificate.issuer().der());
  if (!same_issuer || !der::same_number(serial, certificate.serial()))
    return base::fail(Code::invalid_signature,
                      "signingCertificate names another issuer or serial number");
  return true;
}

base::Status read_claims(const SignerInfo& signer, const Algorithms& algorithms,
                         MessageEvidence& evidence) {
  HEQI_TRY(const Bytes* time, single_value(signer, oids::signing_time()));
  if (time != nullptr) {
    HEQI_TRY(Reader reader, Reader::over(*time));
    HEQI_TRY(evidence.claimed_time, reader.time());
  }
  HEQI_TRY(const Bytes* version2, single_value(signer, oids::signing_certificate_v2()));
  HEQI_TRY(const Bytes* version1, single_value(signer, oids::signing_certificate()));
  bool bound = false;
  if (version2 != nullptr) {
    HEQI_TRY(bound, check_signing_certificate(*version2, oids::sha256(), evidence.signer,
                                              algorithms, evidence));
  }
  evidence.certificate_bound = bound;
  if (version1 != nullptr) {
    HEQI_TRY(bound, check_signing_certificate(*version1, oids::sha1(), evidence.signer, algorithms,
                                              evidence));
    evidence.certificate_bound = evidence.certificate_bound || bound;
  }
  const Attribute* token =
      find_attribute(signer.unsigned_values, oids::signature_time_stamp_token());
  if (token != nullptr) evidence.time_stamp_token = token->values[0];
  return {};
}

void note_deviations(const SignerInfo& signer, MessageEvidence& evidence) {
  if (signer.digest_algorithm == oids::sha1())
    evidence.deviations.emplace_back("weak digest SHA-1");
  if (signature_is_bare(signer.signature, evidence.signer))
    evidence.deviations.emplace_back("the signature value is bare r || s instead of DER");
  if (evidence.binding == Binding::digest_without_identity)
    evidence.deviations.emplace_back("SM3 of the content was signed without the signer's Z value");
}

}  // namespace

Result<MessageEvidence> verify_signed_data(const SignedData& message, const Content& content,
                                           const MessageCheck& check,
                                           const Algorithms& algorithms) {
  if (check.signer_index >= message.signers.size())
    return base::fail(Code::not_found, "there is no such signer in the message");
  const SignerInfo& signer = message.signers[check.signer_index];
  HEQI_TRY(x509::Certificate certificate, find_signer(message, signer, check));
  MessageEvidence evidence;
  evidence.signer = std::move(certificate);
  evidence.signer_index = check.signer_index;
  evidence.digest_algorithm = signer.digest_algorithm;
  evidence.signature = signer.signature;
  evidence.deviations = message.deviations;
  if (!signer.signed_attributes.empty()) {
    HEQI_TRY(evidence.binding, bind_by_attributes(message, signer, content, algorithms, evidence));
    HEQI_TRY(verify_value(signer, evidence.signer, signer.signed_attributes, algorithms));
    evidence.signed_octets = signer.signed_attributes;
  } else {
    HEQI_TRY(Plain plain,
             verify_without_attributes(message, signer, evidence.signer, content, algorithms));
    evidence.binding = plain.binding;
    evidence.signed_octets = std::move(plain.octets);
  }
  HEQI_TRY(read_claims(signer, algorithms, evidence));
  note_deviations(signer, evidence);
  return evidence;
}

base::Status check_certificates(const SignedData& message,
                                const std::vector<x509::Certificate>& known,
                                const Algorithms& algorithms) {
  for (const x509::Certificate& certificate : message.certificates) {
    bool whole = false;
    std::size_t tries = 0;
    for (const std::vector<x509::Certificate>* list : {&known, &message.certificates})
      for (const x509::Certificate& issuer : *list) {
        if (whole || !certificate.issuer().matches(issuer.subject()) || ++tries > 8) continue;
        whole = verify_issued(certificate, issuer, algorithms).has_value();
      }
    if (!whole)
      return base::fail(Code::invalid_signature,
                        "a certificate in the message is not signed by any that is at hand");
  }
  return {};
}

Result<MessageEvidence> verify_encapsulated(const SignedData& message, const MessageCheck& check,
                                            const Algorithms& algorithms) {
  if (!message.content)
    return base::fail(Code::unsupported, "the message does not carry its content");
  return verify_signed_data(message, *message.content, check, algorithms);
}

}  // namespace heqi::pki
