// The message in /Contents: its form, whether it binds the signed octets, and its arithmetic.
#include <algorithm>

#include <heqi/asn1/reader.h>
#include <heqi/base/text.h>
#include <heqi/documents/pdf/filter_names.h>
#include <heqi/documents/pdf/sign.h>
#include <heqi/pki/ber.h>
#include <heqi/x509/oids.h>

#include "judgement.h"

namespace heqi::documents::verify {

namespace oids = x509::oids;
using base::ByteView;
using base::Code;

Identity identity_of(const x509::Certificate& certificate) {
  return {certificate.subject().common_name(),
          certificate.subject().text(),
          certificate.issuer().text(),
          base::to_hex(certificate.serial()),
          base::to_hex(certificate.fingerprint()),
          certificate.not_before(),
          certificate.not_after()};
}

namespace {

// Weak algorithms of any time from 2026 on.
bool is_weak(const asn1::Oid& algorithm) {
  static const asn1::Oid weak[] = {
      oids::sha1(),
      oids::rsa_with_sha1(),
      asn1::Oid::of("1.2.840.113549.2.5"),    // MD5
      asn1::Oid::of("1.2.840.113549.1.1.4"),  // MD5 with RSA
      asn1::Oid::of("1.2.840.10045.4.1"),     // ECDSA with SHA-1
  };
  return std::find(std::begin(weak), std::end(weak), algorithm) != std::end(weak);
}

constexpr std::size_t kRsaOctetsMin = 256;

bool is_short_rsa(const x509::PublicKeyInfo& key) {
  if (!(key.algorithm.oid == oids::rsa_encryption())) return false;
  const auto size = [&]() -> base::Result<std::size_t> {
    HEQI_TRY(asn1::Reader outer, asn1::Reader::over(key.key));
    HEQI_TRY(asn1::Reader fields, outer.sequence());
    HEQI_TRY(const ByteView modulus, fields.unsigned_integer());
    return modulus.size();
  }();
  return !size || *size < kRsaOctetsMin;
}

// begins_with tells whether the first thing inside der is of this kind: a sealed signature begins
// with SEQUENCE, a bare SM2 signature with INTEGER.
bool begins_with(ByteView der, asn1::Tag tag) {
  auto outer = asn1::Reader::over(der);
  if (!outer) return false;
  auto inner = outer->sequence();
  return inner && inner->peek() == tag;
}

// count_lists is how many revocation infos the message carries, of whatever kind.
base::Result<std::size_t> count_lists(const pki::SignedData& message) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(message.der));
  HEQI_TRY(asn1::Reader info, outer.sequence());
  HEQI_TRY(info.oid());
  HEQI_TRY(std::optional<asn1::Reader> tagged, info.explicit_tag(0));
  if (!tagged) return std::size_t{0};
  HEQI_TRY(asn1::Reader fields, tagged->sequence());
  for (int i = 0; i < 3; ++i) {
    HEQI_TRY(fields.any());
  }
  HEQI_TRY(fields.optional(asn1::context_constructed(0)));
  HEQI_TRY(const auto lists, fields.optional(asn1::context_constructed(1)));
  if (!lists) return std::size_t{0};
  HEQI_TRY(asn1::Reader items, fields.enter(*lists));
  std::size_t count = 0;
  for (; !items.at_end(); ++count) {
    HEQI_TRY(items.any());
  }
  return count;
}

bool is_signed_list(const pki::Crl& crl, const std::vector<x509::Certificate>& known,
                    const pki::SignedData& message, const pki::Algorithms& algorithms) {
  for (const auto* list : {&known, &message.certificates})
    for (const x509::Certificate& issuer : *list)
      if (pki::verify_crl(crl, issuer, algorithms)) return true;
  return false;
}

// judge_unprotected finds what in a message neither its signature nor another one covers: an
// attacker could have put it there.
void judge_unprotected(const Context& context, Judged& judged, const pki::SignedData& message) {
  const auto note = [&](std::string what) {
    judged.unprotected = true;
    judged.find(Reason::unprotected_content, std::move(what), judged.report.contents_begin);
  };
  for (const pki::SignerInfo& signer : message.signers) {
    std::size_t stamps = 0;
    for (const pki::Attribute& attribute : signer.unsigned_values) {
      const bool stamp = attribute.type == oids::signature_time_stamp_token();
      if (!stamp || ++stamps > 1 || attribute.values.size() != 1)
        note("unsigned attribute " + attribute.type.dotted());
    }
  }
  std::vector<x509::Certificate> known = context.options.trust.anchors();
  known.insert(known.end(), context.stored.certificates.begin(), context.stored.certificates.end());
  if (const auto whole = pki::check_certificates(message, known, context.algorithms); !whole)
    note(whole.error().detail);
  const auto count = count_lists(message);
  if (!count || *count != message.crls.size()) note("revocation data of an unknown kind");
  for (const base::Bytes& der : message.crls) {
    const auto crl = pki::parse_crl(der);
    if (!crl || !is_signed_list(*crl, known, message, context.algorithms))
      note("a revocation list whose signature cannot be checked");
  }
}

}  // namespace

void judge_strength(Judged& judged, const asn1::Oid& digest, const asn1::Oid& signature) {
  SignatureReport& report = judged.report;
  report.digest_algorithm = digest.dotted();
  report.signature_algorithm = signature.dotted();
  report.policy = Policy::strong;
  const bool short_key = judged.certificate && is_short_rsa(judged.certificate->public_key());
  if (!is_weak(digest) && !is_weak(signature) && !short_key) return;
  report.policy = Policy::weak;
  judged.find(Reason::algorithm_weak,
              short_key ? "an RSA key of less than 2048 bits"
                        : report.digest_algorithm + ", " + report.signature_algorithm);
}

namespace {

// judge_integrity compares the signed octets with the digest that the message states, apart from
// the signature, so that a report can tell a changed document from a bad signature.
void judge_integrity(const Context& context, Judged& judged) {
  const pki::SignedData& message = *judged.message;
  const pki::SignerInfo& signer = message.signers[0];
  if (message.content || signer.signed_attributes.empty()) return;
  for (const pki::Attribute& attribute : signer.signed_values) {
    if (!(attribute.type == oids::message_digest()) || attribute.values.size() != 1) continue;
    const auto digest =
        context.algorithms.digests.digest_of(signer.digest_algorithm, judged.content);
    auto reader = asn1::Reader::over(attribute.values[0]);
    if (!digest || !reader) return;
    const auto stated = reader->octet_string();
    if (!stated) return;
    const bool same = base::same_bytes(*stated, *digest);
    judged.report.integrity = same ? Integrity::intact : Integrity::digest_mismatch;
    return;
  }
}

// take_failure spreads an error over the axes.
void take_failure(Judged& judged, const base::Error& error) {
  SignatureReport& report = judged.report;
  switch (error.code) {
    case Code::not_found:
      judged.find(Reason::signer_unknown, error.detail);
      report.certificate = CertificateState::untrusted;
      if (report.integrity == Integrity::digest_mismatch) judged.find(Reason::digest_mismatch);
      return;
    case Code::unsupported:
      report.signature = SignatureValue::unsupported_algorithm;
      judged.find(Reason::algorithm_unsupported, error.detail);
      if (report.integrity == Integrity::digest_mismatch) judged.find(Reason::digest_mismatch);
      return;
    default:
      break;
  }
  if (report.integrity == Integrity::digest_mismatch) {
    judged.find(Reason::digest_mismatch, error.detail);
  } else if (report.integrity == Integrity::intact) {
    report.signature = SignatureValue::invalid;
    judged.find(Reason::signature_bad, error.detail);
  } else {
    report.integrity = Integrity::no_binding;
    judged.find(Reason::no_binding, error.detail);
  }
}

pki::TokenCheck token_check(const Context& context) {
  pki::TokenCheck check;
  check.trust = &context.options.trust;
  check.path = context.path_options(context.options.now);
  check.certificates = context.stored.certificates;
  return check;
}

void judge_document_stamp(const Context& context, Judged& judged, ByteView der) {
  SignatureReport& report = judged.report;
  auto token =
      pki::verify_time_stamp_token(der, judged.content, token_check(context), context.algorithms);
  if (!token) {
    const auto info = judged.message->content
                          ? pki::parse_tst_info(*judged.message->content)
                          : base::Result<pki::TstInfo>(base::fail(Code::malformed));
    if (info) {
      const auto digest =
          context.algorithms.digests.digest_of(info->hash_algorithm, judged.content);
      if (digest)
        report.integrity =
            *digest == info->imprint ? Integrity::intact : Integrity::digest_mismatch;
    }
    take_failure(judged, token.error());
    return;
  }
  report.integrity = Integrity::intact;
  report.signature = SignatureValue::valid;
  judged.certificate = token->authority;
  report.signer = identity_of(token->authority);
  report.binding = "time_stamp_token";
  report.signed_octets = token->signed_octets;
  report.signature_value = token->signature;
  for (const std::string& one : token->deviations) judged.find(Reason::message_deviates, one);
  const pki::SignerInfo& signer = judged.message->signers[0];
  judge_strength(judged, signer.digest_algorithm, signer.signature_algorithm.oid);
  if (is_weak(token->info.hash_algorithm)) {
    report.policy = Policy::weak;
    judged.find(Reason::algorithm_weak, "the time-stamp's imprint");
  }
  judged.token = *std::move(token);
}

}  // namespace

void judge_own_stamp(const Context& context, Judged& judged, ByteView token_der, ByteView value) {
  auto token =
      pki::verify_time_stamp_token(token_der, value, token_check(context), context.algorithms);
  if (!token) {
    judged.find(Reason::time_stamp_bad, token.error().detail, judged.report.contents_begin);
    return;
  }
  if (const auto inner = pki::parse_signed_data(token_der)) {
    judge_unprotected(context, judged, *inner);
    if (is_weak(inner->signers[0].digest_algorithm) || is_weak(token->info.hash_algorithm))
      judged.find(Reason::algorithm_weak, "the time-stamp");
  }
  judged.token = *std::move(token);
}

namespace {

void judge_signature(const Context& context, Judged& judged) {
  SignatureReport& report = judged.report;
  judge_integrity(context, judged);
  pki::MessageCheck check;
  check.certificates = context.stored.certificates;
  auto evidence =
      pki::verify_signed_data(*judged.message, judged.content, check, context.algorithms);
  if (!evidence) {
    take_failure(judged, evidence.error());
    return;
  }
  report.integrity = Integrity::intact;
  report.signature = SignatureValue::valid;
  judged.certificate = evidence->signer;
  report.signer = identity_of(evidence->signer);
  report.binding = pki::name_of(evidence->binding);
  report.signed_octets = evidence->signed_octets;
  report.signature_value = evidence->signature;
  if (evidence->claimed_time) report.claimed_time = evidence->claimed_time;
  for (const std::string& one : evidence->deviations) judged.find(Reason::message_deviates, one);
  if (!evidence->certificate_bound) judged.find(Reason::certificate_not_bound);
  const pki::SignerInfo& signer = judged.message->signers[0];
  judge_strength(judged, signer.digest_algorithm, signer.signature_algorithm.oid);
  if (evidence->time_stamp_token)
    judge_own_stamp(context, judged, *evidence->time_stamp_token, evidence->signature);
}

// judge_kind compares /Type, /SubFilter and the message.
void judge_kind(Judged& judged) {
  const pdf::SignatureDictionary& dictionary = judged.dictionary;
  const bool by_type = dictionary.type == "DocTimeStamp";
  const bool by_filter = dictionary.sub_filter == pdf::kSubFilterTimeStamp;
  const bool by_message = judged.message->content_type == oids::tst_info();
  if (by_type) judged.report.kind = SignatureKind::document_time_stamp;
  if (by_type != by_filter || by_type != by_message)
    judged.find(Reason::time_stamp_type_differs,
                "/Type " + dictionary.type + ", /SubFilter " + dictionary.sub_filter);
  if (!by_type && !dictionary.type.empty() && dictionary.type != "Sig")
    judged.find(Reason::dictionary_malformed, "/Type is " + dictionary.type);
  const pdf::Message found = judged.message->outer == pki::Profile::gm_t_0010
                                 ? pdf::Message::gm_signed_data
                                 : pdf::Message::cms;
  if (!by_filter && !pdf::announces(dictionary.sub_filter, found))
    judged.find(Reason::sub_filter_differs, dictionary.sub_filter);
}

}  // namespace

void judge_message(const Context& context, Judged& judged) {
  SignatureReport& report = judged.report;
  const pdf::SignatureDictionary& dictionary = judged.dictionary;
  if (dictionary.contents.empty()) return;
  const auto padded = pki::read_padded(dictionary.contents);
  if (!padded) {
    report.format = Format::malformed;
    judged.find(Reason::contents_malformed, padded.error().detail, report.contents_begin);
    return;
  }
  const base::Bytes& der = padded->der;
  if (padded->was_indefinite)
    judged.find(Reason::message_deviates, "it is written with indefinite lengths (BER)");
  report.message = der;
  if (begins_with(der, asn1::kSequence)) return judge_sealed(context, judged, der);
  auto message = pki::parse_signed_data(der);
  if (!message) {
    const bool other =
        message.error().code == Code::unsupported || begins_with(der, asn1::kInteger);
    report.format = other ? Format::unsupported : Format::malformed;
    judged.find(other ? Reason::message_unsupported : Reason::contents_malformed,
                message.error().detail, report.contents_begin);
    return;
  }
  judged.message = *std::move(message);
  judge_kind(judged);
  judge_unprotected(context, judged, *judged.message);
  if (judged.message->signers.size() != 1) {
    report.format = Format::unsupported;
    judged.find(Reason::several_signers);
    return;
  }
  if (judged.content.empty()) return;  // told by judge_coverage
  if (report.kind == SignatureKind::document_time_stamp)
    judge_document_stamp(context, judged, der);
  else
    judge_signature(context, judged);
}

}  // namespace heqi::documents::verify
