#include <heqi/documents/verify/seal_report.h>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

namespace heqi::documents::verify {

using seal::Outcome;
using seal::SealJudgement;
using seal::Step;

namespace {

// Meaning is what a step that did not pass does to the report.
struct Meaning {
  Step step;
  Reason failed, unproved;
  Seal state;
};
constexpr Meaning kMeanings[] = {
    {Step::seal_signature, Reason::seal_signature_bad, Reason::algorithm_unsupported,
     Seal::signature_bad},
    {Step::versions, Reason::seal_version_forged, Reason::seal_version_forged, Seal::signature_bad},
    {Step::maker_certificate, Reason::seal_maker_bad, Reason::seal_maker_untrusted,
     Seal::maker_untrusted},
    {Step::signer_listed, Reason::seal_not_the_signers, Reason::seal_not_the_signers,
     Seal::signer_not_listed},
    {Step::seal_period, Reason::seal_not_in_force, Reason::seal_period_unproved,
     Seal::not_in_force},
    {Step::seal_status, Reason::seal_withdrawn, Reason::seal_status_unknown, Seal::withdrawn},
    {Step::picture, Reason::seal_picture_bad, Reason::seal_picture_bad, Seal::picture_bad},
};

}  // namespace

SealReport describe_seal(const seal::SealedSignature& sealed, const SealJudgement& judgement) {
  const seal::SealInfo& info = sealed.seal.info;
  SealReport out;
  out.layout = seal::name_of(sealed.seal.layout);
  out.id = info.id, out.name = info.name, out.vendor = info.vendor;
  out.valid_from = info.valid_from, out.valid_until = info.valid_until;
  out.picture_type = info.picture.type;
  out.picture_digest = base::to_hex(crypto::sm3(info.picture.data));
  out.width_mm = info.picture.width_mm, out.height_mm = info.picture.height_mm;
  if (judgement.maker) out.maker = identity_of(*judgement.maker);
  for (std::size_t i = 0; i < seal::kSteps; ++i)
    out.steps.push_back({std::string(seal::name_of(static_cast<Step>(i))),
                         std::string(seal::name_of(judgement.steps[i].outcome)),
                         judgement.steps[i].why});
  return out;
}

void take_seal_steps(SignatureReport& report, const SealJudgement& judgement) {
  report.seal = Seal::valid;
  for (const Meaning& one : kMeanings) {
    const seal::StepResult& step = judgement.at(one.step);
    if (step.outcome == Outcome::passed || step.outcome == Outcome::not_asked) continue;
    report.findings.push_back(
        {step.outcome == Outcome::failed ? one.failed : one.unproved, step.why, std::nullopt});
    if (report.seal == Seal::valid) report.seal = one.state;
  }
  for (const seal::Deviation one : judgement.deviations.all())
    report.findings.push_back(
        {Reason::seal_deviates, std::string(seal::text_of(one).name), std::nullopt});
}

}  // namespace heqi::documents::verify
