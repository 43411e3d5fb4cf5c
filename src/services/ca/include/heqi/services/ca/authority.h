// heqi/services/ca/authority.h: issues, publishes and revokes certificates of persons, and makes
// the CRL.
#pragma once
#include <heqi/base/clock.h>
#include <heqi/base/log.h>
#include <heqi/pki/crl.h>
#include <heqi/services/ca/profile.h>
#include <heqi/sql/database.h>
#include <heqi/x509/csr.h>

namespace heqi::services::ca {

inline constexpr base::Duration kPersonLifetime = std::chrono::hours(24 * 365),
                                kCrlLifetime = std::chrono::hours(24);

// Application asks for one certificate.
struct Application {
  std::string request_id;  // the same id gets the same certificate
  std::string holder;      // the person's id
  x509::Name subject;      // as verified; the request must state exactly this
  base::Bytes csr;         // PKCS#10
};

// Standing is what the authority says of a serial number.
struct Standing {
  enum class State { unknown, good, revoked } state = State::unknown;
  std::optional<base::Time> revoked_at;
  std::optional<pki::RevocationReason> reason;
};

class Authority {
 public:
  // issuer and signer are the issuing CA's certificate and key.
  Authority(sql::Database& database, const x509::Certificate& issuer, x509::Signer& signer,
            Locations locations, const base::Clock& clock, base::Random& random, base::Log& log);

  // issue checks possession of the key, the subject, that the key is not another person's, and
  // every lint over the body signed with a throw-away key; records the body before the real key
  // signs it; signs. Fails with invalid_signature, denied, conflict, malformed (a lint).
  base::Result<x509::Certificate> issue(const Application& application);
  // publish makes an issued certificate good for everybody; a repeat changes nothing. not_found,
  // revoked.
  base::Status publish(base::ByteView serial);
  // revoke ends a certificate, published or not; a repeat keeps the first time and reason. A new
  // CRL follows.
  base::Status revoke(base::ByteView serial, pki::RevocationReason reason);
  base::Result<Standing> standing(base::ByteView serial);

  // crl is the newest list, made anew where it is older than half of its lifetime.
  base::Result<base::Bytes> crl();

 private:
  base::Result<base::Bytes> record_intent(const Application& application, const x509::Csr& csr);
  base::Result<base::Bytes> make_next_crl();

  sql::Database& database_;
  const x509::Certificate& issuer_;
  x509::Signer& signer_;
  Locations locations_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
};

}  // namespace heqi::services::ca
