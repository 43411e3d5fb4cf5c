// A message of GB/T 35275 (or CMS) over Signature.xml.
#include <heqi/pki/cms.h>
#include <heqi/pki/tsp.h>
#include <heqi/x509/oids.h>

#include "judgement.h"

namespace heqi::documents::ofd {

namespace oids = x509::oids;
using base::ByteView;
using base::Code;
using verify::Reason;

namespace {

void take_failure(Judged& judged, const base::Error& error) {
  verify::SignatureReport& report = judged.report;
  if (error.code == Code::not_found) {
    report.certificate = verify::CertificateState::untrusted;
    judged.find(Reason::signer_unknown, error.detail);
  } else if (error.code == Code::unsupported) {
    report.signature = verify::SignatureValue::unsupported_algorithm;
    judged.find(Reason::algorithm_unsupported, error.detail);
  } else {
    report.signature = verify::SignatureValue::invalid;
    judged.find(Reason::signature_bad, error.detail);
  }
}

// judge_unprotected finds what in the message no signature covers.
void judge_unprotected(const Context& context, Judged& judged, const pki::SignedData& message) {
  std::size_t stamps = 0;
  for (const pki::Attribute& attribute : message.signers[0].unsigned_values) {
    const bool stamp = attribute.type == oids::signature_time_stamp_token();
    if (!stamp || ++stamps > 1)
      judged.find(Reason::unprotected_content, "unsigned attribute " + attribute.type.dotted());
  }
  std::vector<x509::Certificate> known = context.options.trust.anchors();
  known.insert(known.end(), context.options.intermediates.begin(),
               context.options.intermediates.end());
  if (const auto whole = pki::check_certificates(message, known, context.algorithms); !whole)
    judged.find(Reason::certificate_untrusted, whole.error().detail);
}

// judge_stamp gives the time that the message's own token proves.
std::optional<base::Time> judge_stamp(const Context& context, Judged& judged,
                                      const pki::MessageEvidence& evidence) {
  verify::SignatureReport& report = judged.report;
  report.claimed_time = evidence.claimed_time;
  report.time = evidence.claimed_time ? verify::TimeProof::claimed : verify::TimeProof::none;
  if (!evidence.time_stamp_token) {
    judged.find(Reason::time_claimed);
    return std::nullopt;
  }
  pki::TokenCheck check;
  check.trust = &context.options.trust;
  check.path = context.path_options(context.options.now);
  const auto token = pki::verify_time_stamp_token(*evidence.time_stamp_token, evidence.signature,
                                                  check, context.algorithms);
  if (!token) {
    judged.find(Reason::time_stamp_bad, token.error().detail);
    return std::nullopt;
  }
  report.time_stamp_authority = verify::identity_of(token->authority);
  const bool trusted = token->path && token->path->status == pki::PathStatus::trusted &&
                       token->authority.not_after() >= context.options.now;
  if (!trusted) {
    judged.find(Reason::time_stamp_untrusted, token->path ? token->path->reason : "");
    return std::nullopt;
  }
  const base::Duration skew = context.options.clock_skew;
  const bool fits = token->info.time <= context.options.now + skew &&
                    (!evidence.claimed_time || *evidence.claimed_time <= token->info.time + skew);
  if (!fits) {
    report.time = verify::TimeProof::inconsistent;
    judged.find(Reason::time_inconsistent, "the time-stamp contradicts the time claimed, or now");
    return std::nullopt;
  }
  report.time = verify::TimeProof::time_stamped;
  report.best_time = token->info.time;
  report.best_time_source = "signature_time_stamp";
  return token->info.time;
}

void judge_certificate(const Context& context, Judged& judged, const pki::SignedData& message,
                       const pki::MessageEvidence& evidence, std::optional<base::Time> proved) {
  const base::Time at = proved.value_or(context.options.now);
  if (evidence.claimed_time && *evidence.claimed_time > at + context.options.clock_skew) {
    judged.report.time = verify::TimeProof::inconsistent;
    judged.find(Reason::time_inconsistent, "the signer claims a time in the future");
  }
  pki::PathOptions options = context.path_options(at);
  options.usage_any_of = {x509::KeyUsageBit::digital_signature, x509::KeyUsageBit::non_repudiation};
  options.intermediates.insert(options.intermediates.begin(), message.certificates.begin(),
                               message.certificates.end());
  for (const base::Bytes& der : message.crls)
    if (auto crl = pki::parse_crl(der)) options.crls.push_back(*std::move(crl));
  take_path(judged, pki::validate_path(evidence.signer, context.options.trust, options,
                                       context.algorithms));
}

}  // namespace

void judge_message(const Context& context, Judged& judged, ByteView value, ByteView xml) {
  verify::SignatureReport& report = judged.report;
  const auto der = pki::der_prefix_of(value);
  const auto message = der ? pki::parse_signed_data(*der) : der.error();
  if (!message) {
    report.format = message.error().code == Code::unsupported ? verify::Format::unsupported
                                                              : verify::Format::malformed;
    judged.find(report.format == verify::Format::unsupported ? Reason::message_unsupported
                                                             : Reason::signature_part_malformed,
                message.error().detail);
    return;
  }
  report.sub_filter =
      message->outer == pki::Profile::gm_t_0010 ? "GB/T 35275 SignedData" : "CMS SignedData";
  if (message->signers.size() != 1) {
    report.format = verify::Format::unsupported;
    judged.find(Reason::several_signers);
    return;
  }
  judge_unprotected(context, judged, *message);
  pki::MessageCheck check;
  check.certificates = context.options.intermediates;
  const auto evidence = pki::verify_signed_data(*message, xml, check, context.algorithms);
  if (!evidence) {
    take_failure(judged, evidence.error());
    return;
  }
  report.signature = verify::SignatureValue::valid;
  report.signer = verify::identity_of(evidence->signer);
  report.binding = pki::name_of(evidence->binding);
  report.signed_octets = evidence->signed_octets;
  report.signature_value = evidence->signature;
  report.signature_algorithm = message->signers[0].signature_algorithm.oid.dotted();
  for (const std::string& one : evidence->deviations) judged.find(Reason::message_deviates, one);
  judge_strength(judged, evidence->digest_algorithm, message->signers[0].signature_algorithm.oid);
  const auto proved = judge_stamp(context, judged, *evidence);
  judge_certificate(context, judged, *message, *evidence, proved);
}

}  // namespace heqi::documents::ofd
