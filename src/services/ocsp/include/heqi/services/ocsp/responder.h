// heqi/services/ocsp/responder.h: answers status questions about one CA's certificates (RFC 6960,
// GB/T 19713).
#pragma once
#include <heqi/base/clock.h>
#include <heqi/pki/ocsp.h>

namespace heqi::services::ocsp {

inline constexpr base::Duration kAnswerLifetime = std::chrono::hours(1);

// Standing is what the CA says of a serial number.
struct Standing {
  pki::CertStatus status = pki::CertStatus::unknown;
  std::optional<base::Time> revoked_at;
  std::optional<pki::RevocationReason> reason;
};

// StandingSource is the CA's register (a port).
class StandingSource {
 public:
  virtual ~StandingSource() = default;
  virtual base::Result<Standing> standing(base::ByteView serial) = 0;
};

class Responder {
 public:
  // responder is the certificate of signer, delegated by issuer. All outlive the object.
  Responder(const x509::Certificate& issuer, const x509::Certificate& responder,
            x509::Signer& signer, StandingSource& source, const base::Clock& clock)
      : issuer_(issuer), responder_(responder), signer_(signer), source_(source), clock_(clock) {}

  // answer takes an encoded request and always gives an encoded answer; what is wrong with the
  // request is in its response status. Certificates of other issuers are unknown.
  base::Bytes answer(base::ByteView request);

 private:
  base::Result<base::Bytes> answer_to(const pki::OcspRequest& request);

  const x509::Certificate& issuer_;
  const x509::Certificate& responder_;
  x509::Signer& signer_;
  StandingSource& source_;
  const base::Clock& clock_;
};

}  // namespace heqi::services::ocsp
