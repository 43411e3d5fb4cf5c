#include <heqi/services/ca/authority.h>

#include <heqi/base/text.h>
#include <heqi/services/ca/lint.h>
#include <heqi/x509/csr.h>

namespace heqi::services::ca {
namespace {

constexpr std::string_view kIntended = "intended", kIssued = "issued", kPublished = "published",
                           kRevoked = "revoked";
constexpr base::Duration kBackdated = std::chrono::minutes(5);

base::Bytes number_octets(std::int64_t number) {
  base::Bytes out;
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto octet = static_cast<std::uint8_t>(number >> shift);
    if (octet != 0 || !out.empty()) out.push_back(octet);
  }
  return out;
}

}  // namespace

Authority::Authority(sql::Database& database, const x509::Certificate& issuer, x509::Signer& signer,
                     Locations locations, const base::Clock& clock, base::Random& random,
                     base::Log& log)
    : database_(database),
      issuer_(issuer),
      signer_(signer),
      locations_(std::move(locations)),
      clock_(clock),
      random_(random),
      log_(log) {}

base::Result<base::Bytes> Authority::record_intent(const Application& application,
                                                   const x509::Csr& csr) {
  const base::Time from = std::chrono::floor<std::chrono::seconds>(clock_.now() - kBackdated);
  HEQI_TRY(const base::Bytes serial, make_serial(random_));
  const Wanted wanted{.profile = Profile::person,
                      .subject = application.subject,
                      .public_key = csr.body.public_key,
                      .not_before = from,
                      .not_after = std::min(from + kPersonLifetime, issuer_.not_after()),
                      .identity = {}};
  HEQI_TRY(const x509::CertificateBody body, make_body(wanted, &issuer_, locations_, serial));
  HEQI_TRY(const base::Bytes tbs, x509::encode_body(body, signer_.algorithm()));
  HEQI_TRY(Linter linter, Linter::make(random_));
  HEQI_TRY(linter.check(tbs, &issuer_, Profile::person, clock_.now()));
  const crypto::Digest key_digest = crypto::sm3(csr.body.public_key.key);
  return database_.with_transaction([&](sql::Transaction& tx) -> base::Result<base::Bytes> {
    HEQI_TRY(const std::optional<sql::Row> earlier,
             tx.find_row("SELECT body FROM ca_certificates WHERE request_id = ?1",
                         application.request_id));
    if (earlier) return earlier->bytes(0);
    HEQI_TRY(
        const std::optional<sql::Row> other,
        tx.find_row("SELECT holder FROM ca_certificates WHERE key_digest = ?1 AND holder <> ?2",
                    base::ByteView(key_digest), application.holder));
    if (other) return base::fail(base::Code::conflict, "this key is certified for another person");
    HEQI_TRY(
        tx.execute("INSERT INTO ca_certificates (serial, request_id, holder, key_digest, body, "
                   "state, not_before, not_after, recorded_at) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                   serial, application.request_id, application.holder, base::ByteView(key_digest),
                   tbs, kIntended, body.not_before, body.not_after, clock_.now()));
    return tbs;
  });
}

base::Result<x509::Certificate> Authority::issue(const Application& application) {
  HEQI_TRY(const x509::Csr csr, x509::parse_csr(application.csr));
  HEQI_TRY(x509::verify_possession(csr, x509::Sm2SignatureVerifier()));
  if (!(csr.body.subject == application.subject))
    return base::fail(base::Code::denied, "the request states another subject");
  HEQI_TRY(const base::Bytes tbs, record_intent(application, csr));
  HEQI_TRY(const std::optional<sql::Row> earlier,
           database_.with_snapshot([&](sql::Transaction& tx) {
             return tx.find_row(
                 "SELECT der FROM ca_certificates WHERE request_id = ?1 AND der IS NOT NULL",
                 application.request_id);
           }));
  if (earlier) return x509::parse_certificate(earlier->bytes(0));

  HEQI_TRY(const base::Bytes signature, signer_.sign(tbs));
  const base::Bytes der = x509::assemble_signed(tbs, signer_.algorithm(), signature);
  HEQI_TRY(x509::Certificate certificate, x509::parse_certificate(der));
  HEQI_TRY(x509::verify_issued_by(certificate, issuer_.public_key(), x509::Sm2SignatureVerifier()));
  HEQI_TRY(const sql::Row kept,
           database_.with_transaction([&](sql::Transaction& tx) -> base::Result<sql::Row> {
             HEQI_TRY(
                 tx.execute("UPDATE ca_certificates SET der = ?2, state = ?3 "
                            "WHERE request_id = ?1 AND der IS NULL",
                            application.request_id, der, kIssued));
             return tx.get_row("SELECT der FROM ca_certificates WHERE request_id = ?1",
                               application.request_id);
           }));
  log_.info("ca.issued",
            {{"serial", base::to_hex(certificate.serial())}, {"holder", application.holder}});
  return x509::parse_certificate(kept.bytes(0));
}

base::Status Authority::publish(base::ByteView serial) {
  const base::Status published =
      database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
        HEQI_TRY(
            const sql::Row row,
            tx.get_row("SELECT state FROM ca_certificates WHERE serial = ?1 {for_update}", serial));
        if (row.text(0) == kRevoked) return base::fail(base::Code::revoked);
        if (row.text(0) == kIntended) return base::fail(base::Code::conflict, "not issued yet");
        HEQI_TRY(
            tx.execute("UPDATE ca_certificates SET state = ?2, published_at = ?3 "
                       "WHERE serial = ?1 AND state = ?4",
                       serial, kPublished, clock_.now(), kIssued));
        return {};
      });
  HEQI_TRY(published);
  log_.info("ca.published", {{"serial", base::to_hex(serial)}});
  return {};
}

base::Status Authority::revoke(base::ByteView serial, pki::RevocationReason reason) {
  const base::Status revoked =
      database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
        HEQI_TRY(
            tx.get_row("SELECT state FROM ca_certificates WHERE serial = ?1 {for_update}", serial));
        HEQI_TRY(
            tx.execute("UPDATE ca_certificates SET state = ?2, revoked_at = ?3, reason = ?4 "
                       "WHERE serial = ?1 AND state <> ?2",
                       serial, kRevoked, clock_.now(), static_cast<int>(reason)));
        return {};
      });
  HEQI_TRY(revoked);
  HEQI_TRY(make_next_crl());
  log_.info("ca.revoked", {{"serial", base::to_hex(serial)}, {"reason", pki::name_of(reason)}});
  return {};
}

base::Result<Standing> Authority::standing(base::ByteView serial) {
  HEQI_TRY(const std::optional<sql::Row> row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row("SELECT state, revoked_at, reason FROM ca_certificates WHERE serial = ?1",
                       serial);
  }));
  Standing standing;
  if (!row) return standing;
  if (row->text(0) == kPublished) standing.state = Standing::State::good;
  if (row->text(0) == kRevoked) {
    standing.state = Standing::State::revoked;
    standing.revoked_at = row->time(1);
    HEQI_TRY(standing.reason, pki::parse_reason(row->int64(2)));
  }
  return standing;
}

base::Result<base::Bytes> Authority::crl() {
  HEQI_TRY(const std::optional<sql::Row> newest, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row("SELECT der, this_update FROM ca_crls ORDER BY number DESC");
  }));
  if (newest && clock_.now() < newest->time(1) + kCrlLifetime / 2) return newest->bytes(0);
  return make_next_crl();
}

base::Result<base::Bytes> Authority::make_next_crl() {
  // The number is taken and the list made in one transaction, so that a later list never lacks an
  // entry of an earlier one.
  return database_.with_transaction([&](sql::Transaction& tx) -> base::Result<base::Bytes> {
    const base::Time now = std::chrono::floor<std::chrono::seconds>(clock_.now());
    HEQI_TRY(const sql::Row last, tx.get_row("SELECT COALESCE(MAX(number), 0) FROM ca_crls"));
    const std::int64_t number = last.int64(0) + 1;
    pki::CrlBody body{.issuer = issuer_.subject(),
                      .this_update = now,
                      .next_update = now + kCrlLifetime,
                      .revoked = {},
                      .number = number_octets(number),
                      .authority_key_identifier = issuer_.subject_key_identifier()};
    HEQI_TRY(const std::vector<sql::Row> rows,
             tx.query("SELECT serial, revoked_at, reason FROM ca_certificates "
                      "WHERE state = ?1 AND not_after > ?2 ORDER BY revoked_at",
                      kRevoked, now));
    for (const sql::Row& row : rows) {
      HEQI_TRY(const pki::RevocationReason reason, pki::parse_reason(row.int64(2)));
      body.revoked.push_back({.serial = row.bytes(0),
                              .revoked_at = std::chrono::floor<std::chrono::seconds>(row.time(1)),
                              .reason = reason,
                              .invalidity_date = {}});
    }
    HEQI_TRY(base::Bytes der, pki::make_crl(body, signer_));
    HEQI_TRY(
        tx.execute("INSERT INTO ca_crls (number, der, this_update, next_update) "
                   "VALUES (?1, ?2, ?3, ?4)",
                   number, der, body.this_update, *body.next_update));
    return der;
  });
}

}  // namespace heqi::services::ca
