#include "revocation.h"

#include <heqi/x509/oids.h>

#include <algorithm>

#include "facts.h"

namespace heqi::pki {

namespace oids = x509::oids;

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kFetchesMax = 16;  // for one chain
constexpr std::size_t kCrlFetchSizeMax = std::size_t{16} << 20;

// Subject is the certificate whose status is asked, with its issuer.
struct Subject {
  const x509::Certificate& certificate;
  const x509::Certificate& issuer;
};

class Inquiry {
 public:
  Inquiry(const PathOptions& options, const Algorithms& algorithms)
      : options_(options),
        algorithms_(algorithms),
        now_(options.now == base::Time() ? options.at : options.now) {}

  RevocationEvidence ask(const Subject& subject) {
    RevocationEvidence best;
    best.detail = "no CRL and no OCSP answer";
    for (const OcspAnswer& answer : options_.ocsp_answers) take(best, from_ocsp(subject, answer));
    for (const Crl& crl : options_.crls) take(best, from_crls(subject, crl));
    if (best.status == CertStatus::unknown && options_.fetch != nullptr) fetch(subject, best);
    return best;
  }

 private:
  // take keeps the better evidence: revoked before good before unknown, then the newer one.
  static void take(RevocationEvidence& best, RevocationEvidence next) {
    const auto weight = [](CertStatus status) {
      return status == CertStatus::revoked ? 2 : status == CertStatus::good ? 1 : 0;
    };
    if (next.source == RevocationEvidence::Source::none && next.detail.empty()) return;
    if (weight(next.status) < weight(best.status)) return;
    if (weight(next.status) == weight(best.status) && next.status != CertStatus::unknown &&
        next.this_update <= best.this_update)
      return;
    best = std::move(next);
  }

  // status_at says what a revocation means at the time that is asked about: one that came later
  // does not undo what was signed before (its date is kept in the evidence).
  void set_revoked(RevocationEvidence& evidence, base::Time revoked_at,
                   std::optional<RevocationReason> reason) const {
    evidence.revoked_at = revoked_at;
    evidence.reason = reason;
    evidence.status = revoked_at <= options_.at ? CertStatus::revoked : CertStatus::good;
  }

  RevocationEvidence from_ocsp(const Subject& subject, const OcspAnswer& answer) const {
    RevocationEvidence evidence;
    OcspCheck check;
    check.now = now_;
    check.valid_at = options_.at;
    check.clock_skew = options_.clock_skew;
    Result<OcspEvidence> found = verify_ocsp_answer(
        answer, subject.issuer, subject.certificate.serial(), check, algorithms_);
    if (!found) {
      if (found.error().code != Code::not_found) evidence.detail = found.error().detail;
      return evidence;
    }
    evidence.source = RevocationEvidence::Source::ocsp;
    evidence.this_update = found->answer.this_update;
    evidence.next_update = found->answer.next_update;
    evidence.der = answer.der;
    if (found->delegated) evidence.responder.push_back(found->responder);
    evidence.status = found->answer.status;
    if (evidence.status == CertStatus::revoked)
      set_revoked(evidence, found->answer.revoked_at.value_or(found->answer.this_update),
                  found->answer.reason);
    if (evidence.status == CertStatus::unknown)
      evidence.detail = "the OCSP responder does not know the certificate";
    return evidence;
  }

  static bool covers(const Crl& crl, const x509::Certificate& certificate) {
    if (crl.only_ca_certificates && !certificate.is_ca()) return false;
    if (crl.only_user_certificates && certificate.is_ca()) return false;
    if (crl.distribution_urls.empty()) return true;
    const std::vector<std::string>& own = certificate.crl_distribution_points();
    return std::any_of(own.begin(), own.end(), [&](const std::string& url) {
      return std::find(crl.distribution_urls.begin(), crl.distribution_urls.end(), url) !=
             crl.distribution_urls.end();
    });
  }

  // from_crls asks a full list, and what delta lists say since: a newer delta replaces the word of
  // the full list, in both directions (a hold may have been released).
  RevocationEvidence from_crls(const Subject& subject, const Crl& full) const {
    RevocationEvidence best = from_crl(subject, full);
    if (best.source == RevocationEvidence::Source::none) return best;
    for (const Crl& delta : options_.delta_crls) add_delta(subject, full, delta, best);
    return best;
  }

  // add_delta takes what a delta list says over the word of the full list, where it is newer and of
  // the same issuer and scope.
  void add_delta(const Subject& subject, const Crl& full, const Crl& delta,
                 RevocationEvidence& best) const {
    if (delta.body.this_update <= best.this_update ||
        !verify_crl(delta, subject.issuer, algorithms_))
      return;
    const Result<Crl> both = apply_delta(full, delta);
    if (!both || both->body.this_update > now_ + options_.clock_skew) return;
    RevocationEvidence newer = judge(subject, *both);
    newer.der = full.der;
    newer.delta_der = delta.der;
    best = std::move(newer);
  }

  RevocationEvidence from_crl(const Subject& subject, const Crl& crl) const {
    RevocationEvidence evidence;
    if (!crl.body.issuer.matches(subject.issuer.subject())) return evidence;
    if (!covers(crl, subject.certificate)) return evidence;
    const base::Status holds = verify_crl(crl, subject.issuer, algorithms_);
    if (!holds) {
      evidence.detail = holds.error().detail;
      return evidence;
    }
    return judge(subject, crl);
  }

  // judge reads a list whose issuer and scope are the right ones.
  RevocationEvidence judge(const Subject& subject, const Crl& crl) const {
    RevocationEvidence evidence;
    if (crl.body.this_update > now_ + options_.clock_skew) {
      evidence.detail = "the CRL is from the future";
      return evidence;
    }
    evidence.source = RevocationEvidence::Source::crl;
    evidence.this_update = crl.body.this_update;
    evidence.next_update = crl.body.next_update;
    evidence.der = crl.der;
    // An entry counts even in a list that is out of date: revocation is for good, a hold aside.
    const RevokedEntry* entry = find_revoked(crl, subject.certificate.serial());
    const bool fresh =
        crl.body.next_update && *crl.body.next_update + options_.clock_skew >= options_.at;
    const bool on_hold = entry != nullptr && entry->reason == RevocationReason::certificate_hold;
    if (entry != nullptr && (fresh || !on_hold)) {
      set_revoked(evidence, entry->revoked_at, entry->reason);
      if (evidence.status == CertStatus::revoked) return evidence;
    }
    evidence.status = CertStatus::good;
    if (!fresh) {
      evidence.status = CertStatus::unknown;
      evidence.detail = "the CRL is out of date";
    } else if (crl.body.this_update > subject.certificate.not_after() && entry == nullptr) {
      // Expired certificates are dropped from lists (RFC 5280 §3.3).
      evidence.status = CertStatus::unknown;
      evidence.detail = "the CRL is from after the certificate's end";
    }
    return evidence;
  }

  bool may_fetch() { return ++fetches_ <= kFetchesMax; }

  void fetch(const Subject& subject, RevocationEvidence& best) {
    for (const std::string& url : subject.certificate.access_locations().ocsp) {
      if (best.status != CertStatus::unknown || !may_fetch()) return;
      fetch_ocsp(subject, url, best);
    }
    for (const std::string& url : subject.certificate.crl_distribution_points()) {
      if (best.status != CertStatus::unknown || !may_fetch()) return;
      fetch_crl(subject, url, best);
    }
  }

  static bool is_web(const std::string& url) {
    return url.compare(0, 7, "http://") == 0 || url.compare(0, 8, "https://") == 0;
  }

  void fetch_ocsp(const Subject& subject, const std::string& url, RevocationEvidence& best) {
    if (!is_web(url)) return;
    const asn1::Oid& hash = subject.issuer.public_key().is_sm2() ? oids::sm3() : oids::sha1();
    const Result<CertId> id =
        make_cert_id(subject.issuer, subject.certificate.serial(), hash, algorithms_.digests);
    if (!id) {
      best.detail = id.error().detail;
      return;
    }
    base::FetchRequest request;
    request.method = "POST";
    request.url = url;
    request.headers = {{"Content-Type", "application/ocsp-request"}};
    request.body = encode_ocsp_request({{*id}, {}});
    request.answer_size_max = kOcspAnswerSizeMax;
    const Result<base::FetchAnswer> reply = options_.fetch->fetch(request);
    if (!reply || reply->status != 200) {
      best.detail = "the OCSP responder cannot be reached";
      return;
    }
    const Result<OcspAnswer> answer = parse_ocsp_answer(reply->body);
    if (answer)
      take(best, from_ocsp(subject, *answer));
    else
      best.detail = answer.error().detail;
  }

  void fetch_crl(const Subject& subject, const std::string& url, RevocationEvidence& best) {
    if (!is_web(url)) return;
    base::FetchRequest request;
    request.url = url;
    request.answer_size_max = kCrlFetchSizeMax;
    const Result<base::FetchAnswer> reply = options_.fetch->fetch(request);
    if (!reply || reply->status != 200) {
      best.detail = "the CRL cannot be fetched";
      return;
    }
    const Result<Crl> crl = parse_crl(reply->body);
    if (!crl) {
      best.detail = crl.error().detail;
      return;
    }
    RevocationEvidence found = from_crls(subject, *crl);
    if (found.source != RevocationEvidence::Source::none) fetch_deltas(subject, *crl, found);
    take(best, std::move(found));
  }

  // fetch_deltas asks where the full list says that newer word is (freshestCRL). What cannot be had
  // leaves the full list's word.
  void fetch_deltas(const Subject& subject, const Crl& full, RevocationEvidence& found) {
    for (const std::string& url : full.body.freshest_urls) {
      if (!is_web(url) || !may_fetch()) return;
      base::FetchRequest request;
      request.url = url;
      request.answer_size_max = kCrlFetchSizeMax;
      const Result<base::FetchAnswer> reply = options_.fetch->fetch(request);
      if (!reply || reply->status != 200) continue;
      const Result<Crl> delta = parse_delta_crl(reply->body);
      if (delta) add_delta(subject, full, *delta, found);
    }
  }

  const PathOptions& options_;
  const Algorithms& algorithms_;
  base::Time now_;
  std::size_t fetches_ = 0;
};

}  // namespace

Judgement judge_revocation(const std::vector<const x509::Certificate*>& chain,
                           const PathOptions& options, const Algorithms& algorithms,
                           std::vector<RevocationEvidence>& evidence) {
  Judgement judgement;
  if (options.revocation == RevocationMode::ignore) return judgement;
  Inquiry inquiry(options, algorithms);
  // The issuers first: a revoked issuer's word about its certificates counts for nothing.
  for (std::size_t i = chain.size() - 1; i-- > 0;) {
    const x509::Certificate& certificate = *chain[i];
    // Its issuer vouches for a responder's certificate for as long as it lives (RFC 6960 §4.2.2.2).
    if (certificate.find_extension(oids::ocsp_no_check()) != nullptr) continue;
    RevocationEvidence found = inquiry.ask({certificate, *chain[i + 1]});
    found.chain_index = i;
    const std::string who = i == 0 ? "the certificate" : "an intermediate certificate";
    const bool asked = options.revocation == RevocationMode::require ||
                       states_revocation_source(certificate) ||
                       found.source != RevocationEvidence::Source::none;
    if (found.status == CertStatus::revoked && judgement.status != PathStatus::revoked) {
      judgement = {PathStatus::revoked, who + " was revoked"};
      if (found.reason) judgement.reason += ", " + std::string(name_of(*found.reason));
    }
    if (found.status == CertStatus::unknown && asked && judgement.status == PathStatus::trusted)
      judgement = {PathStatus::unknown_revocation,
                   "whether " + who + " was revoked is not known: " + found.detail};
    evidence.push_back(std::move(found));
  }
  return judgement;
}

}  // namespace heqi::pki
