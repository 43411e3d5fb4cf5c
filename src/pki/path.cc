// Building of certification paths: depth first from the leaf, within limits.
#include <heqi/pki/path.h>

#include <algorithm>

#include "issuers.h"
#include "path_rules.h"
#include "revocation.h"

namespace heqi::pki {

using base::Code;

std::string_view name_of(PathStatus status) {
  switch (status) {
    case PathStatus::trusted:
      return "trusted";
    case PathStatus::untrusted:
      return "untrusted";
    case PathStatus::expired_at_time:
      return "expired_at_time";
    case PathStatus::revoked:
      return "revoked";
    case PathStatus::unknown_revocation:
      return "unknown_revocation";
    case PathStatus::wrong_usage:
      return "wrong_usage";
  }
  return "untrusted";
}

base::Error to_error(const PathResult& result) {
  switch (result.status) {
    case PathStatus::expired_at_time:
      return base::fail(Code::expired, result.reason);
    case PathStatus::revoked:
      return base::fail(Code::revoked, result.reason);
    case PathStatus::unknown_revocation:
      return base::fail(Code::unavailable, result.reason);
    case PathStatus::trusted:
    case PathStatus::untrusted:
    case PathStatus::wrong_usage:
      break;
  }
  return base::fail(Code::untrusted, result.reason);
}

namespace {

using Chain = std::vector<const x509::Certificate*>;

// rank orders results: the lowest is what is reported. A revocation outranks every doubt.
int rank(PathStatus status) {
  switch (status) {
    case PathStatus::trusted:
      return 0;
    case PathStatus::revoked:
      return 1;
    case PathStatus::unknown_revocation:
      return 2;
    case PathStatus::wrong_usage:
      return 3;
    case PathStatus::expired_at_time:
      return 4;
    case PathStatus::untrusted:
      break;
  }
  return 5;
}

class Search {
 public:
  Search(const TrustStore& trust, const PathOptions& options, const Algorithms& algorithms)
      : trust_(trust), options_(options), algorithms_(algorithms) {
    best_.reason = "no chain leads to a trust anchor";
    // Evidence may bring certificates, but never more than the limit is looked at.
    const std::size_t count = std::min(options.intermediates.size(), kPathCandidatesMax);
    for (std::size_t i = 0; i < count; ++i) candidates_.push_back(&options.intermediates[i]);
  }

  PathResult run(const x509::Certificate& leaf) {
    Chain chain{&leaf};
    extend(chain);
    best_.signature_checks = signature_checks_;
    if (best_.chain.empty()) best_.chain.push_back(leaf);
    return std::move(best_);
  }

 private:
  bool done() const {
    return best_.status == PathStatus::trusted || signature_checks_ > kPathSignatureChecksMax;
  }

  void extend(Chain& chain) {
    if (trust_.contains(*chain.back())) {
      judge(chain);
      return;
    }
    note_longest(chain);
    if (chain.size() >= std::min(options_.depth_max, kPathDepthMax)) {
      best_.reason = best_.chain.size() < 2 || best_.status == PathStatus::untrusted
                         ? "the chain is longer than allowed"
                         : best_.reason;
      return;
    }
    for (const x509::Certificate& anchor : trust_.anchors()) try_issuer(chain, anchor);
    for (const x509::Certificate* candidate : candidates_) try_issuer(chain, *candidate);
  }

  void try_issuer(Chain& chain, const x509::Certificate& issuer) {
    if (done() || !chain.back()->issuer().matches(issuer.subject())) return;
    for (const x509::Certificate* used : chain)
      if (base::same_bytes(used->der(), issuer.der())) return;
    if (!key_identifier_fits(chain.back()->authority_key_identifier().key_identifier, issuer))
      return;
    if (++signature_checks_ > kPathSignatureChecksMax) {
      best_.reason = "more than 64 signatures would have to be checked";
      return;
    }
    const base::Status issued = verify_issued(*chain.back(), issuer, algorithms_);
    if (!issued) {
      if (best_.status == PathStatus::untrusted && best_.chain.size() <= chain.size())
        best_.reason = "a certificate's signature does not verify: " + issued.error().detail;
      return;
    }
    chain.push_back(&issuer);
    extend(chain);
    chain.pop_back();
  }

  void note_longest(const Chain& chain) {
    if (best_.status != PathStatus::untrusted || judged_ || chain.size() <= best_.chain.size())
      return;
    best_.chain.clear();
    for (const x509::Certificate* certificate : chain) best_.chain.push_back(*certificate);
  }

  void judge(const Chain& chain) {
    Judgement judgement = judge_chain(chain, options_);
    std::vector<RevocationEvidence> evidence;
    if (judgement.status == PathStatus::trusted)
      judgement = judge_revocation(chain, options_, algorithms_, evidence);
    if (judged_ && rank(judgement.status) >= rank(best_.status)) return;
    judged_ = true;
    best_.status = judgement.status;
    best_.reason = judgement.reason;
    best_.revocation = std::move(evidence);
    best_.chain.clear();
    for (const x509::Certificate* certificate : chain) best_.chain.push_back(*certificate);
  }

  const TrustStore& trust_;
  const PathOptions& options_;
  const Algorithms& algorithms_;
  Chain candidates_;
  PathResult best_;
  bool judged_ = false;
  std::size_t signature_checks_ = 0;
};

}  // namespace

PathResult validate_path(const x509::Certificate& leaf, const TrustStore& trust,
                         const PathOptions& options, const Algorithms& algorithms) {
  return Search(trust, options, algorithms).run(leaf);
}

}  // namespace heqi::pki
