// A sealed signature (GB/T 38540, GM/T 0031) in /Contents: its arithmetic, and the seal at its
// time.
#include <heqi/documents/pdf/filter_names.h>
#include <heqi/documents/verify/seal_report.h>
#include <heqi/x509/oids.h>

#include "judgement.h"

namespace heqi::documents::verify {

using base::ByteView;
using seal::Outcome;
using seal::SealJudgement;
using seal::Step;

namespace {

void judge_kind(Judged& judged) {
  const pdf::SignatureDictionary& dictionary = judged.dictionary;
  if (dictionary.type == "DocTimeStamp")
    judged.find(Reason::time_stamp_type_differs, "/Type DocTimeStamp, a sealed signature");
  else if (!dictionary.type.empty() && dictionary.type != "Sig")
    judged.find(Reason::dictionary_malformed, "/Type is " + dictionary.type);
  if (!pdf::announces(dictionary.sub_filter, pdf::Message::seal))
    judged.find(Reason::sub_filter_differs, dictionary.sub_filter);
}

void take_arithmetic(Judged& judged, const SealJudgement& judgement) {
  SignatureReport& report = judged.report;
  const seal::StepResult& hash = judgement.at(Step::data_hash);
  if (hash.outcome == Outcome::passed) {
    report.integrity = Integrity::intact;
  } else if (hash.outcome == Outcome::failed) {
    report.integrity = Integrity::digest_mismatch;
    judged.find(Reason::digest_mismatch);
  } else {
    judged.find(Reason::algorithm_unsupported, hash.why);
  }
  const seal::StepResult& value = judgement.at(Step::signature);
  if (value.outcome == Outcome::passed) {
    report.signature = SignatureValue::valid;
  } else if (value.outcome == Outcome::failed) {
    report.signature = SignatureValue::invalid;
    judged.find(Reason::signature_bad, value.why);
  } else {
    report.signature = SignatureValue::unsupported_algorithm;
    judged.find(Reason::algorithm_unsupported, value.why);
  }
}

seal::SealCheck check_for(const Context& context, const seal::Seal& seal) {
  seal::SealCheck check;
  check.trust = context.options.trust;
  check.path = context.path_options(context.options.now);
  check.now = context.options.now;
  check.clock_skew = context.options.clock_skew;
  check.status_list = seal::newest_list(context.options.seal_status, seal, context.options.now);
  return check;
}

}  // namespace

void judge_sealed(const Context& context, Judged& judged, ByteView der) {
  SignatureReport& report = judged.report;
  auto parsed = seal::parse_sealed_signature(der);
  if (!parsed) {
    const bool unknown = parsed.error().code == base::Code::unsupported;
    report.format = unknown ? Format::unsupported : Format::malformed;
    judged.find(unknown ? Reason::message_unsupported : Reason::contents_malformed,
                parsed.error().detail, report.contents_begin);
    return;
  }
  judged.sealed = *std::move(parsed);
  const seal::SealedSignature& sealed = *judged.sealed;
  judge_kind(judged);
  if (judged.content.empty()) return;  // told by judge_coverage
  seal::SealCheck check;
  check.now = context.options.now;
  const SealJudgement judgement =
      seal::verify_sealed_signature(sealed, judged.content, check, context.algorithms);
  take_arithmetic(judged, judgement);
  report.binding = "data_hash";
  report.signed_octets = sealed.to_sign;
  report.signature_value = sealed.signature;
  if (sealed.claimed_time) report.claimed_time = sealed.claimed_time;
  if (!judgement.signer) return;
  judged.certificate = judgement.signer;
  report.signer = identity_of(*judgement.signer);
  const bool sm2 = judgement.signer->public_key().is_sm2();
  judge_strength(judged, sm2 ? x509::oids::sm3() : x509::oids::sha256(), sealed.algorithm);
  if (sealed.time_stamp) judge_own_stamp(context, judged, *sealed.time_stamp, sealed.signature);
}

void judge_seal(const Context& context, Judged& judged) {
  const seal::SealedSignature& sealed = *judged.sealed;
  seal::SealCheck check = check_for(context, sealed.seal);
  check.proved_before = judged.report.best_time;
  const SealJudgement judgement =
      seal::verify_sealed_signature(sealed, judged.content, check, context.algorithms);
  judged.report.seal_used = describe_seal(sealed, judgement);
  judged.maker_path = judgement.maker_path;
  take_seal_steps(judged.report, judgement);
}

}  // namespace heqi::documents::verify
