// heqi/services/identity/bound_certificate.h: certificates that users have from authorities which
// the operator trusts: bound to the user once, and good for authentication ever after (challenge,
// signature, chain, OCSP, CRL).
#pragma once
#include <string>
#include <vector>

#include <heqi/base/fetch.h>
#include <heqi/base/random.h>
#include <heqi/pki/path.h>
#include <heqi/sql/database.h>

namespace heqi::services::identity {

// docs/limits.md
inline constexpr std::size_t kProofChallengeSize = 32;
inline constexpr std::chrono::minutes kProofChallengeTime{5};
inline constexpr std::size_t kProofChallengesMax =
    10'000;                                               // open ones; beyond, the oldest are void
inline constexpr std::size_t kBoundCertificatesMax = 16;  // of one user

// PossessionProof is who asks, as it comes in: a certificate, and a signature by its key over the
// statement of the purpose.
struct PossessionProof {
  base::Bytes certificate;                 // DER
  std::vector<base::Bytes> intermediates;  // DER; helpers for the chain
  base::Bytes challenge;                   // of BoundCertificates::make_challenge
  base::Bytes signature;                   // as in X.509: of SM2 and ECDSA in DER
};
// What is signed. The purpose stands first, so that no proof of one kind passes for the other.
base::Bytes binding_statement(std::string_view user, base::ByteView challenge,
                              base::ByteView certificate);
base::Bytes authentication_statement(base::ByteView challenge, base::ByteView certificate);

struct BoundCertificate {
  std::string user;
  base::Bytes certificate;  // DER
  base::Time bound_at;
};

// BoundCertificates is safe to use from many threads.
class BoundCertificates {
 public:
  // trusted are the authorities whose certificates may be bound; fetch reaches their OCSP and CRLs.
  // All outlive the object.
  BoundCertificates(sql::Database& database, const pki::TrustStore& trusted,
                    const pki::Algorithms& algorithms, base::Fetch& fetch, const base::Clock& clock,
                    base::Random& random)
      : database_(database),
        trusted_(trusted),
        algorithms_(algorithms),
        fetch_(fetch),
        clock_(clock),
        random_(random) {}

  // make_challenge draws a challenge for one try, whatever it is for and whatever becomes of it.
  base::Result<base::Bytes> make_challenge();

  // bind checks format (RFC 5280 §4 in full), algorithms, validity, chain and standing of the
  // certificate now, and that the user has its key. Binding the same again changes nothing. Fails
  // with identity_replayed (the challenge), malformed, unsupported, untrusted, expired, revoked,
  // unavailable (the standing cannot be learnt), invalid_signature, conflict (another user's),
  // limit_exceeded.
  base::Result<BoundCertificate> bind(const std::string& user, const PossessionProof& proof);

  // authenticate gives the user of a bound certificate, after the same checks of chain, standing
  // and possession at this moment. Fails as bind does; unauthenticated where it is bound to nobody.
  base::Result<std::string> authenticate(const PossessionProof& proof);

  base::Result<std::vector<BoundCertificate>> list(const std::string& user);
  // release ends a binding. Fails with not_found.
  base::Status release(const std::string& user, base::ByteView certificate);

 private:
  base::Status spend(base::ByteView challenge);
  base::Result<x509::Certificate> judge(const PossessionProof& proof, pki::CertificateForm form);

  sql::Database& database_;
  const pki::TrustStore& trusted_;
  const pki::Algorithms& algorithms_;
  base::Fetch& fetch_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace heqi::services::identity
