#include "rows.h"

#include "check_input.h"

namespace heqi::flow::rows {
namespace {

using sql::Transaction;

constexpr std::string_view kSelect =
    "SELECT id, kind, step, state, deadline, attempts, outcome, outcome_code, outcome_detail,"
    " version, created_at, changed_at FROM flow_flows WHERE id = ?1";

// EndingColumns is an optional ending as three nullable columns.
struct EndingColumns {
  std::optional<std::string> outcome, code, detail;

  explicit EndingColumns(const std::optional<Ending>& ending) {
    if (!ending) return;
    outcome = std::string(to_text(ending->outcome));
    code = ending->code;
    detail = shortened(ending->detail);
  }
};

base::Result<Flow> read_flow(const std::optional<sql::Row>& row) {
  if (!row) return base::fail(base::Code::not_found, "no such flow");
  Flow flow;
  flow.id = row->text(0);
  flow.kind = row->text(1);
  flow.step = row->text(2);
  flow.state = row->bytes(3);
  flow.deadline = row->optional_time(4);
  flow.attempts = row->int64(5);
  if (!row->is_null(6)) {
    HEQI_TRY(const Outcome outcome, parse_outcome(row->text(6)));
    flow.ending = Ending{outcome, row->text(7), row->text(8)};
  }
  flow.version = row->int64(9);
  flow.created_at = row->time(10);
  flow.changed_at = row->time(11);
  return flow;
}

}  // namespace

base::Status insert_flow(Transaction& transaction, const Flow& flow) {
  HEQI_TRY(transaction.execute(
      "INSERT INTO flow_flows (id, kind, step, state, deadline, attempts, version, created_at,"
      " changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      flow.id, flow.kind, flow.step, flow.state, flow.deadline, flow.attempts, flow.version,
      flow.created_at, flow.changed_at));
  return {};
}

base::Status update_flow(Transaction& transaction, Flow& flow, base::Time now) {
  const EndingColumns ending(flow.ending);
  HEQI_TRY(const std::int64_t changed,
           transaction.execute(
               "UPDATE flow_flows SET step = ?3, state = ?4, deadline = ?5, attempts = ?6,"
               " outcome = ?7, outcome_code = ?8, outcome_detail = ?9, version = version + 1,"
               " changed_at = ?10 WHERE id = ?1 AND version = ?2 AND outcome IS NULL",
               flow.id, flow.version, flow.step, flow.state, flow.deadline, flow.attempts,
               ending.outcome, ending.code, ending.detail, now));
  if (changed != 1)
    return base::fail(base::Code::conflict, "the flow was changed inside its own step");
  ++flow.version;
  flow.changed_at = now;
  return {};
}

base::Result<Flow> get_flow(Transaction& transaction, std::string_view flow_id) {
  HEQI_TRY(const auto row, transaction.find_row(kSelect, flow_id));
  return read_flow(row);
}

base::Result<Flow> get_flow_to_change(Transaction& transaction, std::string_view flow_id) {
  static const std::string kStatement = std::string(kSelect) + " {for_update}";
  HEQI_TRY(const auto row, transaction.find_row(kStatement, flow_id));
  return read_flow(row);
}

base::Status add_party(Transaction& transaction, std::string_view flow_id, const Party& party) {
  HEQI_TRY(check_optional_name("a party's recipient", party.recipient));
  HEQI_TRY(check_name("a party's topic", party.topic));
  HEQI_TRY(
      transaction.execute("INSERT INTO flow_parties VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                          flow_id, party.recipient, party.topic));
  return {};
}

base::Result<std::vector<Party>> list_parties(Transaction& transaction, std::string_view flow_id) {
  HEQI_TRY(const auto found,
           transaction.query("SELECT recipient, topic FROM flow_parties WHERE flow_id = ?1"
                             " ORDER BY recipient, topic",
                             flow_id));
  std::vector<Party> parties;
  for (const sql::Row& row : found) parties.push_back({row.text(0), row.text(1)});
  return parties;
}

base::Result<std::optional<Received>> reserve(Transaction& transaction, const Event& event,
                                              base::Time now) {
  HEQI_TRY(const std::int64_t inserted,
           transaction.execute("INSERT INTO flow_received (sender, message_id, flow_id,"
                               " fingerprint, answer, received_at)"
                               " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                               event.sender, event.message_id, event.flow_id, event.fingerprint,
                               base::ByteView(), now));
  if (inserted == 1) return std::optional<Received>();
  HEQI_TRY(const sql::Row row,
           transaction.get_row("SELECT flow_id, fingerprint, answer FROM flow_received"
                               " WHERE sender = ?1 AND message_id = ?2",
                               event.sender, event.message_id));
  return std::optional<Received>(Received{row.text(0), row.bytes(1), row.bytes(2)});
}

base::Status set_answer(Transaction& transaction, const Event& event, base::ByteView answer) {
  HEQI_TRY(transaction.execute(
      "UPDATE flow_received SET answer = ?3 WHERE sender = ?1 AND message_id = ?2", event.sender,
      event.message_id, answer));
  return {};
}

base::Status unreserve(Transaction& transaction, const Event& event) {
  HEQI_TRY(transaction.execute("DELETE FROM flow_received WHERE sender = ?1 AND message_id = ?2",
                               event.sender, event.message_id));
  return {};
}

base::Status add_history(Transaction& transaction, const Event& event, base::Time now,
                         std::string_view from_step, std::string_view to_step,
                         std::string_view note) {
  HEQI_TRY(transaction.execute(
      "INSERT INTO flow_history (flow_id, at, sender, message_id, from_step, to_step, note)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
      event.flow_id, now, event.sender, event.message_id, from_step, to_step, note));
  return {};
}

base::Status add_late_history(Transaction& transaction, const Event& event, base::Time now,
                              std::string_view step) {
  HEQI_TRY(
      const sql::Row row,
      transaction.get_row("SELECT COUNT(*) FROM flow_history WHERE flow_id = ?1 AND note = 'late'",
                          event.flow_id));
  if (row.int64(0) >= static_cast<std::int64_t>(kLateMax)) return {};
  return add_history(transaction, event, now, step, step, "late");
}

}  // namespace heqi::flow::rows
