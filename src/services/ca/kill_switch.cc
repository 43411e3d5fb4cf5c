#include <heqi/services/ca/kill_switch.h>

#include <heqi/base/text.h>

namespace heqi::services::ca {

base::Status KillSwitch::note(Event::Kind kind, std::string_view who, std::string_view reason) {
  if (base::trim(who).empty() || base::trim(reason).empty())
    return base::fail(base::Code::malformed, "who turns the switch, and why, has to be said");
  return database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(
        tx.execute("INSERT INTO ca_switches (authority, halted, who, reason, at) "
                   "VALUES (?1, ?2, ?3, ?4, ?5)",
                   authority_, kind == Event::Kind::halted ? 1 : 0, who, reason, clock_.now()));
    return {};
  });
}

base::Status KillSwitch::halt(std::string_view who, std::string_view reason) {
  return note(Event::Kind::halted, who, reason);
}

base::Status KillSwitch::release(std::string_view who, std::string_view reason) {
  return note(Event::Kind::released, who, reason);
}

base::Result<std::vector<KillSwitch::Event>> KillSwitch::events() {
  HEQI_TRY(const std::vector<sql::Row> rows, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.query(
        "SELECT halted, who, reason, at FROM ca_switches WHERE authority = ?1 "
        "ORDER BY id DESC LIMIT 100",
        authority_);
  }));
  std::vector<Event> out;
  for (const sql::Row& row : rows)
    out.push_back({.kind = row.int64(0) != 0 ? Event::Kind::halted : Event::Kind::released,
                   .who = row.text(1),
                   .reason = row.text(2),
                   .at = row.time(3)});
  return out;
}

base::Status KillSwitch::check(sql::Transaction& tx) const {
  HEQI_TRY(const std::optional<sql::Row> last,
           tx.find_row("SELECT halted, who, reason, at FROM ca_switches WHERE authority = ?1 "
                       "ORDER BY id DESC LIMIT 1",
                       authority_));
  if (!last || last->int64(0) == 0) return {};
  return base::fail(base::Code::ca_halted, "halted by " + last->text(1) + " at " +
                                               base::to_rfc3339(last->time(3)) + ": " +
                                               last->text(2));
}

}  // namespace heqi::services::ca
