// flow/rows.h: the engine's tables, one function for each statement.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/flow/flow.h>
#include <heqi/sql/database.h>

namespace heqi::flow::rows {

base::Status insert_flow(sql::Transaction& transaction, const Flow& flow);
// update_flow writes flow over the version it was read at. Fails with conflict where that is gone.
base::Status update_flow(sql::Transaction& transaction, Flow& flow, base::Time now);
// get_flow fails with not_found.
base::Result<Flow> get_flow(sql::Transaction& transaction, std::string_view flow_id);
// get_flow_to_change is get_flow, and keeps others from the row.
base::Result<Flow> get_flow_to_change(sql::Transaction& transaction, std::string_view flow_id);

base::Status add_party(sql::Transaction& transaction, std::string_view flow_id, const Party& party);
base::Result<std::vector<Party>> list_parties(sql::Transaction& transaction,
                                              std::string_view flow_id);

// Received is what was answered to an event before.
struct Received {
  std::string flow_id;
  base::Bytes fingerprint, answer;
};
// reserve takes the event's idempotency key: nothing where it was free, the earlier handling where
// it was not. Inserting is the check, so two at once cannot both find it free.
base::Result<std::optional<Received>> reserve(sql::Transaction& transaction, const Event& event,
                                              base::Time now);
base::Status set_answer(sql::Transaction& transaction, const Event& event, base::ByteView answer);
base::Status unreserve(sql::Transaction& transaction, const Event& event);

base::Status add_history(sql::Transaction& transaction, const Event& event, base::Time now,
                         std::string_view from_step, std::string_view to_step,
                         std::string_view note);
// add_late_history keeps the first kLateMax late events of a flow.
base::Status add_late_history(sql::Transaction& transaction, const Event& event, base::Time now,
                              std::string_view step);

}  // namespace heqi::flow::rows
