#include <heqi/services/ca/register.h>

#include <heqi/base/text.h>

#include "lists.h"
#include "states.h"

namespace heqi::services::ca {
namespace {

// Condition is the WHERE part of a query with its parameters. The text is of constants only.
class Condition {
 public:
  Condition(const Query& query, const std::string& authority) {
    add("authority = ", authority);
    if (query.profile) add("profile = ", name_of(*query.profile));
    if (!query.holder.empty()) add("holder = ", query.holder);
    if (!query.state.empty()) add("state = ", query.state);
    if (!query.key_digest.empty()) add("key_digest = ", query.key_digest);
    if (query.recorded_from) add("recorded_at >= ", *query.recorded_from);
    if (query.recorded_to) add("recorded_at < ", *query.recorded_to);
    if (query.valid_at) {
      add("not_before <= ", *query.valid_at);
      add("not_after >= ", *query.valid_at);
    }
    if (!query.subject_part.empty()) {
      pattern_ = "%" + escaped(query.subject_part) + "%";
      add("LOWER(subject) LIKE LOWER(", pattern_);
      text_ += ") ESCAPE '!'";
    }
  }

  template <class Value>
  void add(std::string_view comparison, const Value& value) {
    if (!text_.empty()) text_ += " AND ";
    parameters_.emplace_back(value);
    text_ += std::string(comparison) + "?" + std::to_string(parameters_.size());
  }
  const std::string& text() const { return text_; }
  std::span<const sql::Parameter> parameters() const { return parameters_; }
  bool is_narrow() const { return parameters_.size() > 1; }

 private:
  static std::string escaped(std::string_view part) {
    std::string out;
    for (const char letter : part) {
      if (letter == '%' || letter == '_' || letter == '!') out.push_back('!');
      out.push_back(letter);
    }
    return out;
  }

  std::string text_, pattern_;
  std::vector<sql::Parameter> parameters_;
};

base::Result<Entry> entry_of(const sql::Row& row) {
  HEQI_TRY(const Profile profile, parse_profile_name(row.text(4)));
  return Entry{.serial = row.bytes(0),
               .holder = row.text(1),
               .subject = row.text(2),
               .state = row.text(3),
               .profile = profile,
               .not_before = row.time(5),
               .not_after = row.time(6),
               .recorded_at = row.time(7)};
}

}  // namespace

base::Result<std::vector<Entry>> Register::find(const Query& query, base::ByteView after,
                                                std::size_t limit) {
  Condition condition(query, authority_.id());
  condition.add("serial > ", after);
  const std::string statement =
      "SELECT serial, holder, subject, state, profile, not_before, not_after, recorded_at "
      "FROM ca_certificates WHERE " +
      condition.text() + " ORDER BY serial LIMIT " +
      std::to_string(std::min(limit, kRegisterPageMax));
  HEQI_TRY(const std::vector<sql::Row> rows, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.query_list(statement, condition.parameters());
  }));
  std::vector<Entry> out;
  out.reserve(rows.size());
  for (const sql::Row& row : rows) {
    HEQI_TRY(Entry entry, entry_of(row));
    out.push_back(std::move(entry));
  }
  return out;
}

base::Result<std::int64_t> Register::count(const Query& query) {
  const Condition condition(query, authority_.id());
  HEQI_TRY(const auto row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row_list("SELECT COUNT(*) FROM ca_certificates WHERE " + condition.text(),
                            condition.parameters());
  }));
  return row ? row->int64(0) : 0;
}

base::Result<base::Bytes> Register::certificate(base::ByteView serial) {
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row(
        "SELECT der FROM ca_certificates WHERE serial = ?1 AND authority = ?2 AND der IS NOT NULL",
        serial, authority_.id());
  }));
  return row.bytes(0);
}

base::Result<std::int64_t> Register::revoke_all(const Query& query, pki::RevocationReason reason) {
  if (reason == pki::RevocationReason::certificate_hold ||
      reason == pki::RevocationReason::remove_from_crl)
    return base::fail(base::Code::malformed,
                      std::string(pki::name_of(reason)) + " is no reason to revoke");
  if (!Condition(query, authority_.id()).is_narrow())
    return base::fail(base::Code::malformed, "a query that asks for nothing would revoke all");
  std::int64_t total = 0;
  for (;;) {
    const base::Time now = clock_.now();
    const auto reason_number = static_cast<std::int64_t>(reason);
    HEQI_TRY(const std::int64_t changed,
             database_.with_transaction([&](sql::Transaction& tx) -> base::Result<std::int64_t> {
               HEQI_TRY(const std::int64_t newest, newest_list_number(tx, authority_.id()));
               Condition condition(query, authority_.id());
               condition.add("state <> ", kRevoked);
               const std::size_t state = condition.parameters().size();
               const std::string page =
                   "WITH page AS (SELECT COALESCE(pair, serial) AS name FROM ca_certificates "
                   "WHERE " +
                   condition.text() + " LIMIT " + std::to_string(kRegisterPageMax) + ") ";
               std::vector<sql::Parameter> parameters(condition.parameters().begin(),
                                                      condition.parameters().end());
               parameters.emplace_back(now);
               parameters.emplace_back(reason_number);
               parameters.emplace_back(newest);
               const auto at = [&](std::size_t offset) {
                 return "?" + std::to_string(state + offset);
               };
               return tx.execute_list(
                   page + "UPDATE ca_certificates SET state = " + at(0) +
                       ", revoked_at = COALESCE(revoked_at, " + at(1) + "), reason = " + at(2) +
                       ", changed_after = " + at(3) +
                       " WHERE (serial IN (SELECT name FROM page) OR pair IN (SELECT name FROM "
                       "page)) AND state <> " +
                       at(0),
                   parameters);
             }));
    total += changed;
    if (changed == 0) break;
  }
  log_.warning("ca.revoked_many",
               {{"count", std::to_string(total)}, {"reason", pki::name_of(reason)}});
  return total;
}

}  // namespace heqi::services::ca
