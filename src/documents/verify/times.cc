// What existed when, and certificates judged at these times (ETSI EN 319 102-1 §5.6).
#include <algorithm>

#include <heqi/base/text.h>

#include "judgement.h"

namespace heqi::documents::verify {

namespace {

// Proof is the earliest time that later document time-stamps prove for what they cover.
struct Proof {
  std::optional<base::Time> time;
  std::size_t revision = 0;
};

CertificateState state_of(pki::PathStatus status) {
  switch (status) {
    case pki::PathStatus::trusted:
      return CertificateState::trusted;
    case pki::PathStatus::expired_at_time:
      return CertificateState::expired_at_time;
    case pki::PathStatus::revoked:
      return CertificateState::revoked;
    case pki::PathStatus::unknown_revocation:
      return CertificateState::unknown_revocation;
    case pki::PathStatus::wrong_usage:
      return CertificateState::wrong_usage;
    case pki::PathStatus::untrusted:
      break;
  }
  return CertificateState::untrusted;
}

void find_certificate_fault(Judged& judged, const std::string& why) {
  switch (judged.report.certificate) {
    case CertificateState::trusted:
    case CertificateState::not_evaluated:
      return;
    case CertificateState::untrusted:
      return judged.find(Reason::certificate_untrusted, why);
    case CertificateState::expired_at_time:
      return judged.find(Reason::certificate_expired, why);
    case CertificateState::revoked:
      return judged.find(Reason::certificate_revoked, why);
    case CertificateState::unknown_revocation:
      return judged.find(Reason::revocation_unknown, why);
    case CertificateState::wrong_usage:
      return judged.find(Reason::certificate_wrong_usage, why);
  }
}

// Authority is what is thought of a time-stamp's chain at the time until which it must hold.
struct Authority {
  CertificateState state = CertificateState::untrusted;
  std::string why;
};

// judge_authority: a token holds as long as its authority's certificates do, or as a later token
// proves that it existed by then; a key that was compromised proves nothing (RFC 3161 §4).
Authority judge_authority(const pki::TimeStampEvidence& token, base::Time until) {
  if (!token.path) return {};
  if (token.path->status != pki::PathStatus::trusted)
    return {state_of(token.path->status), token.path->reason};
  const auto& chain = token.path->chain;
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    if (chain[i].not_after() < until)
      return {CertificateState::expired_at_time,
              "the authority's certificate ended and no later time-stamp took over"};
  for (const pki::RevocationEvidence& one : token.path->revocation) {
    const bool harmless = one.reason == pki::RevocationReason::affiliation_changed ||
                          one.reason == pki::RevocationReason::superseded ||
                          one.reason == pki::RevocationReason::cessation_of_operation;
    if (one.revoked_at && *one.revoked_at <= until && !harmless)
      return {CertificateState::revoked, "the authority was revoked later; its key may be known"};
  }
  return {CertificateState::trusted, {}};
}

class Timeline {
 public:
  Timeline(const Context& context, std::vector<Judged>& all) : context_(context), all_(all) {}

  void judge() {
    // From the newest on: what is later proves what is earlier.
    for (std::size_t i = all_.size(); i-- > 0;) {
      Judged& judged = all_[i];
      if (judged.report.signature != SignatureValue::valid) {
        claim(judged);
        continue;
      }
      if (judged.report.kind == SignatureKind::document_time_stamp)
        document_stamp(judged);
      else
        signature(judged);
    }
  }

 private:
  base::Time until(const Judged& judged) const { return proved(judged).value_or(now()); }
  base::Time now() const { return context_.options.now; }

  std::optional<base::Time> proved(const Judged& judged) const {
    if (!proof_.time || !judged.report.revision || *judged.report.revision >= proof_.revision)
      return std::nullopt;
    return proof_.time;
  }

  void claim(Judged& judged) const {
    judged.report.time = judged.report.claimed_time ? TimeProof::claimed : TimeProof::none;
  }

  void inconsistent(Judged& judged, std::string why) const {
    judged.report.time = TimeProof::inconsistent;
    judged.find(Reason::time_inconsistent, std::move(why));
  }

  // fits checks a token's time against the present and against later proof.
  bool fits(Judged& judged, base::Time time) const {
    if (time > now() + context_.options.clock_skew) {
      inconsistent(judged, "the time-stamp is from the future");
      return false;
    }
    const auto later = proved(judged);
    if (later && time > *later + context_.options.clock_skew) {
      inconsistent(judged, "a later document time-stamp is from an earlier time");
      return false;
    }
    return true;
  }

  void document_stamp(Judged& judged) {
    SignatureReport& report = judged.report;
    const base::Time time = judged.token->info.time;
    const Authority authority = judge_authority(*judged.token, until(judged));
    report.path = judged.token->path;
    report.certificate = authority.state;
    find_certificate_fault(judged, authority.why);
    report.time = TimeProof::time_stamped;
    report.time_stamp_authority = report.signer;
    if (!fits(judged, time) || authority.state != CertificateState::trusted) return;
    report.best_time = time;
    report.best_time_source = "document_time_stamp";
    if (!judged.holds()) return;
    judge_long_term(judged);
    if (!newest_) newest_ = judged.token->authority.not_after();
    if (context_.stored.since && *report.revision >= *context_.stored.since && !archive_)
      archive_ = Archive{*report.revision, *newest_};
    proof_ = {time, *report.revision};
  }

  void signature(Judged& judged) {
    SignatureReport& report = judged.report;
    report.best_time = proved(judged);
    if (report.best_time) report.best_time_source = "document_time_stamp";
    bool consistent = true;
    if (judged.token) {
      report.time_stamp_authority = identity_of(judged.token->authority);
      const Authority authority = judge_authority(*judged.token, until(judged));
      if (authority.state != CertificateState::trusted) {
        judged.find(Reason::time_stamp_untrusted, authority.why);
      } else {
        const base::Time time = judged.token->info.time;
        consistent = fits(judged, time);
        if (consistent && (!report.best_time || time < *report.best_time)) {
          report.best_time = time;
          report.best_time_source = "signature_time_stamp";
        }
      }
    }
    if (consistent) {
      report.time = report.best_time      ? TimeProof::time_stamped
                    : report.claimed_time ? TimeProof::claimed
                                          : TimeProof::none;
      if (!report.best_time) judged.find(Reason::time_claimed);
      const base::Time latest = report.best_time.value_or(now()) + context_.options.clock_skew;
      if (report.claimed_time && *report.claimed_time > latest)
        inconsistent(judged, "the signer claims " + base::to_rfc3339(*report.claimed_time) +
                                 ", which is after what is proved");
    }
    judge_certificate(judged);
  }

  void judge_certificate(Judged& judged) {
    SignatureReport& report = judged.report;
    pki::PathOptions options = context_.path_options(report.best_time.value_or(now()));
    options.usage_any_of = {x509::KeyUsageBit::digital_signature,
                            x509::KeyUsageBit::non_repudiation};
    add_own(judged, options);
    report.path = pki::validate_path(*judged.certificate, context_.options.trust, options,
                                     context_.algorithms);
    report.certificate = state_of(report.path->status);
    find_certificate_fault(judged, report.path->reason);
    if (judged.sealed) judge_seal(context_, judged);
    judge_long_term(judged);
  }

  // add_own takes the certificates and lists that the signature brings along; none is trusted for
  // that.
  static void add_own(const Judged& judged, pki::PathOptions& options) {
    const auto own = judged.sealed ? seal::find_certificate_values(judged.sealed->extensions)
                                   : judged.message->certificates;
    options.intermediates.insert(options.intermediates.begin(), own.begin(), own.end());
    if (!judged.message) return;
    for (const base::Bytes& der : judged.message->crls)
      if (auto crl = pki::parse_crl(der)) options.crls.push_back(*std::move(crl));
  }

  static bool is_settled(const pki::PathResult& path) {
    return !path.revocation.empty() && std::all_of(path.revocation.begin(), path.revocation.end(),
                                                   [](const pki::RevocationEvidence& one) {
                                                     return one.status == pki::CertStatus::good;
                                                   });
  }

  // judge_long_term: the file itself proves that no certificate was revoked, and a document
  // time-stamp proves that this was known while the certificates held.
  void judge_long_term(Judged& judged) {
    SignatureReport& report = judged.report;
    if (report.certificate != CertificateState::trusted || !is_settled(*report.path)) return;
    if (judged.maker_path && !is_settled(*judged.maker_path)) return;
    report.ltv = LongTerm::embedded;
    if (!archive_ || !report.revision || *report.revision >= archive_->revision) return;
    report.ltv = LongTerm::archived;
    report.archived_until = archive_->until;
  }

  struct Archive {
    std::size_t revision;
    base::Time until;
  };

  const Context& context_;
  std::vector<Judged>& all_;
  Proof proof_;
  std::optional<base::Time> newest_;  // end of the newest document time-stamp's certificate
  std::optional<Archive> archive_;    // the newest document time-stamp that covers a DSS
};

}  // namespace

void judge_times(const Context& context, std::vector<Judged>& all) {
  Timeline(context, all).judge();
}

}  // namespace heqi::documents::verify
