#include <heqi/keys/act_record.h>

namespace heqi::keys {

base::Status ActRecord::record(device::Role role, std::string_view act, std::string_view subject,
                               const base::Status& outcome) {
  const std::string ended(outcome ? "done" : base::error_text(outcome.error().code).id);
  return database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(
        tx.execute("INSERT INTO module_acts (number, at, role, act, subject, outcome) SELECT "
                   "COALESCE(MAX(number), 0) + 1, ?1, ?2, ?3, ?4, ?5 FROM module_acts",
                   clock_.now(), static_cast<int>(role), act, subject, ended));
    return {};
  });
}

base::Result<std::vector<RecordedAct>> ActRecord::newest(std::size_t most) {
  HEQI_TRY(const std::vector<sql::Row> rows, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.query(
        "SELECT at, role, act, subject, outcome FROM ("
        "SELECT at, number, role, act, subject, outcome FROM module_acts UNION ALL "
        "SELECT answered_at, 0, ?2, 'sign', key_id, 'done' FROM module_signatures) AS acts "
        "ORDER BY at DESC, number DESC LIMIT ?1",
        most, static_cast<int>(device::Role::user));
  }));
  std::vector<RecordedAct> out;
  for (const sql::Row& row : rows)
    out.push_back({row.time(0), static_cast<device::Role>(row.int64(1)), row.text(2), row.text(3),
                   row.text(4)});
  return out;
}

}  // namespace heqi::keys
