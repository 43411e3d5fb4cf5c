#include <heqi/services/identity/bound_certificate.h>

#include <heqi/asn1/writer.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/x509/oids.h>

namespace heqi::services::identity {

namespace oids = x509::oids;

using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

namespace {

Bytes digest_of(ByteView octets) {
  const crypto::Digest digest = crypto::sm3(octets);
  return {digest.begin(), digest.end()};
}

Bytes statement(std::string_view purpose, std::string_view user, ByteView challenge,
                ByteView certificate) {
  const std::string text = "Heqi " + std::string(purpose) + "\nuser " + std::string(user) +
                           "\nchallenge " + base::to_hex(challenge) + "\ncertificate " +
                           base::to_hex(digest_of(certificate)) + "\n";
  return base::to_bytes(base::bytes_of(text));
}

// algorithm_for is the one algorithm with which a key proves itself. Fails with unsupported.
Result<x509::AlgorithmIdentifier> algorithm_for(const x509::PublicKeyInfo& key) {
  if (key.is_sm2()) return x509::sm2_with_sm3_algorithm();
  if (key.algorithm.oid == oids::rsa_encryption())
    return x509::AlgorithmIdentifier{oids::rsa_with_sha256(), asn1::Writer().null().take()};
  if (key.algorithm.oid == oids::ec_public_key()) {
    if (key.algorithm.parameters == asn1::Writer().oid(oids::p256()).take())
      return x509::AlgorithmIdentifier{oids::ecdsa_with_sha256(), {}};
    if (key.algorithm.parameters == asn1::Writer().oid(oids::p384()).take())
      return x509::AlgorithmIdentifier{oids::ecdsa_with_sha384(), {}};
  }
  return base::fail(Code::unsupported, "keys are SM2, RSA, or EC on P-256 or P-384");
}

base::Status verify_possession(const x509::Certificate& certificate, ByteView signed_octets,
                               ByteView signature, const pki::Algorithms& algorithms) {
  HEQI_TRY(const x509::AlgorithmIdentifier algorithm, algorithm_for(certificate.public_key()));
  return algorithms.signatures.verify(algorithm, certificate.public_key(), signed_octets,
                                      signature);
}

BoundCertificate bound_of(const sql::Row& row) {
  return {.user = row.text(0), .certificate = row.bytes(1), .bound_at = row.time(2)};
}

}  // namespace

Bytes binding_statement(std::string_view user, ByteView challenge, ByteView certificate) {
  return statement("binds a certificate", user, challenge, certificate);
}

Bytes authentication_statement(ByteView challenge, ByteView certificate) {
  return statement("signs in with a certificate", "", challenge, certificate);
}

Result<Bytes> BoundCertificates::make_challenge() {
  HEQI_TRY(Bytes challenge, base::random_bytes(random_, kProofChallengeSize));
  const base::Time now = clock_.now();
  const base::Status kept = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(tx.execute("DELETE FROM identity_challenges WHERE expires_at <= ?1", now));
    HEQI_TRY(tx.execute("INSERT INTO identity_challenges (digest, expires_at) VALUES (?1, ?2)",
                        digest_of(challenge), now + kProofChallengeTime));
    // Anybody may ask for challenges, so they are bounded.
    HEQI_TRY(
        tx.execute("DELETE FROM identity_challenges WHERE expires_at < (SELECT expires_at FROM "
                   "identity_challenges ORDER BY expires_at DESC LIMIT 1 OFFSET ?1)",
                   static_cast<std::int64_t>(kProofChallengesMax) - 1));
    return {};
  });
  HEQI_TRY(kept);
  return challenge;
}

base::Status BoundCertificates::spend(ByteView challenge) {
  HEQI_TRY(const std::int64_t spent, database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute("DELETE FROM identity_challenges WHERE digest = ?1 AND expires_at > ?2",
                      digest_of(challenge), clock_.now());
  }));
  if (spent == 1) return {};
  return base::fail(Code::identity_replayed, "the challenge was not given out, or is used or old");
}

// judge looks at everything but possession and whose the certificate is.
Result<x509::Certificate> BoundCertificates::judge(const PossessionProof& proof,
                                                   pki::CertificateForm form) {
  HEQI_TRY(x509::Certificate certificate, x509::parse_certificate(proof.certificate));
  if (certificate.is_ca()) return base::fail(Code::untrusted, "the certificate is an authority's");
  HEQI_TRY(algorithm_for(certificate.public_key()));
  pki::PathOptions options;
  options.at = options.now = clock_.now();
  options.usage_any_of = {pki::KeyUsageBit::digital_signature, pki::KeyUsageBit::non_repudiation};
  options.revocation = pki::RevocationMode::require;
  options.fetch = &fetch_;
  options.form = form;
  for (const Bytes& der : proof.intermediates) {
    if (options.intermediates.size() == pki::kPathCandidatesMax)
      return base::fail(Code::limit_exceeded, "more than 32 intermediate certificates");
    HEQI_TRY(x509::Certificate helper, x509::parse_certificate(der));
    options.intermediates.push_back(std::move(helper));
  }
  const pki::PathResult path = pki::validate_path(certificate, trusted_, options, algorithms_);
  if (path.status != pki::PathStatus::trusted) return pki::to_error(path);
  return certificate;
}

Result<BoundCertificate> BoundCertificates::bind(const std::string& user,
                                                 const PossessionProof& proof) {
  HEQI_TRY(spend(proof.challenge));
  HEQI_TRY(const x509::Certificate certificate, judge(proof, pki::CertificateForm::strict));
  HEQI_TRY(verify_possession(certificate,
                             binding_statement(user, proof.challenge, proof.certificate),
                             proof.signature, algorithms_));
  const Bytes fingerprint = digest_of(proof.certificate);
  return database_.with_transaction([&](sql::Transaction& tx) -> Result<BoundCertificate> {
    HEQI_TRY(const std::optional<sql::Row> known,
             tx.find_row("SELECT user_id, certificate, bound_at FROM identity_certificates "
                         "WHERE fingerprint = ?1",
                         fingerprint));
    if (known && known->text(0) != user)
      return base::fail(Code::conflict, "the certificate is bound to another user");
    if (known) return bound_of(*known);
    HEQI_TRY(const sql::Row count,
             tx.get_row("SELECT COUNT(*) FROM identity_certificates WHERE user_id = ?1", user));
    if (count.int64(0) >= static_cast<std::int64_t>(kBoundCertificatesMax))
      return base::fail(Code::limit_exceeded, "16 certificates are bound to the user already");
    const BoundCertificate bound{user, proof.certificate, clock_.now()};
    HEQI_TRY(
        tx.execute("INSERT INTO identity_certificates (fingerprint, user_id, certificate, "
                   "bound_at) VALUES (?1, ?2, ?3, ?4)",
                   fingerprint, user, bound.certificate, bound.bound_at));
    return bound;
  });
}

Result<std::string> BoundCertificates::authenticate(const PossessionProof& proof) {
  HEQI_TRY(spend(proof.challenge));
  HEQI_TRY(const x509::Certificate certificate, judge(proof, pki::CertificateForm::coherent));
  HEQI_TRY(verify_possession(certificate,
                             authentication_statement(proof.challenge, proof.certificate),
                             proof.signature, algorithms_));
  HEQI_TRY(const std::optional<sql::Row> row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row("SELECT user_id FROM identity_certificates WHERE fingerprint = ?1",
                       digest_of(proof.certificate));
  }));
  if (!row) return base::fail(Code::unauthenticated, "the certificate is bound to nobody");
  return row->text(0);
}

Result<std::vector<BoundCertificate>> BoundCertificates::list(const std::string& user) {
  HEQI_TRY(const std::vector<sql::Row> rows, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.query(
        "SELECT user_id, certificate, bound_at FROM identity_certificates "
        "WHERE user_id = ?1 ORDER BY bound_at, fingerprint",
        user);
  }));
  std::vector<BoundCertificate> out;
  for (const sql::Row& row : rows) out.push_back(bound_of(row));
  return out;
}

base::Status BoundCertificates::release(const std::string& user, ByteView certificate) {
  HEQI_TRY(const std::int64_t ended, database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute("DELETE FROM identity_certificates WHERE fingerprint = ?1 AND user_id = ?2",
                      digest_of(certificate), user);
  }));
  if (ended == 0) return base::fail(Code::not_found, "no such certificate is bound to the user");
  return {};
}

}  // namespace heqi::services::identity
