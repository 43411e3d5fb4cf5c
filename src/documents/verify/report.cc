#include <heqi/documents/verify/report.h>

#include <algorithm>

namespace heqi::documents::verify {

std::string_view name_of(Verdict value) {
  constexpr std::string_view names[] = {"VALID", "VALID_WITH_NOTES", "INDETERMINATE", "INVALID",
                                        "NO_SIGNATURE"};
  return names[static_cast<std::size_t>(value)];
}
std::string_view name_of(Format value) {
  constexpr std::string_view names[] = {"ok", "deviating", "unsupported", "malformed"};
  return names[static_cast<std::size_t>(value)];
}
std::string_view name_of(Integrity value) {
  constexpr std::string_view names[] = {"intact", "digest_mismatch", "no_binding", "not_evaluated"};
  return names[static_cast<std::size_t>(value)];
}
std::string_view name_of(SignatureValue value) {
  constexpr std::string_view names[] = {"valid", "invalid", "unsupported_algorithm",
                                        "not_evaluated"};
  return names[static_cast<std::size_t>(value)];
}
std::string_view name_of(Coverage value) {
  constexpr std::string_view names[] = {"whole_document", "whole_revision", "partial", "unclear"};
  return names[static_cast<std::size_t>(value)];
}
std::string_view name_of(LaterChanges value) {
  constexpr std::string_view names[] = {"none",        "lta_only", "form_fill_or_signature",
                                        "annotations", "other",    "not_evaluated"};
  return names[static_cast<std::size_t>(value)];
}
std::string_view name_of(Permissions value) {
  constexpr std::string_view names[] = {"not_stated", "respected", "violated"};
  return names[static_cast<std::size_t>(value)];
}
std::string_view name_of(CertificateState value) {
  constexpr std::string_view names[] = {"trusted",      "untrusted",          "expired_at_time",
                                        "revoked",      "unknown_revocation", "wrong_usage",
                                        "not_evaluated"};
  return names[static_cast<std::size_t>(value)];
}
std::string_view name_of(TimeProof value) {
  constexpr std::string_view names[] = {"none", "claimed", "time_stamped", "inconsistent"};
  return names[static_cast<std::size_t>(value)];
}
std::string_view name_of(LongTerm value) {
  constexpr std::string_view names[] = {"none", "embedded", "archived"};
  return names[static_cast<std::size_t>(value)];
}
std::string_view name_of(Seal value) {
  constexpr std::string_view names[] = {
      "not_applicable",    "valid",        "signature_bad", "maker_untrusted",
      "signer_not_listed", "not_in_force", "withdrawn",     "picture_bad"};
  return names[static_cast<std::size_t>(value)];
}
std::string_view name_of(Policy value) {
  constexpr std::string_view names[] = {"strong", "weak", "not_evaluated"};
  return names[static_cast<std::size_t>(value)];
}
std::string_view name_of(Axis axis) {
  constexpr std::string_view names[] = {"format",        "integrity",   "signature",   "coverage",
                                        "later_changes", "permissions", "certificate", "time",
                                        "policy",        "document",    "seal"};
  return names[static_cast<std::size_t>(axis)];
}
std::string_view name_of(SignatureKind value) {
  return value == SignatureKind::signature ? "signature" : "document_time_stamp";
}

const ReasonText& text_of(Reason reason) {
  static constexpr ReasonText texts[] = {
#define HEQI_REASON(symbol, axis, severity, english, chinese) \
  {#symbol, Axis::axis, Severity::severity, english, chinese},
#include <heqi/documents/verify/reasons.def>
#undef HEQI_REASON
  };
  return texts[static_cast<std::size_t>(reason)];
}

Verdict verdict_of(const std::vector<Finding>& findings) {
  Verdict worst = Verdict::valid;
  for (const Finding& finding : findings) {
    const Severity severity = text_of(finding.reason).severity;
    worst = std::max(worst, severity == Severity::invalid         ? Verdict::invalid
                            : severity == Severity::indeterminate ? Verdict::indeterminate
                                                                  : Verdict::valid_with_notes);
  }
  return worst;
}

int exit_code_of(Verdict verdict) {
  return verdict == Verdict::valid || verdict == Verdict::valid_with_notes ? 0 : 1;
}

}  // namespace heqi::documents::verify
