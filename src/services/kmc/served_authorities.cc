#include <heqi/services/kmc/served_authorities.h>

#include <heqi/base/text.h>
#include <heqi/services/kmc/transcript.h>

namespace heqi::services::kmc {

using base::Code;
using base::Result;

namespace {

constexpr std::string_view kSelectAuthorities =
    "SELECT id, served, keys_max, keys_made, changed_by, reason, changed_at FROM kmc_authorities ";

ServedAuthority authority_of(const sql::Row& row) {
  return {.id = row.text(0),
          .served = row.int64(1) != 0,
          .keys_max = row.int64(2),
          .keys_made = row.int64(3),
          .changed_by = row.text(4),
          .reason = row.text(5),
          .changed_at = row.time(6)};
}

Result<ServedAuthority> get_authority(sql::Transaction& tx, const std::string& id) {
  HEQI_TRY(const auto row, tx.find_row(std::string(kSelectAuthorities) + "WHERE id = ?1", id));
  if (!row) return base::fail(Code::not_found, "no served authority " + id);
  return authority_of(*row);
}

}  // namespace

Result<ServedAuthority> ServedAuthorities::serve(const std::string& id, std::int64_t keys_max,
                                                 const std::string& who) {
  if (id.empty() || base::trim(who).empty())
    return base::fail(Code::malformed, "no authority, or nobody who says so");
  if (keys_max < 1 || keys_max > kServedKeysMax)
    return base::fail(Code::malformed, "keys_max is 1 to " + std::to_string(kServedKeysMax));
  const base::Time now = clock_.now();
  HEQI_TRY(
      const ServedAuthority out,
      database_.with_transaction([&](sql::Transaction& tx) -> Result<ServedAuthority> {
        HEQI_TRY(tx.execute(
            "INSERT INTO kmc_authorities (id, served, keys_max, keys_made, changed_by, reason, "
            "changed_at) VALUES (?1, 1, ?2, 0, ?3, '', ?4) ON CONFLICT (id) DO UPDATE SET "
            "served = 1, keys_max = ?2, changed_by = ?3, reason = '', changed_at = ?4",
            id, keys_max, who, now));
        HEQI_TRY(append(tx, {.at = now,
                             .event = "authority_served",
                             .subject = id,
                             .who = who,
                             .detail = "up to " + std::to_string(keys_max) + " keys",
                             .digest = {}}));
        return get_authority(tx, id);
      }));
  log_.warning("kmc.authority_served", {{"authority", id}, {"by", who}});
  return out;
}

Result<ServedAuthority> ServedAuthorities::end(const std::string& id, const std::string& who,
                                               const std::string& reason) {
  if (base::trim(who).empty() || base::trim(reason).empty())
    return base::fail(Code::malformed, "who ends it, and why, has to be said");
  const base::Time now = clock_.now();
  HEQI_TRY(const ServedAuthority out,
           database_.with_transaction([&](sql::Transaction& tx) -> Result<ServedAuthority> {
             HEQI_TRY(get_authority(tx, id));
             HEQI_TRY(
                 tx.execute("UPDATE kmc_authorities SET served = 0, changed_by = ?2, reason = ?3, "
                            "changed_at = ?4 WHERE id = ?1",
                            id, who, reason, now));
             HEQI_TRY(append(tx, {.at = now,
                                  .event = "authority_ended",
                                  .subject = id,
                                  .who = who,
                                  .detail = reason,
                                  .digest = {}}));
             return get_authority(tx, id);
           }));
  log_.warning("kmc.authority_ended", {{"authority", id}, {"by", who}});
  return out;
}

Result<std::vector<ServedAuthority>> ServedAuthorities::list() {
  HEQI_TRY(const auto rows, database_.with_snapshot([](sql::Transaction& tx) {
    return tx.query(std::string(kSelectAuthorities) + "ORDER BY id LIMIT ?1",
                    kServedAuthoritiesMax);
  }));
  std::vector<ServedAuthority> out;
  for (const sql::Row& row : rows) out.push_back(authority_of(row));
  return out;
}

base::Status check_served(sql::Transaction& tx, const std::string& authority) {
  HEQI_TRY(const auto row,
           tx.find_row("SELECT served FROM kmc_authorities WHERE id = ?1", authority));
  if (!row || row->int64(0) == 0)
    return base::fail(Code::denied,
                      "this centre makes no keys for " + authority +
                          ": one of its administrators says which authorities it serves");
  return {};
}

base::Status count_served_key(sql::Transaction& tx, const std::string& authority) {
  HEQI_TRY(const std::int64_t counted,
           tx.execute("UPDATE kmc_authorities SET keys_made = keys_made + 1 WHERE id = ?1 AND "
                      "keys_made < keys_max",
                      authority));
  if (counted == 0)
    return base::fail(Code::limit_exceeded, "as many keys as were agreed are made for " +
                                                authority +
                                                ": an administrator of the centre agrees on more");
  return {};
}

}  // namespace heqi::services::kmc
