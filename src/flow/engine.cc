#include <heqi/flow/engine.h>

#include <heqi/base/error.h>

#include <utility>

#include "check_input.h"
#include "rows.h"

namespace heqi::flow {
namespace {

using base::Code;
using sql::Transaction;

constexpr std::string_view kInternal = "internal";  // the sender of what the engine does by itself

base::Status check_event(const Event& event) {
  HEQI_TRY(check_name("an event's flow", event.flow_id));
  HEQI_TRY(check_name("an event's sender", event.sender));
  HEQI_TRY(check_name("an event's message id", event.message_id));
  return check_data("an event's fingerprint", event.fingerprint);
}

bool is_due(const Flow& flow, base::Time now) {
  return flow.is_open() && flow.deadline.has_value() && *flow.deadline <= now;
}

// repeated is the stored answer, where the repeat is of the same message.
base::Result<Handled> repeated(rows::Received&& received, const Event& event, Flow flow) {
  if (received.fingerprint != event.fingerprint)
    return base::fail(Code::conflict,
                      "message id " + event.message_id + " was used before for another content");
  return Handled{Handled::Kind::repeated, std::move(received.answer), std::move(flow)};
}

std::string describe(const Ending& ending) {
  std::string text(to_text(ending.outcome));
  if (!ending.code.empty()) text += "(" + ending.code + ")";
  return text;
}

}  // namespace

// Move

void Move::go_to(std::string step) {
  flow_.step = std::move(step);
  flow_.attempts = 0;
}

void Move::send(Outgoing message) {
  message.flow_id = flow_.id;
  outgoing_.push_back(std::move(message));
}

void Move::add_party(Party party) {
  parties_.push_back(std::move(party));
}

void Move::finish(Ending ending, base::Bytes payload) {
  flow_.ending = std::move(ending);
  ending_payload_ = std::move(payload);
}

// Handled

base::Result<base::Bytes> Handled::to_result() const {
  switch (kind) {
    case Kind::accepted:
    case Kind::repeated:
      return answer;
    case Kind::expired:
      return base::fail(Code::expired, "the time limit of this transaction is over");
    case Kind::ended:
      if (flow.ending && flow.ending->outcome == Outcome::cancelled)
        return base::fail(Code::cancelled, describe(*flow.ending));
      return base::fail(Code::conflict,
                        "ended already: " + (flow.ending ? describe(*flow.ending) : ""));
    case Kind::unexpected_step:
      break;
  }
  return base::fail(Code::conflict, "not expected at the step " + flow.step);
}

// Engine

Engine::Engine(sql::Database& database, Outbox& outbox, const base::Clock& clock,
               base::Random& random, base::Log& log)
    : database_(database), outbox_(outbox), clock_(clock), random_(random), log_(log) {}

void Engine::define(std::string kind, KindOptions options) {
  const std::scoped_lock lock(mutex_);
  kinds_[std::move(kind)] = std::move(options);
}

std::optional<KindOptions> Engine::find_kind(const std::string& kind) const {
  const std::scoped_lock lock(mutex_);
  const auto found = kinds_.find(kind);
  if (found == kinds_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Engine::list_kinds() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, options] : kinds_) names.push_back(name);
  return names;
}

base::Result<Handled> Engine::start(const NewFlow& flow, const Step& step) {
  return database_.with_transaction([&](Transaction& t) { return start_in(t, flow, step); });
}

base::Result<Handled> Engine::start_in(Transaction& transaction, const NewFlow& start,
                                       const Step& step) {
  Event event{.flow_id = start.id,
              .sender = start.sender,
              .message_id = start.message_id,
              .fingerprint = start.fingerprint};
  if (event.flow_id.empty()) {
    HEQI_TRY(event.flow_id, make_id(random_));
  }
  HEQI_TRY(check_event(event));
  HEQI_TRY(check_name("a flow's step", start.step));
  if (!find_kind(start.kind))
    return base::fail(Code::internal, "flow of the undefined kind " + start.kind);

  const base::Time now = clock_.now();
  HEQI_TRY(auto received, rows::reserve(transaction, event, now));
  if (received) {
    HEQI_TRY(Flow first, get_in(transaction, received->flow_id));
    return repeated(std::move(*received), event, std::move(first));
  }
  Flow flow;
  flow.id = event.flow_id;
  flow.kind = start.kind;
  flow.step = start.step;
  flow.state = start.state;
  flow.deadline = start.deadline;
  flow.created_at = flow.changed_at = now;
  if (is_due(flow, now)) return base::fail(Code::expired, "the deadline is over at the start");
  if (start.parties.size() > kPartiesMax)
    return base::fail(Code::limit_exceeded,
                      "more than " + std::to_string(kPartiesMax) + " parties of one flow");
  HEQI_TRY(rows::insert_flow(transaction, flow));
  for (const Party& party : start.parties) HEQI_TRY(rows::add_party(transaction, flow.id, party));
  HEQI_TRY(rows::add_history(transaction, event, now, "", flow.step, "start"));
  return run_step(transaction, event, flow, step);
}

base::Result<Handled> Engine::handle(const Event& event, const Step& step) {
  return database_.with_transaction([&](Transaction& t) { return handle_in(t, event, step); });
}

base::Result<Handled> Engine::handle_in(Transaction& transaction, const Event& event,
                                        const Step& step) {
  HEQI_TRY(check_event(event));
  HEQI_TRY(Flow flow, rows::get_flow_to_change(transaction, event.flow_id));
  // What is over is over, whatever the event says.
  HEQI_TRY(expire_if_due(transaction, flow));  // before any other test of the state

  const base::Time now = clock_.now();
  HEQI_TRY(auto received, rows::reserve(transaction, event, now));
  if (received) {
    if (received->flow_id != event.flow_id)
      return base::fail(Code::conflict,
                        "message id " + event.message_id + " was used before for another flow");
    return repeated(std::move(*received), event, std::move(flow));
  }
  if (!flow.is_open()) {
    HEQI_TRY(rows::unreserve(transaction, event));
    HEQI_TRY(rows::add_late_history(transaction, event, now, flow.step));
    const auto kind =
        flow.ending->outcome == Outcome::expired ? Handled::Kind::expired : Handled::Kind::ended;
    return Handled{kind, {}, std::move(flow)};
  }
  bool expected = event.expected_steps.empty();
  for (const std::string& name : event.expected_steps) expected = expected || name == flow.step;
  if (!expected) {
    HEQI_TRY(rows::unreserve(transaction, event));
    return Handled{Handled::Kind::unexpected_step, {}, std::move(flow)};
  }
  return run_step(transaction, event, flow, step);
}

base::Result<Handled> Engine::run_step(Transaction& transaction, const Event& event,
                                       const Flow& before, const Step& step) {
  Move move(transaction, before, clock_.now());
  HEQI_TRY(base::Bytes answer, step(move));
  HEQI_TRY(check_data("an answer", answer));
  HEQI_TRY(check_name("a flow's step", move.flow_.step));
  HEQI_TRY(check_data("a flow's state", move.flow_.state));
  for (const Party& party : move.parties_) HEQI_TRY(rows::add_party(transaction, before.id, party));
  for (const Outgoing& message : move.outgoing_) HEQI_TRY(outbox_.put(transaction, message));
  HEQI_TRY(rows::set_answer(transaction, event, answer));
  if (move.flow_.step != before.step)
    HEQI_TRY(rows::add_history(transaction, event, move.now_, before.step, move.flow_.step, ""));
  if (move.flow_.ending) {
    HEQI_TRY(end(transaction, move.flow_, move.ending_payload_, event));
  } else {
    HEQI_TRY(rows::update_flow(transaction, move.flow_, move.now_));
  }
  return Handled{Handled::Kind::accepted, std::move(answer), std::move(move.flow_)};
}

base::Status Engine::end(Transaction& transaction, Flow& flow, base::ByteView payload,
                         const Event& event) {
  HEQI_TRY(check_ending(*flow.ending));
  HEQI_TRY(check_data("an ending's payload", payload));
  const auto kind = find_kind(flow.kind);
  if (!kind) return base::fail(Code::internal, "flow of the undefined kind " + flow.kind);
  const base::Time now = clock_.now();
  HEQI_TRY(rows::update_flow(transaction, flow, now));
  HEQI_TRY(const auto parties, rows::list_parties(transaction, flow.id));
  for (const Party& party : parties)
    HEQI_TRY(outbox_.put_ending(transaction, flow.id, party, *flow.ending, payload));
  HEQI_TRY(rows::add_history(transaction, event, now, flow.step, flow.step,
                             "end:" + std::string(to_text(flow.ending->outcome))));
  if (kind->on_end) HEQI_TRY(kind->on_end(transaction, flow));
  return {};
}

base::Status Engine::expire_if_due(Transaction& transaction, Flow& flow) {
  if (!is_due(flow, clock_.now())) return {};
  flow.ending = Ending::expired();
  const Event event{.flow_id = flow.id, .sender = std::string(kInternal), .message_id = "deadline"};
  return end(transaction, flow, {}, event);
}

base::Result<Flow> Engine::finish(const std::string& flow_id, Ending ending, base::Bytes payload) {
  return database_.with_transaction(
      [&](Transaction& t) { return finish_in(t, flow_id, ending, payload); });
}

base::Result<Flow> Engine::finish_in(Transaction& transaction, const std::string& flow_id,
                                     Ending ending, base::Bytes payload) {
  HEQI_TRY(Flow flow, rows::get_flow_to_change(transaction, flow_id));
  HEQI_TRY(expire_if_due(transaction, flow));
  if (!flow.is_open()) return flow;
  flow.ending = std::move(ending);
  const Event event{.flow_id = flow_id, .sender = std::string(kInternal), .message_id = "finish"};
  HEQI_TRY(end(transaction, flow, payload, event));
  return flow;
}

base::Result<std::vector<std::string>> Engine::list_due(std::size_t limit) {
  const auto kinds = list_kinds();
  if (kinds.empty()) return std::vector<std::string>();
  const base::Time now = clock_.now();
  std::vector<sql::Parameter> parameters{now, limit};
  std::string list;
  for (const std::string& kind : kinds) {
    parameters.emplace_back(kind);
    list += (list.empty() ? "?" : ", ?") + std::to_string(parameters.size());
  }
  // Only kinds that this program knows: another one's flows are not ours to end.
  const std::string statement =
      "SELECT id FROM flow_flows WHERE outcome IS NULL AND deadline <= ?1 AND kind IN (" + list +
      ") ORDER BY deadline LIMIT ?2";
  return database_.with_snapshot([&](Transaction& t) -> base::Result<std::vector<std::string>> {
    HEQI_TRY(const auto found, t.query_list(statement, parameters));
    std::vector<std::string> ids;
    for (const sql::Row& row : found) ids.push_back(row.text(0));
    return ids;
  });
}

base::Result<std::size_t> Engine::expire_due(std::size_t limit) {
  HEQI_TRY(const auto ids, list_due(limit));
  std::size_t expired = 0;
  for (const std::string& id : ids) {
    auto done = database_.with_transaction([&](Transaction& t) -> base::Status {
      HEQI_TRY(Flow flow, rows::get_flow_to_change(t, id));
      return expire_if_due(t, flow);
    });
    if (done) {
      ++expired;
      continue;
    }
    // One flow that cannot end must not keep the others open; it is tried again at the next round.
    const std::string line = base::to_line(done.error());
    log_.error("flow.not_expired",
               {{"flow", std::string_view(id)}, {"error", std::string_view(line)}});
    if (done.error().code == Code::unavailable || done.error().code == Code::storage)
      return std::move(done).error();
  }
  return expired;
}

base::Result<std::optional<base::Time>> Engine::find_next_deadline() {
  return database_.with_snapshot([](Transaction& t) -> base::Result<std::optional<base::Time>> {
    HEQI_TRY(const sql::Row row,
             t.get_row("SELECT MIN(deadline) FROM flow_flows WHERE outcome IS NULL"));
    return row.optional_time(0);
  });
}

base::Result<Flow> Engine::get(const std::string& flow_id) {
  return database_.with_snapshot([&](Transaction& t) { return get_in(t, flow_id); });
}

base::Result<Flow> Engine::get_in(Transaction& transaction, const std::string& flow_id) {
  HEQI_TRY(Flow flow, rows::get_flow(transaction, flow_id));
  if (is_due(flow, clock_.now())) flow.ending = Ending::expired();
  return flow;
}

base::Result<std::vector<HistoryEntry>> Engine::list_history(const std::string& flow_id) {
  return database_.with_snapshot([&](Transaction& t) -> base::Result<std::vector<HistoryEntry>> {
    HEQI_TRY(const auto found,
             t.query("SELECT at, sender, message_id, from_step, to_step, note FROM flow_history"
                     " WHERE flow_id = ?1 ORDER BY sequence",
                     flow_id));
    std::vector<HistoryEntry> list;
    for (const sql::Row& row : found)
      list.push_back(
          {row.time(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5)});
    return list;
  });
}

base::Result<std::vector<std::string>> Engine::list_open(const std::string& kind,
                                                         std::size_t limit) {
  return database_.with_snapshot([&](Transaction& t) -> base::Result<std::vector<std::string>> {
    HEQI_TRY(const auto found,
             t.query("SELECT id FROM flow_flows WHERE kind = ?1 AND outcome IS NULL"
                     " ORDER BY created_at, id LIMIT ?2",
                     kind, limit));
    std::vector<std::string> ids;
    for (const sql::Row& row : found) ids.push_back(row.text(0));
    return ids;
  });
}

}  // namespace heqi::flow
