// heqi/services/ocsp/responder.h: answers status questions about one CA's certificates (RFC 6960,
// GB/T 19713), made beforehand where the question allows it, and fresh otherwise.
#pragma once
#include <map>
#include <mutex>

#include <heqi/base/clock.h>
#include <heqi/base/log.h>
#include <heqi/pki/ocsp.h>
#include <heqi/pki/time_guard.h>

namespace heqi::services::ocsp {

inline constexpr base::Duration kAnswerLifetime = std::chrono::hours(1);
// How long an answer is given again; the standing is looked up every time all the same, so a
// revocation shows at once.
inline constexpr base::Duration kAnswerReuse = std::chrono::minutes(10);
inline constexpr std::size_t kAnswersKept = 50'000;  // docs/limits.md

// Standing is what the CA says of a serial number.
struct Standing {
  pki::CertStatus status = pki::CertStatus::unknown;
  std::optional<base::Time> revoked_at;
  std::optional<pki::RevocationReason> reason;
  friend bool operator==(const Standing& a, const Standing& b) {
    return a.status == b.status && a.revoked_at == b.revoked_at && a.reason == b.reason;
  }
};

// StandingSource is the CA's register (a port).
class StandingSource {
 public:
  virtual ~StandingSource() = default;
  virtual base::Result<Standing> standing(base::ByteView serial) = 0;
};

// ResponderParts all outlive the responder.
struct ResponderParts {
  const x509::Certificate& issuer;
  const x509::Certificate& responder;  // of signer, delegated by issuer
  x509::Signer& signer;
  StandingSource& source;
  const base::Clock& clock;
  base::Log& log;
};

class Responder {
 public:
  explicit Responder(const ResponderParts& parts) : parts_(parts), guard_(parts.clock) {}

  // answer takes an encoded request and always gives an encoded answer; what is wrong with the
  // request is in its response status. Certificates of other issuers are unknown. Issuers may be
  // named by SM3, SHA-1, SHA-256, SHA-384 or SHA-512. While the clock is not to be trusted, or the
  // responder's own certificate is not valid, nothing is signed: try_later, and the log says why.
  base::Bytes answer(base::ByteView request);

  // presign makes the answer about serial beforehand, for questions that name the issuer by
  // hash_algorithm.
  base::Status presign(base::ByteView serial, const asn1::Oid& hash_algorithm);

 private:
  struct Kept {
    Standing standing;
    base::Time made_at;
    base::Bytes answer;
  };
  base::Result<base::Time> time_to_sign();
  base::Result<base::Bytes> answer_to(const pki::OcspRequest& request);
  base::Result<base::Bytes> answer_kept(const pki::CertId& question, base::Time now);
  base::Result<Standing> look_up(const pki::CertId& question);
  base::Result<base::Bytes> sign(const std::vector<pki::CertId>& questions,
                                 const std::vector<Standing>& standings, base::Time now,
                                 const base::Bytes& nonce);

  ResponderParts parts_;
  pki::TimeGuard guard_;
  std::mutex mutex_;
  std::map<base::Bytes, Kept> kept_;  // by the encoded CertID
};

}  // namespace heqi::services::ocsp
