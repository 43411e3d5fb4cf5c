// A sealed signature in its twelve steps, on the axes of the report.
#include <heqi/base/text.h>
#include <heqi/documents/seal/verify.h>
#include <heqi/documents/verify/seal_report.h>

#include "judgement.h"

namespace heqi::documents::ofd {

using base::ByteView;
using seal::Outcome;
using seal::SealJudgement;
using seal::Step;
using verify::Reason;

namespace {

void take_arithmetic(Judged& judged, const SealJudgement& judgement) {
  verify::SignatureReport& report = judged.report;
  const seal::StepResult& hash = judgement.at(Step::data_hash);
  if (hash.outcome == Outcome::failed) {
    report.integrity = verify::Integrity::digest_mismatch;
    judged.find(Reason::digest_mismatch, judged.entry.part);
  } else if (hash.outcome == Outcome::unproved) {
    judged.find(Reason::algorithm_unsupported, hash.why);
  }
  const seal::StepResult& value = judgement.at(Step::signature);
  if (value.outcome == Outcome::passed) {
    report.signature = verify::SignatureValue::valid;
  } else if (value.outcome == Outcome::failed) {
    report.signature = verify::SignatureValue::invalid;
    judged.find(Reason::signature_bad, value.why);
  } else {
    report.signature = verify::SignatureValue::unsupported_algorithm;
    judged.find(Reason::algorithm_unsupported, value.why);
  }
}

void take_time(Judged& judged, const seal::SealedSignature& sealed,
               const SealJudgement& judgement) {
  verify::SignatureReport& report = judged.report;
  report.claimed_time = sealed.claimed_time;
  report.time = sealed.claimed_time ? verify::TimeProof::claimed : verify::TimeProof::none;
  const seal::StepResult& step = judgement.at(Step::time_stamp);
  if (judgement.time_stamp)
    report.time_stamp_authority = verify::identity_of(judgement.time_stamp->authority);
  if (step.outcome == Outcome::failed) {
    report.time = verify::TimeProof::inconsistent;
    judged.find(Reason::time_stamp_bad, step.why);
  } else if (step.outcome == Outcome::unproved) {
    judged.find(Reason::time_stamp_untrusted, step.why);
  } else if (judgement.proved_time) {
    report.time = verify::TimeProof::time_stamped;
    report.best_time = judgement.proved_time;
    report.best_time_source = "signature_time_stamp";
  } else {
    judged.find(Reason::time_claimed);
  }
}

void take_signer(Judged& judged, const SealJudgement& judgement) {
  if (!judgement.signer) return;
  judged.report.signer = verify::identity_of(*judgement.signer);
  const seal::StepResult& step = judgement.at(Step::signer_certificate);
  if (judgement.signer_path) {
    const bool trusted = judgement.signer_path->status == pki::PathStatus::trusted;
    take_path(judged, *judgement.signer_path);
    if (trusted && step.outcome == Outcome::failed) {
      judged.report.time = verify::TimeProof::inconsistent;
      judged.find(Reason::time_inconsistent, step.why);
    }
  }
}

// judge_seal_file: Seal.esl is for readers that show it; it has to be the seal that was used.
void judge_seal_file(const Context& context, Judged& judged, const seal::Seal& seal) {
  if (!judged.file->seal_part) return;
  const auto file = context.package.read(*judged.file->seal_part);
  if (!file)
    judged.find(Reason::seal_file_differs, "no " + *judged.file->seal_part);
  else if (!base::same_bytes(*file, seal.der))
    judged.find(Reason::seal_file_differs, *judged.file->seal_part);
  else
    judged.seal_part_is_seal = true;
}

void note_path(Judged& judged, const seal::SealedSignature& sealed) {
  const auto stated = resolve("", sealed.property);
  if (!stated || *stated != judged.entry.part)
    judged.find(Reason::message_deviates,
                "propertyInfo names \"" + sealed.property + "\", not this signature");
}

}  // namespace

void judge_seal(const Context& context, Judged& judged, ByteView value, ByteView xml) {
  verify::SignatureReport& report = judged.report;
  const auto sealed = seal::parse_sealed_signature(value);
  if (!sealed) {
    const bool unknown = sealed.error().code == base::Code::unsupported;
    report.format = unknown ? verify::Format::unsupported : verify::Format::malformed;
    judged.find(unknown ? Reason::message_unsupported : Reason::signature_part_malformed,
                sealed.error().detail);
    return;
  }
  seal::SealCheck check;
  check.trust = context.options.trust;
  check.path = context.path_options(context.options.now);
  check.now = context.options.now;
  check.status_list =
      seal::newest_list(context.options.seal_status, sealed->seal, context.options.now);
  check.clock_skew = context.options.clock_skew;
  const SealJudgement judgement =
      seal::verify_sealed_signature(*sealed, xml, check, context.algorithms);
  report.sub_filter = "GB/T 38540 " + std::string(seal::name_of(sealed->layout));
  report.signature_algorithm = sealed->algorithm.dotted();
  report.binding = "data_hash";
  report.signed_octets = sealed->to_sign;
  report.signature_value = sealed->signature;
  report.seal_used = verify::describe_seal(*sealed, judgement);
  take_arithmetic(judged, judgement);
  take_time(judged, *sealed, judgement);
  take_signer(judged, judgement);
  verify::take_seal_steps(report, judgement);
  judge_strength(judged, asn1::Oid(), sealed->algorithm);
  judge_seal_file(context, judged, sealed->seal);
  note_path(judged, *sealed);
}

}  // namespace heqi::documents::ofd
