// authority.cc: issuing and publishing. What ends a certificate is in status.cc, lists in lists.cc.
#include <heqi/services/ca/authority.h>

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/x509/identity.h>

#include "states.h"

namespace heqi::services::ca {
namespace {

// Clocks of devices may be a little behind.
constexpr base::Duration kBackdated = std::chrono::minutes(5);
// Clocks of other nodes of the same authority may be a little ahead.
constexpr base::Duration kNodeSkewMax = std::chrono::minutes(10);

}  // namespace

Authority::Authority(sql::Database& database, const x509::Certificate& issuer, x509::Signer& signer,
                     AuthorityOptions options, const base::Clock& clock, base::Random& random,
                     base::Log& log)
    : database_(database),
      issuer_(issuer),
      signer_(signer),
      options_(std::move(options)),
      clock_(clock),
      random_(random),
      log_(log),
      switch_(database, options_.id, clock),
      guard_(clock),
      verifier_(ossl::make_signature_verifier()),
      issued_verifier_(issuer.public_key(), *verifier_) {
  options_.crl_lifetime = std::max(options_.crl_lifetime, kCrlLifetimeMin);
}

// time_to_sign refuses a clock that was stepped, or that is outside the life of the issuer's
// certificate.
base::Result<base::Time> Authority::time_to_sign() {
  HEQI_TRY(const base::Time now, guard_.now());
  if (now < issuer_.not_before())
    return base::fail(base::Code::time_untrusted,
                      "the clock says " + base::to_rfc3339(now) +
                          ", before the authority's certificate begins; set the clock right");
  if (now > issuer_.not_after())
    return base::fail(base::Code::expired, "the authority's certificate ended at " +
                                               base::to_rfc3339(issuer_.not_after()) +
                                               "; certify its key anew, or set the clock right");
  return now;
}

// check_recorded refuses a time that is behind what is recorded already.
base::Status Authority::check_recorded(sql::Transaction& tx, base::Time now) {
  HEQI_TRY(
      const std::optional<sql::Row> newest,
      tx.find_row("SELECT recorded_at FROM ca_certificates ORDER BY recorded_at DESC LIMIT 1"));
  if (newest && now < newest->time(0) - kNodeSkewMax)
    return base::fail(base::Code::time_untrusted, "the clock says " + base::to_rfc3339(now) +
                                                      ", but a certificate was recorded at " +
                                                      base::to_rfc3339(newest->time(0)) +
                                                      "; set the clock right");
  return {};
}

base::Result<Linter*> Authority::linter() {
  const std::lock_guard lock(mutex_);
  if (!linter_) {
    HEQI_TRY(linter_, Linter::make(signer_.algorithm(), random_));
  }
  return &*linter_;
}

base::Status Authority::check_lints(base::ByteView tbs, Profile profile, base::Time now) {
  HEQI_TRY(Linter* const asked, linter());
  return asked->check(tbs, &issuer_, profile, now);
}

base::Result<x509::CertificateBody> Authority::make_application_body(const Application& application,
                                                                     const x509::Csr& csr,
                                                                     base::Time now) {
  const base::Time from = std::chrono::floor<std::chrono::seconds>(now - kBackdated);
  HEQI_TRY(base::Bytes serial, make_serial(random_));
  const Wanted wanted{
      .profile = application.profile,
      .subject = application.certified_subject.value_or(application.subject),
      .public_key = csr.body.public_key,
      .not_before = std::max(from, issuer_.not_before()),
      .not_after =
          std::min(from + options_.profiles.of(application.profile).lifetime, issuer_.not_after()),
      .identity = application.identity,
      .alternative_names = application.alternative_names,
      .evidence = application.evidence};
  return make_body(wanted, &issuer_, options_.locations, std::move(serial), options_.profiles);
}

// find_issued is the certificate that a request id has already; conflict where it was for another
// key or holder.
base::Result<std::optional<x509::Certificate>> Authority::find_issued(
    sql::Transaction& tx, const std::string& request_id, const x509::PublicKeyInfo& key,
    const std::string& holder) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row(
               "SELECT der, state, key_digest, holder FROM ca_certificates WHERE request_id = ?1",
               request_id));
  if (!row) return std::optional<x509::Certificate>();
  if (!base::same_bytes(row->bytes(2), crypto::sm3(key.key)) || row->text(3) != holder)
    return base::fail(base::Code::conflict, "this request id was used for another key or holder");
  if (row->text(1) == kRevoked)
    return base::fail(base::Code::revoked, "the certificate of this request was revoked");
  if (row->is_null(0)) return std::optional<x509::Certificate>();
  HEQI_TRY(x509::Certificate certificate, x509::parse_certificate(row->bytes(0)));
  return std::optional(std::move(certificate));
}

// record_intent gives what is to be signed: tbs, or what an earlier try of the same request
// recorded.
base::Result<base::Bytes> Authority::record_intent(const Draft& draft, base::ByteView tbs,
                                                   base::Time now) {
  const crypto::Digest key_digest = crypto::sm3(draft.body.public_key.key);
  std::optional<base::ByteView> pair;
  if (!draft.pair.empty()) pair = draft.pair;
  return commits_.run([&](sql::Transaction& tx) -> base::Result<base::Bytes> {
    HEQI_TRY(switch_.check(tx));
    HEQI_TRY(
        const std::optional<sql::Row> earlier,
        tx.find_row("SELECT body FROM ca_certificates WHERE request_id = ?1", draft.request_id));
    if (earlier) return earlier->bytes(0);
    HEQI_TRY(
        const std::optional<sql::Row> other,
        tx.find_row("SELECT holder FROM ca_certificates WHERE key_digest = ?1 AND holder <> ?2",
                    base::ByteView(key_digest), draft.holder));
    if (other) return base::fail(base::Code::conflict, "this key is certified for another person");
    HEQI_TRY(tx.execute(
        "INSERT INTO ca_certificates (serial, request_id, holder, key_digest, body, state, "
        "not_before, not_after, recorded_at, authority, profile, subject, pair) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        draft.body.serial, draft.request_id, draft.holder, base::ByteView(key_digest), tbs,
        kIntended, draft.body.not_before, draft.body.not_after, now, options_.id,
        name_of(draft.profile), draft.body.subject.text(), pair));
    return base::to_bytes(tbs);
  });
}

base::Result<x509::Certificate> Authority::sign_recorded(const Draft& draft, base::ByteView tbs) {
  HEQI_TRY(const base::Bytes signature, signer_.sign(tbs));
  const base::Bytes der = x509::assemble_signed(tbs, signer_.algorithm(), signature);
  HEQI_TRY(x509::Certificate certificate, x509::parse_certificate(der));
  HEQI_TRY(issued_verifier_.verify(certificate));
  HEQI_TRY(
      const base::Bytes kept, commits_.run([&](sql::Transaction& tx) -> base::Result<base::Bytes> {
        HEQI_TRY(const std::int64_t changed,
                 tx.execute("UPDATE ca_certificates SET der = ?2, state = ?3 "
                            "WHERE request_id = ?1 AND state = ?4",
                            draft.request_id, der, kIssued, kIntended));
        if (changed != 0) return der;
        HEQI_TRY(const sql::Row row,
                 tx.get_row("SELECT der, state FROM ca_certificates WHERE request_id = ?1",
                            draft.request_id));
        if (row.text(1) == kRevoked || row.is_null(0))
          return base::fail(base::Code::revoked, "the certificate of this request was revoked");
        return row.bytes(0);
      }));
  log_.info("ca.issued", {{"serial", base::to_hex(certificate.serial())},
                          {"holder", draft.holder},
                          {"profile", std::string(name_of(draft.profile))}});
  if (kept == der) return certificate;
  return x509::parse_certificate(kept);
}

base::Result<x509::Certificate> Authority::certify(const Draft& draft, base::Time now) {
  HEQI_TRY(const base::Bytes own, x509::encode_body(draft.body, signer_.algorithm()));
  HEQI_TRY(check_lints(own, draft.profile, now));
  HEQI_TRY(const base::Bytes recorded, record_intent(draft, own, now));
  // What an earlier try recorded is signed as it stands, if it still may be.
  if (recorded != own) {
    HEQI_TRY(check_lints(recorded, draft.profile, now));
  }
  return sign_recorded(draft, recorded);
}

namespace {

// check_identities: what a request says of its holder's identity is what was verified.
base::Status check_identities(const x509::Csr& csr, const Application& application) {
  const auto verified = x509::identities_in(application.identity);
  for (const x509::IdentityExtension& stated : x509::identities_in(csr.body.extensions)) {
    const bool holds = std::any_of(verified.begin(), verified.end(), [&](const auto& one) {
      return one.type == stated.type && !one.text.empty() && one.text == stated.text;
    });
    if (!holds)
      return base::fail(base::Code::denied, "the request states an identity that was not verified");
  }
  return {};
}

}  // namespace

base::Result<x509::Certificate> Authority::issue(const Application& application) {
  HEQI_TRY(const x509::Csr csr, x509::parse_csr(application.csr));
  HEQI_TRY(x509::verify_possession(csr, *verifier_));
  if (!csr.body.subject.matches(application.subject))
    return base::fail(base::Code::denied, "the request states another subject");
  HEQI_TRY(check_identities(csr, application));
  HEQI_TRY(const base::Time now, time_to_sign());
  HEQI_TRY(std::optional<x509::Certificate> issued,
           database_.with_snapshot(
               [&](sql::Transaction& tx) -> base::Result<std::optional<x509::Certificate>> {
                 HEQI_TRY(check_recorded(tx, now));
                 return find_issued(tx, application.request_id, csr.body.public_key,
                                    application.holder);
               }));
  if (issued) return *std::move(issued);
  HEQI_TRY(x509::CertificateBody body, make_application_body(application, csr, now));
  return certify({.request_id = application.request_id,
                  .holder = application.holder,
                  .profile = application.profile,
                  .body = std::move(body)},
                 now);
}

base::Result<x509::Certificate> Authority::issue_encryption(
    const EncryptionApplication& application) {
  HEQI_TRY(const base::Time now, time_to_sign());
  HEQI_TRY(const sql::Row row,
           database_.with_snapshot([&](sql::Transaction& tx) -> base::Result<sql::Row> {
             HEQI_TRY(check_recorded(tx, now));
             return tx.get_row(
                 "SELECT der, state, holder, pair FROM ca_certificates "
                 "WHERE serial = ?1 AND authority = ?2 AND der IS NOT NULL",
                 application.signature_serial, options_.id);
           }));
  if (row.text(1) == kRevoked) return base::fail(base::Code::revoked);
  if (!row.is_null(3))
    return base::fail(base::Code::conflict, "an encryption certificate has no pair of its own");
  HEQI_TRY(const x509::Certificate signature, x509::parse_certificate(row.bytes(0)));
  if (application.public_key == signature.public_key())
    return base::fail(base::Code::denied, "the signature key cannot be the encryption key too");
  HEQI_TRY(std::optional<x509::Certificate> issued,
           database_.with_snapshot([&](sql::Transaction& tx) {
             return find_issued(tx, application.request_id, application.public_key, row.text(2));
           }));
  if (issued) return *std::move(issued);
  std::vector<x509::Extension> identity;
  for (const x509::IdentityExtension& one : signature.identity_extensions())
    identity.push_back(x509::make_identity_extension(one.type, one.text));
  HEQI_TRY(base::Bytes serial, make_serial(random_));
  const base::Time from = std::chrono::floor<std::chrono::seconds>(now - kBackdated);
  HEQI_TRY(x509::CertificateBody body,
           make_body({.profile = Profile::encryption,
                      .subject = signature.subject(),
                      .public_key = application.public_key,
                      .not_before = std::max(from, issuer_.not_before()),
                      .not_after = signature.not_after(),
                      .identity = std::move(identity)},
                     &issuer_, options_.locations, std::move(serial), options_.profiles));
  return certify({.request_id = application.request_id,
                  .holder = row.text(2),
                  .profile = Profile::encryption,
                  .body = std::move(body),
                  .pair = signature.serial()},
                 now);
}

base::Status Authority::publish(base::ByteView serial) {
  const base::Status published = commits_.run([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(const sql::Row row,
             tx.get_row("SELECT state, COALESCE(pair, serial) FROM ca_certificates "
                        "WHERE serial = ?1 {for_update}",
                        serial));
    if (row.text(0) == kRevoked) return base::fail(base::Code::revoked);
    if (row.text(0) == kIntended) return base::fail(base::Code::conflict, "not issued yet");
    HEQI_TRY(
        tx.execute("UPDATE ca_certificates SET state = ?2, published_at = ?3 "
                   "WHERE (serial = ?1 OR pair = ?1) AND state = ?4",
                   row.bytes(1), kPublished, clock_.now(), kIssued));
    return {};
  });
  HEQI_TRY(published);
  log_.info("ca.published", {{"serial", base::to_hex(serial)}});
  return {};
}

}  // namespace heqi::services::ca
