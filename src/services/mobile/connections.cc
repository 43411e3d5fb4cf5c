#include <heqi/services/mobile/connections.h>

#include <heqi/base/text.h>

namespace heqi::services::mobile {

using base::Code;
using base::Result;

namespace {

constexpr std::string_view kNames[] = {"applied", "active", "suspended", "cancelled"};

Result<ConnectionState> parse_state(std::string_view text) {
  for (std::size_t i = 0; i < std::size(kNames); ++i)
    if (kNames[i] == text) return static_cast<ConnectionState>(i);
  return base::fail(Code::internal, "state of a connection");
}

std::string_view name_of_side(Side side) {
  return side == Side::authority ? "authority" : "service";
}

Result<Connection> connection_of(const sql::Row& row) {
  Connection out{.service = row.text(0),
                 .state = {},
                 .changed_by = row.text(2),
                 .reason = row.text(3),
                 .changed_at = row.time(4)};
  HEQI_TRY(out.state, parse_state(row.text(1)));
  return out;
}

constexpr std::string_view kSelect =
    "SELECT service, state, changed_by, reason, changed_at, suspended_by FROM mobile_connections ";

}  // namespace

std::string_view name_of(ConnectionState state) {
  return kNames[static_cast<std::size_t>(state)];
}

// Change is one act: from which states to which one.
struct Connections::Change {
  std::vector<ConnectionState> from;
  ConnectionState to;
  Side side;
  std::string who, reason;
};

Result<Connection> Connections::change(const std::string& service, const Change& change) {
  HEQI_TRY(const Connection after, database_.with_transaction([&](sql::Transaction& tx)
                                                                  -> Result<Connection> {
    HEQI_TRY(const sql::Row row,
             tx.get_row(std::string(kSelect) + "WHERE service = ?1 {for_update}", service));
    HEQI_TRY(const Connection before, connection_of(row));
    bool may = false;
    for (const ConnectionState state : change.from) may = may || state == before.state;
    if (!may)
      return base::fail(Code::conflict, "the connection is " + std::string(name_of(before.state)));
    if (before.state == ConnectionState::suspended && change.to == ConnectionState::active &&
        row.text(5) != name_of_side(change.side))
      return base::fail(Code::denied, "the other side has suspended the connection");
    const bool suspends = change.to == ConnectionState::suspended;
    HEQI_TRY(tx.execute(
        "UPDATE mobile_connections SET state = ?2, suspended_by = ?3, "
        "changed_by = ?4, reason = ?5, changed_at = ?6 WHERE service = ?1",
        service, name_of(change.to), suspends ? name_of_side(change.side) : std::string_view(),
        change.who, change.reason, clock_.now()));
    HEQI_TRY(const sql::Row now, tx.get_row(std::string(kSelect) + "WHERE service = ?1", service));
    return connection_of(now);
  }));
  log_.info("mobile.connection",
            {{"service", service}, {"state", name_of(after.state)}, {"by", change.who}});
  return after;
}

Result<Connection> Connections::apply(const std::string& service, const std::string& who) {
  if (service.empty() || who.empty()) return base::fail(Code::malformed, "service and who");
  HEQI_TRY(database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "INSERT INTO mobile_connections (service, state, suspended_by, changed_by, reason, "
        "changed_at) VALUES (?1, 'cancelled', '', ?2, '', ?3) ON CONFLICT (service) DO NOTHING",
        service, who, clock_.now());
  }));
  return change(service, {.from = {ConnectionState::cancelled},
                          .to = ConnectionState::applied,
                          .side = Side::authority,
                          .who = who,
                          .reason = {}});
}

Result<Connection> Connections::accept(const std::string& service) {
  return change(service, {.from = {ConnectionState::applied},
                          .to = ConnectionState::active,
                          .side = Side::service,
                          .who = service,
                          .reason = {}});
}

Result<Connection> Connections::suspend(const std::string& service, Side side,
                                        const std::string& who, const std::string& reason) {
  return change(service, {.from = {ConnectionState::active},
                          .to = ConnectionState::suspended,
                          .side = side,
                          .who = who,
                          .reason = reason});
}

Result<Connection> Connections::resume(const std::string& service, Side side,
                                       const std::string& who) {
  return change(service, {.from = {ConnectionState::suspended},
                          .to = ConnectionState::active,
                          .side = side,
                          .who = who,
                          .reason = {}});
}

Result<Connection> Connections::cancel(const std::string& service, Side side,
                                       const std::string& who, const std::string& reason) {
  return change(service, {.from = {ConnectionState::applied, ConnectionState::active,
                                   ConnectionState::suspended},
                          .to = ConnectionState::cancelled,
                          .side = side,
                          .who = who,
                          .reason = reason});
}

Result<Connection> Connections::get(const std::string& service) {
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row(std::string(kSelect) + "WHERE service = ?1", service);
  }));
  return connection_of(row);
}

Result<std::vector<Connection>> Connections::list() {
  HEQI_TRY(const std::vector<sql::Row> rows, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.query(std::string(kSelect) + "ORDER BY service LIMIT 100");
  }));
  std::vector<Connection> out;
  for (const sql::Row& row : rows) {
    HEQI_TRY(Connection one, connection_of(row));
    out.push_back(std::move(one));
  }
  return out;
}

base::Status Connections::check_active(sql::Transaction& tx, const std::string& service) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT state FROM mobile_connections WHERE service = ?1", service));
  if (!row) return base::fail(Code::denied, "there is no connection with " + service);
  if (row->text(0) != name_of(ConnectionState::active))
    return base::fail(Code::denied, "the connection with " + service + " is " + row->text(0));
  return {};
}

}  // namespace heqi::services::mobile
