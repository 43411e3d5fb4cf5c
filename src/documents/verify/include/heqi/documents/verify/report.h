// heqi/documents/verify/report.h: what verification found, never reduced to one yes or no.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/pki/path.h>

namespace heqi::documents::verify {

// Verdict is ordered from good to bad.
enum class Verdict : std::uint8_t {
  valid,
  valid_with_notes,
  indeterminate,  // trust, revocation or support is missing
  invalid,
  no_signature,
};
// The axes of one signature. name_of gives what JSON shows.
enum class Format : std::uint8_t { ok, deviating, unsupported, malformed };
enum class Integrity : std::uint8_t { intact, digest_mismatch, no_binding, not_evaluated };
enum class SignatureValue : std::uint8_t { valid, invalid, unsupported_algorithm, not_evaluated };
enum class Coverage : std::uint8_t { whole_document, whole_revision, partial, unclear };
enum class LaterChanges : std::uint8_t {
  none,
  lta_only,                // validation data, document time-stamps, metadata
  form_fill_or_signature,  // fields filled or signed
  annotations,
  other,
  not_evaluated,
};
enum class Permissions : std::uint8_t { not_stated, respected, violated };
enum class CertificateState : std::uint8_t {
  trusted,
  untrusted,
  expired_at_time,
  revoked,
  unknown_revocation,
  wrong_usage,
  not_evaluated,
};
enum class TimeProof : std::uint8_t { none, claimed, time_stamped, inconsistent };
enum class LongTerm : std::uint8_t { none, embedded, archived };
enum class Seal : std::uint8_t {
  not_applicable,
  valid,
  signature_bad,      // of the maker over the seal, or the seal is not built as it says
  maker_untrusted,    // or ended, or nothing is known of its revocation
  signer_not_listed,  // the seal is not this signer's
  not_in_force,       // outside its period, or nothing proves that it was inside
  withdrawn,          // or whether it was is not known
  picture_bad,        // cannot be shown, or another one is shown
};
enum class Policy : std::uint8_t { strong, weak, not_evaluated };

std::string_view name_of(Verdict value);
std::string_view name_of(Format value);
std::string_view name_of(Integrity value);
std::string_view name_of(SignatureValue value);
std::string_view name_of(Coverage value);
std::string_view name_of(LaterChanges value);
std::string_view name_of(Permissions value);
std::string_view name_of(CertificateState value);
std::string_view name_of(TimeProof value);
std::string_view name_of(LongTerm value);
std::string_view name_of(Seal value);
std::string_view name_of(Policy value);

// Axis says what a finding is about.
enum class Axis : std::uint8_t {
  format,
  integrity,
  signature,
  coverage,
  later_changes,
  permissions,
  certificate,
  time,
  policy,
  document,
  seal,
};
std::string_view name_of(Axis axis);

enum class Severity : std::uint8_t { note, indeterminate, invalid };

// Reason is one kind of finding; its axis, severity and words are in reasons.def.
enum class Reason : std::uint8_t {
#define HEQI_REASON(symbol, axis, severity, english, chinese) symbol,
#include <heqi/documents/verify/reasons.def>
#undef HEQI_REASON
};
struct ReasonText {
  std::string_view name;  // the symbol
  Axis axis;
  Severity severity;
  std::string_view english, chinese;
};
const ReasonText& text_of(Reason reason);

// Finding is one reason in one case: the evidence in English, and the octet of the file, if any.
struct Finding {
  Reason reason;
  std::string evidence;
  std::optional<std::uint64_t> offset;
};

// Identity is who a certificate speaks of.
struct Identity {
  std::string common_name, subject, issuer;  // RFC 4514
  std::string serial;                        // lower-case hexadecimal
  std::string fingerprint;                   // SM3 of the certificate, lower-case hexadecimal
  base::Time not_before, not_after;
};

Identity identity_of(const x509::Certificate& certificate);

// SealStep is one of the twelve steps of GB/T 38540 §7, by name.
struct SealStep {
  std::string name, outcome, why;
};

// SealReport is the seal that was used, as it describes itself.
struct SealReport {
  std::string layout, id, name, vendor;  // layout: v1, v4, v5
  base::Time valid_from, valid_until;
  std::string picture_type, picture_digest;  // SM3, lower-case hexadecimal
  std::int64_t width_mm = 0, height_mm = 0;
  std::optional<Identity> maker;
  std::vector<SealStep> steps;
};

// Stamp is one place where a seal shows: millimetres from the upper left corner of a page.
struct Stamp {
  std::string page_id;
  std::optional<std::size_t> page;  // 1 is the first; absent: there is no such page
  double x = 0, y = 0, width = 0, height = 0;
  struct Clip {
    double x = 0, y = 0, width = 0, height = 0;
  };
  std::optional<Clip> clip;  // what stays visible, from the picture's corner
};

// Change is one difference between the signed revision and the file.
struct Change {
  LaterChanges level = LaterChanges::none;
  std::string place;         // such as "catalog/AcroForm/Fields"
  std::uint32_t object = 0;  // nearest indirect object; 0: the trailer
};

// Place is where a signature shows: points from the upper left corner of the page as displayed. It
// says where to look, and nothing about what is signed.
struct Place {
  std::size_t page = 1;  // 1 is the first
  double x = 0, y = 0, width = 0, height = 0;
};

enum class SignatureKind : std::uint8_t { signature, document_time_stamp };
std::string_view name_of(SignatureKind value);

// SignatureReport is one signed field.
struct SignatureReport {
  std::string field;
  SignatureKind kind = SignatureKind::signature;
  std::string filter, sub_filter;
  std::optional<std::string> reason, location, stated_name;
  std::vector<std::int64_t> byte_range;
  std::optional<std::size_t> revision;  // index of the revision that is signed, oldest 0
  std::uint64_t contents_begin = 0, contents_end = 0;
  std::optional<Place> place;  // absent where the signature has no visible box on a page
  std::string signed_digest;   // SM3 of the signed octets, lower-case hexadecimal

  Format format = Format::malformed;
  Integrity integrity = Integrity::not_evaluated;
  SignatureValue signature = SignatureValue::not_evaluated;
  Coverage coverage = Coverage::unclear;
  LaterChanges later_changes = LaterChanges::not_evaluated;
  Permissions permissions = Permissions::not_stated;
  CertificateState certificate = CertificateState::not_evaluated;
  TimeProof time = TimeProof::none;
  LongTerm ltv = LongTerm::none;
  Seal seal = Seal::not_applicable;
  Policy policy = Policy::not_evaluated;

  std::optional<Identity> signer;
  std::string digest_algorithm, signature_algorithm;  // dotted object identifiers
  std::string binding;                                // pki::Binding, by name
  std::optional<base::Time> claimed_time;             // the signer's word
  std::optional<base::Time> best_time;                // proved: existed at this time
  std::string best_time_source;                       // signature_time_stamp, document_time_stamp
  std::optional<Identity> time_stamp_authority;
  std::optional<base::Time> archived_until;
  std::optional<int> certification;  // DocMDP: 1, 2, 3
  std::vector<Change> changes;
  std::optional<pki::PathResult> path;
  base::Bytes message;  // DER, raw evidence
  base::Bytes signed_octets, signature_value;

  // Of an OFD only.
  std::optional<SealReport> seal_used;
  std::vector<Stamp> stamps;
  std::vector<std::string> open_parts;  // what this signature leaves open

  std::vector<Finding> findings;
  Verdict verdict = Verdict::invalid;
};

// RevisionReport is one saved state of the file.
struct RevisionReport {
  std::uint64_t end = 0;
  std::string digest;  // SM3 of octets [0, end)
};

struct Report {
  std::string document_format = "pdf";  // or "ofd"
  Verdict verdict = Verdict::no_signature;
  std::vector<SignatureReport> signatures;  // by the revision that they sign
  std::vector<Finding> findings;            // about the document as a whole
  std::vector<std::string> unsigned_fields;
  std::vector<RevisionReport> revisions;
  std::uint64_t size = 0;
  std::string digest;        // SM3 of the file
  base::Time evaluated_at;   // "as of"
  bool second_read = false;  // another reader was asked
};

// verdict_of is the verdict that findings allow.
Verdict verdict_of(const std::vector<Finding>& findings);

// exit_code_of is what a program ends with: 0 valid or valid_with_notes, 1 every other verdict.
int exit_code_of(Verdict verdict);
inline constexpr int kExitUnreadable = 2;  // verify_pdf failed

}  // namespace heqi::documents::verify
