// SignedValue: which kind it is, and what is said of any signer's certificate.
#include <algorithm>

#include <heqi/asn1/reader.h>
#include <heqi/x509/oids.h>

#include "judgement.h"

namespace heqi::documents::ofd {

namespace oids = x509::oids;
using base::ByteView;
using verify::CertificateState;
using verify::Reason;

namespace {

enum class ValueKind : std::uint8_t { message, sealed, bare, unknown };

ValueKind kind_of(ByteView value) {
  auto outer = asn1::Reader::over(value);
  auto inner = outer ? outer->sequence() : base::Result<asn1::Reader>(outer.error());
  const auto first = inner ? inner->peek() : std::nullopt;
  if (first == asn1::kOid) return ValueKind::message;
  if (first == asn1::kSequence) return ValueKind::sealed;
  if (first == asn1::kInteger) return ValueKind::bare;
  return ValueKind::unknown;
}

bool is_weak(const asn1::Oid& algorithm) {
  static const asn1::Oid weak[] = {
      oids::sha1(), oids::rsa_with_sha1(), asn1::Oid::of("1.2.840.113549.2.5"),
      asn1::Oid::of("1.2.840.113549.1.1.4"), asn1::Oid::of("1.2.840.10045.4.1")};
  return std::find(std::begin(weak), std::end(weak), algorithm) != std::end(weak);
}

void refuse(Judged& judged, verify::Format format, Reason reason, std::string evidence) {
  judged.report.format = format;
  judged.find(reason, std::move(evidence));
}

}  // namespace

pki::PathOptions Context::path_options(base::Time at) const {
  pki::PathOptions out;
  out.at = at;
  out.now = options.now;
  out.intermediates = options.intermediates;
  out.crls = options.crls;
  out.ocsp_answers = options.ocsp_answers;
  out.revocation = options.revocation;
  out.clock_skew = options.clock_skew;
  return out;
}

void judge_strength(Judged& judged, const asn1::Oid& digest, const asn1::Oid& signature) {
  verify::SignatureReport& report = judged.report;
  if (report.policy == verify::Policy::not_evaluated) report.policy = verify::Policy::strong;
  if (!is_weak(digest) && !is_weak(signature)) return;
  report.policy = verify::Policy::weak;
  judged.find(Reason::algorithm_weak, (is_weak(digest) ? digest : signature).dotted());
}

void take_path(Judged& judged, pki::PathResult path) {
  verify::SignatureReport& report = judged.report;
  struct Meaning {
    CertificateState state;
    Reason reason;
  };
  // In the order of pki::PathStatus; of the first one only the state counts.
  static constexpr Meaning meanings[] = {
      {CertificateState::trusted, Reason::certificate_untrusted},
      {CertificateState::untrusted, Reason::certificate_untrusted},
      {CertificateState::expired_at_time, Reason::certificate_expired},
      {CertificateState::revoked, Reason::certificate_revoked},
      {CertificateState::unknown_revocation, Reason::revocation_unknown},
      {CertificateState::wrong_usage, Reason::certificate_wrong_usage}};
  const Meaning& meaning = meanings[static_cast<std::size_t>(path.status)];
  report.certificate = meaning.state;
  if (path.status != pki::PathStatus::trusted) judged.find(meaning.reason, path.reason);
  report.path = std::move(path);
}

void judge_value(const Context& context, Judged& judged) {
  const SignatureFile& file = *judged.file;
  const auto value = context.package.read(file.value_part);
  const auto xml = context.package.read(judged.entry.part);
  if (!value || !xml) {
    refuse(judged, verify::Format::malformed, Reason::signature_part_malformed,
           "no " + file.value_part);
    return;
  }
  judged.report.format = verify::Format::ok;
  judged.report.message = base::to_bytes(*value);
  const ValueKind kind = kind_of(*value);
  const bool as_stated = (kind == ValueKind::sealed) == (judged.entry.type == SignatureType::seal);
  switch (kind) {
    case ValueKind::sealed:
      judge_seal(context, judged, *value, *xml);
      break;
    case ValueKind::message:
      judge_message(context, judged, *value, *xml);
      break;
    case ValueKind::bare:
      refuse(judged, verify::Format::unsupported, Reason::signer_unidentified, file.value_part);
      return;
    case ValueKind::unknown:
      refuse(judged, verify::Format::malformed, Reason::signature_part_malformed,
             file.value_part + " is neither a sealed signature nor a message");
      return;
  }
  if (!as_stated) judged.find(Reason::message_deviates, "the type of the signature is another");
}

}  // namespace heqi::documents::ofd
