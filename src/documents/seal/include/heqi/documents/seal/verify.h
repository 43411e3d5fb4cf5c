// heqi/documents/seal/verify.h: is this sealed signature what it claims? Twelve steps after GB/T
// 38540-2020 §7; each is told apart, none is left out because an earlier one failed.
#pragma once
#include <array>

#include <heqi/documents/seal/sealed_signature.h>
#include <heqi/documents/seal/status_list.h>
#include <heqi/pki/path.h>
#include <heqi/pki/tsp.h>

namespace heqi::documents::seal {

enum class Step : std::uint8_t {
  format,              // 1 built as the standard says
  data_hash,           // 2 the hash is that of the data
  signature,           // 3 the signer's value over TBS_Sign
  signer_certificate,  // 4 chain, period, revocation, usage
  signer_listed,       // 5 the seal lists the signer
  seal_signature,      // 6 the maker's value over the seal
  maker_certificate,   // 7 chain, period, revocation of the maker
  seal_period,         // 8 in force at the time of signing
  seal_status,         // 9 not withdrawn
  time_stamp,          // 10 the token and its order
  picture,             // 11 can be shown
  versions,            // 12 agree with one another
};
inline constexpr std::size_t kSteps = 12;
std::string_view name_of(Step step);

// Outcome: passed; failed; unproved (what is needed to decide is missing); not_asked (there is
// nothing to judge: no time-stamp, no status list).
enum class Outcome : std::uint8_t { passed, failed, unproved, not_asked };
std::string_view name_of(Outcome outcome);

struct StepResult {
  Outcome outcome = Outcome::not_asked;
  std::string why;  // in English, empty where passed
};

struct SealCheck {
  pki::TrustStore trust;  // of signers, makers and time-stamp authorities
  pki::PathOptions path;  // at and usage are set by the steps
  base::Time now;
  const SealStatusList* status_list = nullptr;  // nullptr: not asked
  base::Duration clock_skew = std::chrono::minutes(5);
  // proved_before is a time at which the signature existed, as something outside it proves: a
  // time-stamp over the whole document.
  std::optional<base::Time> proved_before = std::nullopt;
};

struct SealJudgement {
  std::array<StepResult, kSteps> steps;
  std::optional<x509::Certificate> signer, maker;
  std::optional<pki::PathResult> signer_path, maker_path;
  std::optional<pki::TimeStampEvidence> time_stamp;
  // proved_time is that of a token whose authority is trusted, or proved_before: the earlier one.
  std::optional<base::Time> proved_time;
  Deviations deviations;  // those of parsing and those of the arithmetic

  const StepResult& at(Step step) const { return steps[static_cast<std::size_t>(step)]; }
  StepResult& at(Step step) { return steps[static_cast<std::size_t>(step)]; }
  // holds: every step passed, or there was nothing to judge.
  bool holds() const;
};

// verify_sealed_signature judges sealed over data: the octets of Signature.xml, or those that
// /ByteRange names. Never fails: what is wrong is in the steps.
SealJudgement verify_sealed_signature(const SealedSignature& sealed, const pki::Content& data,
                                      const SealCheck& check, const pki::Algorithms& algorithms);

// verify_seal judges a seal alone: steps 1, 6, 7, 8, 9, 11 and 12, at check.now.
SealJudgement verify_seal(const Seal& seal, const SealCheck& check,
                          const pki::Algorithms& algorithms);

}  // namespace heqi::documents::seal
