// heqi/services/ca/kill_switch.h: issuance is stopped at once, on every node, and nothing else is:
// status goes on being answered, and revoking goes on.
#pragma once
#include <string>

#include <heqi/base/clock.h>
#include <heqi/sql/database.h>

namespace heqi::services::ca {

// KillSwitch is the switch of one authority. Its state is in the database, and every issuance reads
// it in the transaction that records the intent.
class KillSwitch {
 public:
  KillSwitch(sql::Database& database, std::string authority, const base::Clock& clock)
      : database_(database), authority_(std::move(authority)), clock_(clock) {}

  // halt and release note who and why; a repeat is noted too. Fail with malformed where who or
  // reason is empty.
  base::Status halt(std::string_view who, std::string_view reason);
  base::Status release(std::string_view who, std::string_view reason);

  struct Event {
    enum class Kind : std::uint8_t { halted, released } kind = Kind::released;
    std::string who, reason;
    base::Time at;
  };
  // events are the newest hundred, newest first; empty where the switch was never touched.
  base::Result<std::vector<Event>> events();

  // check fails with ca_halted, telling who halted and why.
  base::Status check(sql::Transaction& tx) const;

 private:
  base::Status note(Event::Kind kind, std::string_view who, std::string_view reason);

  sql::Database& database_;
  std::string authority_;
  const base::Clock& clock_;
};

}  // namespace heqi::services::ca
