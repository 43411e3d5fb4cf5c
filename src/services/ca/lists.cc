// lists.cc: full and delta lists of what is revoked (RFC 5280 §5, GB/T 20518).
#include "lists.h"

#include <heqi/base/text.h>
#include <heqi/services/ca/authority.h>

#include "states.h"

namespace heqi::services::ca {
namespace {

constexpr std::int64_t kPage = 50'000;  // rows of one answer

base::Bytes number_octets(std::int64_t number) {
  base::Bytes out;
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto octet = static_cast<std::uint8_t>(number >> shift);
    if (octet != 0 || !out.empty()) out.push_back(octet);
  }
  return out;
}

// changed_since tells whether a status changed after the list of this number was made.
base::Result<bool> changed_since(sql::Transaction& tx, std::string_view authority,
                                 std::int64_t number) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT serial FROM ca_certificates "
                       "WHERE authority = ?1 AND changed_after >= ?2 LIMIT 1",
                       authority, number));
  return row.has_value();
}

base::Result<pki::RevokedEntry> entry_of(const sql::Row& row) {
  pki::RevokedEntry entry;
  entry.serial = row.bytes(0);
  if (row.text(3) == kPublished) {  // released from a hold
    entry.revoked_at = row.time(4);
    entry.reason = pki::RevocationReason::remove_from_crl;
  } else {
    entry.revoked_at = row.time(1);
    HEQI_TRY(entry.reason, pki::parse_reason(row.int64(2)));
  }
  entry.revoked_at = std::chrono::floor<std::chrono::seconds>(entry.revoked_at);
  return entry;
}

// Scope is which entries a list has. since is 0 for a full list.
struct Scope {
  std::string_view authority;
  std::int64_t since;
  base::Time expired_before;
};

// read_state takes a state of states.h: as a constant in the text, it finds the index of its own.
base::Result<std::vector<pki::RevokedEntry>> read_state(sql::Transaction& tx, const Scope& scope,
                                                        std::string_view state) {
  std::vector<pki::RevokedEntry> out;
  base::Bytes after;
  for (;;) {
    HEQI_TRY(const std::vector<sql::Row> rows,
             tx.query("SELECT serial, revoked_at, reason, state, recorded_at FROM ca_certificates "
                      "WHERE state = '" +
                          std::string(state) +
                          "' AND authority = ?1 AND serial > ?2 AND not_after > ?3 "
                          "AND changed_after >= ?4 ORDER BY serial LIMIT ?5",
                      scope.authority, after, scope.expired_before, scope.since, kPage));
    for (const sql::Row& row : rows) {
      HEQI_TRY(pki::RevokedEntry entry, entry_of(row));
      out.push_back(std::move(entry));
    }
    if (std::cmp_less(rows.size(), kPage)) return out;
    after = rows.back().bytes(0);
  }
}

// read_released are the certificates that came off a hold since a list.
base::Result<std::vector<pki::RevokedEntry>> read_released(sql::Transaction& tx,
                                                           const Scope& scope) {
  HEQI_TRY(const std::vector<sql::Row> rows,
           tx.query("SELECT serial, revoked_at, reason, state, recorded_at FROM ca_certificates "
                    "WHERE authority = ?1 AND changed_after >= ?2 AND state = ?3 "
                    "AND before_hold = ?4 AND not_after > ?5",
                    scope.authority, scope.since, kPublished, kHeld, scope.expired_before));
  std::vector<pki::RevokedEntry> out;
  for (const sql::Row& row : rows) {
    HEQI_TRY(pki::RevokedEntry entry, entry_of(row));
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

base::Result<std::int64_t> newest_list_number(sql::Transaction& tx, std::string_view authority) {
  HEQI_TRY(
      const sql::Row row,
      tx.get_row("SELECT COALESCE(MAX(number), 0) FROM ca_lists WHERE authority = ?1", authority));
  return row.int64(0);
}

// make_next_list takes the next number and makes the list in one transaction, so that a later list
// never lacks an entry of an earlier one.
base::Result<base::Bytes> Authority::make_next_list(sql::Transaction& tx, std::int64_t base_number,
                                                    base::Time now) {
  const bool is_delta = base_number != 0;
  HEQI_TRY(const std::int64_t newest, newest_list_number(tx, options_.id));
  HEQI_TRY(const std::optional<sql::Row> last,
           tx.find_row("SELECT this_update FROM ca_lists WHERE authority = ?1 AND number = ?2",
                       options_.id, newest));
  // The second is the unit of thisUpdate: two lists of one second are told apart by their numbers.
  const base::Time this_update = std::chrono::floor<std::chrono::seconds>(now);
  if (last && this_update < last->time(0))
    return base::fail(base::Code::time_untrusted,
                      "the newest list is of " + base::to_rfc3339(last->time(0)) +
                          ", after the clock's " + base::to_rfc3339(now) + "; set the clock right");
  // An entry stays until one list was made after the end of its certificate (§3.3).
  const Scope scope{.authority = options_.id,
                    .since = base_number,
                    .expired_before = last ? last->time(0) : this_update};
  pki::CrlBody body{
      .issuer = issuer_.subject(),
      .this_update = this_update,
      .next_update = this_update + (is_delta ? kDeltaLifetime : options_.crl_lifetime),
      .revoked = {},
      .number = number_octets(newest + 1),
      .authority_key_identifier = issuer_.subject_key_identifier(),
      .base_number = is_delta ? number_octets(base_number) : base::Bytes()};
  if (!is_delta && !options_.delta_url.empty()) body.freshest_urls = {options_.delta_url};
  HEQI_TRY(body.revoked, read_state(tx, scope, kRevoked));
  HEQI_TRY(const std::vector<pki::RevokedEntry> held, read_state(tx, scope, kHeld));
  body.revoked.insert(body.revoked.end(), held.begin(), held.end());
  if (is_delta) {
    HEQI_TRY(const std::vector<pki::RevokedEntry> released, read_released(tx, scope));
    body.revoked.insert(body.revoked.end(), released.begin(), released.end());
  }
  HEQI_TRY(base::Bytes der, pki::make_crl(body, signer_));
  HEQI_TRY(
      tx.execute("DELETE FROM ca_lists WHERE authority = ?1 AND next_update < ?2 "
                 "AND number < ?3",
                 options_.id, this_update, newest));
  HEQI_TRY(
      tx.execute("INSERT INTO ca_lists (authority, number, base, der, this_update, next_update) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                 options_.id, newest + 1, base_number, der, body.this_update, *body.next_update));
  return der;
}

base::Result<base::Bytes> Authority::crl() {
  HEQI_TRY(const base::Time now, guard_.now());
  struct Newest {
    std::optional<base::Bytes> der;
  };
  HEQI_TRY(const Newest newest,
           database_.with_snapshot([&](sql::Transaction& tx) -> base::Result<Newest> {
             HEQI_TRY(const std::optional<sql::Row> row,
                      tx.find_row("SELECT number, der, this_update FROM ca_lists "
                                  "WHERE authority = ?1 AND base = 0 ORDER BY number DESC LIMIT 1",
                                  options_.id));
             if (!row || now >= row->time(2) + options_.crl_lifetime / 2) return Newest{};
             HEQI_TRY(const bool changed, changed_since(tx, options_.id, row->int64(0)));
             return changed ? Newest{} : Newest{row->bytes(1)};
           }));
  if (newest.der) return *newest.der;
  return database_.with_transaction(
      [&](sql::Transaction& tx) { return make_next_list(tx, 0, now); });
}

base::Result<base::Bytes> Authority::delta_crl() {
  HEQI_TRY(crl());  // there is a full list to add to
  HEQI_TRY(const base::Time now, guard_.now());
  return database_.with_transaction([&](sql::Transaction& tx) -> base::Result<base::Bytes> {
    // Whoever has a full list that is still in force can use the delta with it.
    HEQI_TRY(const sql::Row oldest,
             tx.get_row("SELECT COALESCE(MIN(number), 0) FROM ca_lists "
                        "WHERE authority = ?1 AND base = 0 AND next_update > ?2",
                        options_.id, now));
    HEQI_TRY(const std::optional<sql::Row> newest,
             tx.find_row("SELECT number, der, this_update, base FROM ca_lists "
                         "WHERE authority = ?1 AND base <> 0 ORDER BY number DESC LIMIT 1",
                         options_.id));
    if (newest && newest->int64(3) == oldest.int64(0) &&
        now < newest->time(2) + kDeltaLifetime / 2) {
      HEQI_TRY(const bool changed, changed_since(tx, options_.id, newest->int64(0)));
      if (!changed) return newest->bytes(1);
    }
    return make_next_list(tx, oldest.int64(0), now);
  });
}

}  // namespace heqi::services::ca
