// heqi/services/mobile/connections.h: which mobile signature services this authority is connected
// to (GB/T 38646 §7.4: applied for, suspended, resumed, cancelled).
#pragma once
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/log.h>
#include <heqi/sql/database.h>

namespace heqi::services::mobile {

enum class ConnectionState : std::uint8_t { applied, active, suspended, cancelled };
std::string_view name_of(ConnectionState state);

// Side is who acts: the authority, or the service at the other end.
enum class Side : std::uint8_t { authority, service };

struct Connection {
  std::string service;  // its id as an application
  ConnectionState state = ConnectionState::applied;
  std::string changed_by, reason;
  base::Time changed_at;
};

// Connections is safe to use from many threads. Acts on a connection that does not exist fail with
// not_found.
class Connections {
 public:
  Connections(sql::Database& database, const base::Clock& clock, base::Log& log)
      : database_(database), clock_(clock), log_(log) {}

  // apply is the authority's word; the service's accept makes the connection active. A cancelled
  // one can be applied for again. Both: conflict elsewhere.
  base::Result<Connection> apply(const std::string& service, const std::string& who);
  base::Result<Connection> accept(const std::string& service);
  // suspend and resume are open to both sides, but what one side has suspended only that side
  // resumes (denied). cancel ends the connection; flows that are open fail at their next message.
  base::Result<Connection> suspend(const std::string& service, Side side, const std::string& who,
                                   const std::string& reason);
  base::Result<Connection> resume(const std::string& service, Side side, const std::string& who);
  base::Result<Connection> cancel(const std::string& service, Side side, const std::string& who,
                                  const std::string& reason);

  base::Result<Connection> get(const std::string& service);
  base::Result<std::vector<Connection>> list();  // at most a hundred
  // check_active fails with denied unless the connection is active, naming its state.
  base::Status check_active(sql::Transaction& tx, const std::string& service);

 private:
  struct Change;
  base::Result<Connection> change(const std::string& service, const Change& change);

  sql::Database& database_;
  const base::Clock& clock_;
  base::Log& log_;
};

}  // namespace heqi::services::mobile
