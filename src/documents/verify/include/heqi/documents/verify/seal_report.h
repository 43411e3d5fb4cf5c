// heqi/documents/verify/seal_report.h: what the twelve steps of GB/T 38540 §7 mean for a report.
#pragma once
#include <heqi/documents/seal/verify.h>
#include <heqi/documents/verify/report.h>

namespace heqi::documents::verify {

// describe_seal is the seal of sealed, and how each step came out.
SealReport describe_seal(const seal::SealedSignature& sealed, const seal::SealJudgement& judgement);

// take_seal_steps notes the steps that speak of the seal: axis 10, and what it makes known.
void take_seal_steps(SignatureReport& report, const seal::SealJudgement& judgement);

}  // namespace heqi::documents::verify
