// status.cc: what happens to a certificate after it was issued: suspended, released, revoked.
#include <heqi/base/text.h>
#include <heqi/services/ca/authority.h>

#include "lists.h"
#include "states.h"

namespace heqi::services::ca {
namespace {

// Found is a certificate with the serial number that its pair goes by.
struct Found {
  std::string state;
  base::Bytes pair;
};

base::Result<Found> find_pair(sql::Transaction& tx, base::ByteView serial) {
  HEQI_TRY(const sql::Row row, tx.get_row("SELECT state, COALESCE(pair, serial) FROM "
                                          "ca_certificates WHERE serial = ?1 {for_update}",
                                          serial));
  return Found{row.text(0), row.bytes(1)};
}

}  // namespace

base::Status Authority::revoke(base::ByteView serial, pki::RevocationReason reason) {
  if (reason == pki::RevocationReason::certificate_hold ||
      reason == pki::RevocationReason::remove_from_crl)
    return base::fail(base::Code::malformed,
                      std::string(pki::name_of(reason)) + " is no reason to revoke");
  const base::Status revoked = commits_.run([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(const Found found, find_pair(tx, serial));
    HEQI_TRY(const std::int64_t newest, newest_list_number(tx, options_.id));
    // Whoever was on hold is revoked since the hold began: nothing signed in between counts.
    HEQI_TRY(
        tx.execute("UPDATE ca_certificates SET state = ?2, revoked_at = COALESCE(revoked_at, ?3), "
                   "reason = ?4, changed_after = ?5 "
                   "WHERE (serial = ?1 OR pair = ?1) AND state <> ?2",
                   found.pair, kRevoked, clock_.now(), static_cast<int>(reason), newest));
    return {};
  });
  HEQI_TRY(revoked);
  log_.info("ca.revoked", {{"serial", base::to_hex(serial)}, {"reason", pki::name_of(reason)}});
  return {};
}

base::Status Authority::supersede(base::ByteView old_serial, base::ByteView fresh_serial) {
  const base::Status done = commits_.run([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(const Found old, find_pair(tx, old_serial));
    HEQI_TRY(const Found fresh, find_pair(tx, fresh_serial));
    if (fresh.state == kRevoked) return base::fail(base::Code::revoked);
    if (fresh.state == kIntended) return base::fail(base::Code::conflict, "not issued yet");
    HEQI_TRY(const std::optional<sql::Row> same,
             tx.find_row("SELECT a.serial FROM ca_certificates a JOIN ca_certificates b "
                         "ON a.holder = b.holder WHERE a.serial = ?1 AND b.serial = ?2",
                         old_serial, fresh_serial));
    if (!same) return base::fail(base::Code::conflict, "the certificates have two holders");
    HEQI_TRY(const std::int64_t newest, newest_list_number(tx, options_.id));
    HEQI_TRY(
        tx.execute("UPDATE ca_certificates SET state = ?2, published_at = ?3 "
                   "WHERE (serial = ?1 OR pair = ?1) AND state = ?4",
                   fresh.pair, kPublished, clock_.now(), kIssued));
    HEQI_TRY(
        tx.execute("UPDATE ca_certificates SET state = ?2, revoked_at = COALESCE(revoked_at, ?3), "
                   "reason = ?4, changed_after = ?5 "
                   "WHERE (serial = ?1 OR pair = ?1) AND state <> ?2",
                   old.pair, kRevoked, clock_.now(),
                   static_cast<int>(pki::RevocationReason::superseded), newest));
    return {};
  });
  HEQI_TRY(done);
  log_.info("ca.superseded",
            {{"old", base::to_hex(old_serial)}, {"fresh", base::to_hex(fresh_serial)}});
  return {};
}

base::Status Authority::withdraw(std::string_view request_id) {
  HEQI_TRY(const std::optional<sql::Row> row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row("SELECT serial FROM ca_certificates WHERE request_id = ?1", request_id);
  }));
  if (!row) return {};
  return revoke(row->bytes(0), pki::RevocationReason::cessation_of_operation);
}

base::Status Authority::suspend(base::ByteView serial) {
  const base::Status held = commits_.run([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(const Found found, find_pair(tx, serial));
    if (found.state == kRevoked) return base::fail(base::Code::revoked);
    if (found.state == kHeld) return {};
    if (found.state != kPublished)
      return base::fail(base::Code::conflict, "the certificate is not published");
    HEQI_TRY(const std::int64_t newest, newest_list_number(tx, options_.id));
    HEQI_TRY(tx.execute(
        "UPDATE ca_certificates SET state = ?2, revoked_at = ?3, reason = ?4, changed_after = ?5 "
        "WHERE (serial = ?1 OR pair = ?1) AND state = ?6",
        found.pair, kHeld, clock_.now(), static_cast<int>(pki::RevocationReason::certificate_hold),
        newest, kPublished));
    return {};
  });
  HEQI_TRY(held);
  log_.info("ca.suspended", {{"serial", base::to_hex(serial)}});
  return {};
}

base::Status Authority::release(base::ByteView serial) {
  const base::Status released = commits_.run([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(const Found found, find_pair(tx, serial));
    if (found.state == kRevoked) return base::fail(base::Code::revoked);
    if (found.state != kHeld)
      return base::fail(base::Code::conflict, "the certificate is not on hold");
    HEQI_TRY(const std::int64_t newest, newest_list_number(tx, options_.id));
    HEQI_TRY(
        tx.execute("UPDATE ca_certificates SET state = ?2, revoked_at = NULL, reason = NULL, "
                   "changed_after = ?3, before_hold = ?4 "
                   "WHERE (serial = ?1 OR pair = ?1) AND state = ?4",
                   found.pair, kPublished, newest, kHeld));
    return {};
  });
  HEQI_TRY(released);
  log_.info("ca.released", {{"serial", base::to_hex(serial)}});
  return {};
}

base::Result<Standing> Authority::standing(base::ByteView serial) {
  HEQI_TRY(const std::optional<sql::Row> row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row(
        "SELECT state, revoked_at, reason FROM ca_certificates "
        "WHERE serial = ?1 AND authority = ?2",
        serial, options_.id);
  }));
  Standing standing;
  if (!row) return standing;
  if (row->text(0) == kPublished) standing.state = Standing::State::good;
  if (row->text(0) == kRevoked || row->text(0) == kHeld) {
    standing.state = Standing::State::revoked;
    standing.revoked_at = row->time(1);
    HEQI_TRY(standing.reason, pki::parse_reason(row->int64(2)));
  }
  return standing;
}

}  // namespace heqi::services::ca
