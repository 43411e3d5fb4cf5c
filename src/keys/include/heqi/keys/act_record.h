// heqi/keys/act_record.h: the record of acts of both roles (T/ZSA 67.3 §10.1 a): who did what to
// what, and how it ended.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/device/roles.h>
#include <heqi/sql/database.h>

namespace heqi::keys {

// RecordedAct is one line of the record.
struct RecordedAct {
  base::Time at{};
  device::Role role = device::Role::administrator;
  std::string act, subject, outcome;  // outcome: "done" or the dotted id of an error
};

class ActRecord {
 public:
  ActRecord(sql::Database& database, const base::Clock& clock)
      : database_(database), clock_(clock) {}

  // record notes an act and how it ended.
  base::Status record(device::Role role, std::string_view act, std::string_view subject,
                      const base::Status& outcome);
  // newest lists at most so many, newest first. A signature of a collaborative key is an act of the
  // user ("sign", the key's id); it is not written twice, but read from the record of signatures.
  base::Result<std::vector<RecordedAct>> newest(std::size_t most);

 private:
  sql::Database& database_;
  const base::Clock& clock_;
};

}  // namespace heqi::keys
