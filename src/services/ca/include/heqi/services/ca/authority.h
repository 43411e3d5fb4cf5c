// heqi/services/ca/authority.h: issues, publishes, suspends and revokes certificates, and makes the
// lists of what is revoked.
#pragma once
#include <mutex>

#include <heqi/base/clock.h>
#include <heqi/base/log.h>
#include <heqi/pki/crl.h>
#include <heqi/pki/time_guard.h>
#include <heqi/services/ca/kill_switch.h>
#include <heqi/services/ca/lint.h>
#include <heqi/services/ca/profile.h>
#include <heqi/sql/group_commit.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/signature_verifier.h>

namespace heqi::services::ca {

inline constexpr base::Duration kCrlLifetime = std::chrono::hours(24),
                                kCrlLifetimeMin = std::chrono::hours(1),
                                kDeltaLifetime = std::chrono::hours(1);

// AuthorityOptions tell the authorities of one installation apart.
struct AuthorityOptions {
  std::string id = "issuing";  // of this authority in the database
  Locations locations;
  Profiles profiles = Profiles::built_in();
  base::Duration crl_lifetime = kCrlLifetime;  // below kCrlLifetimeMin counts as kCrlLifetimeMin
  std::string delta_url{};                     // named in full lists; empty: none
};

// Application asks for one certificate.
struct Application {
  std::string request_id;  // the same id gets the same certificate
  std::string holder;      // the id of whoever it is for
  x509::Name subject;      // as verified; the request must state this (Name::matches)
  base::Bytes csr;         // PKCS#10
  Profile profile = Profile::person;
  std::vector<x509::Extension> identity = {};  // Chinese identity extensions, as verified
  std::vector<x509::GeneralName> alternative_names = {};  // as verified
  std::vector<x509::EvidenceHash> evidence = {};          // of event certificates
  // Where the certificate is to state another subject than the request (servers, whose names count
  // and whose requests often have none).
  std::optional<x509::Name> certified_subject = std::nullopt;
};

// EncryptionApplication asks for the second certificate of a pair: the key is the key management
// centre's work, everything else is that of the signature certificate.
struct EncryptionApplication {
  std::string request_id;
  base::Bytes signature_serial;  // of an issued certificate
  x509::PublicKeyInfo public_key;
};

// Standing is what the authority says of a serial number. A suspended certificate is revoked with
// certificate_hold.
struct Standing {
  enum class State { unknown, good, revoked } state = State::unknown;
  std::optional<base::Time> revoked_at;
  std::optional<pki::RevocationReason> reason;
};

class Authority {
 public:
  // issuer and signer are the issuing CA's certificate and key: SM2, RSA or ECDSA.
  Authority(sql::Database& database, const x509::Certificate& issuer, x509::Signer& signer,
            AuthorityOptions options, const base::Clock& clock, base::Random& random,
            base::Log& log);

  // issue checks possession of the key, the subject, that the key is not another holder's, and
  // every lint over the body signed with a throw-away key; records the body before the real key
  // signs it; signs; records the certificate before it leaves. Fails with invalid_signature,
  // denied, conflict, malformed, ca_lint, ca_halted; time_untrusted, expired (the issuer's own
  // certificate); revoked (this request's certificate was revoked since).
  base::Result<x509::Certificate> issue(const Application& application);
  // issue_encryption makes the other half of a pair. From then on publish, suspend, release and
  // revoke of either act on both (T/ZSA 37 PKI-c). Fails with not_found, and as issue does.
  base::Result<x509::Certificate> issue_encryption(const EncryptionApplication& application);
  // publish makes an issued certificate good for everybody; a repeat changes nothing. not_found,
  // revoked.
  base::Status publish(base::ByteView serial);

  // revoke ends a certificate, published or not; a repeat keeps the first time and reason. What was
  // suspended counts as revoked since then. Visible at once in standing, and in the next crl() and
  // delta_crl(). Fails with not_found; malformed (certificate_hold and remove_from_crl are not
  // reasons to revoke).
  base::Status revoke(base::ByteView serial, pki::RevocationReason reason);
  // supersede revokes the old certificate (superseded) and publishes the fresh one of the same
  // holder in one transaction: nobody sees the holder without a certificate. A repeat changes
  // nothing. not_found; revoked (the fresh one); conflict (not issued, or another holder's).
  base::Status supersede(base::ByteView old_serial, base::ByteView fresh_serial);
  // withdraw revokes what was recorded for a request, signed or not (cessation_of_operation);
  // nothing was recorded: nothing to do.
  base::Status withdraw(std::string_view request_id);
  // suspend puts a published certificate on hold; release ends that. A repeat changes nothing.
  // not_found; revoked; conflict (not published; not on hold).
  base::Status suspend(base::ByteView serial);
  base::Status release(base::ByteView serial);
  base::Result<Standing> standing(base::ByteView serial);

  // crl is the newest full list, made anew where something changed since, or where it is older than
  // half of its lifetime.
  base::Result<base::Bytes> crl();
  // delta_crl says what changed since the oldest full list that is still in force.
  base::Result<base::Bytes> delta_crl();

  KillSwitch& kill_switch() { return switch_; }
  const x509::Certificate& issuer() const { return issuer_; }
  const std::string& id() const { return options_.id; }

 private:
  struct Draft {
    std::string request_id, holder;
    Profile profile;
    x509::CertificateBody body;
    base::Bytes pair = {};  // serial of the signature certificate; empty: none
  };
  base::Result<base::Time> time_to_sign();
  base::Status check_recorded(sql::Transaction& tx, base::Time now);
  base::Result<Linter*> linter();
  base::Status check_lints(base::ByteView tbs, Profile profile, base::Time now);
  base::Result<x509::CertificateBody> make_application_body(const Application& application,
                                                            const x509::Csr& csr, base::Time now);
  base::Result<std::optional<x509::Certificate>> find_issued(sql::Transaction& tx,
                                                             const std::string& request_id,
                                                             const x509::PublicKeyInfo& key,
                                                             const std::string& holder);
  base::Result<base::Bytes> record_intent(const Draft& draft, base::ByteView tbs, base::Time now);
  base::Result<x509::Certificate> sign_recorded(const Draft& draft, base::ByteView tbs);
  base::Result<x509::Certificate> certify(const Draft& draft, base::Time now);
  base::Result<base::Bytes> make_next_list(sql::Transaction& tx, std::int64_t base_number,
                                           base::Time now);

  sql::Database& database_;
  sql::GroupCommit commits_{database_};  // issuances that wait together share a flush
  const x509::Certificate& issuer_;
  x509::Signer& signer_;
  AuthorityOptions options_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
  KillSwitch switch_;
  pki::TimeGuard guard_;
  std::unique_ptr<x509::SignatureVerifier> verifier_;
  x509::IssuedVerifier issued_verifier_;
  std::mutex mutex_;  // of making the linter
  std::optional<Linter> linter_;
};

}  // namespace heqi::services::ca
