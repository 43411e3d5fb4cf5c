// heqi/flow/engine.h: moves persisted state machines: one event, one transaction.
#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/log.h>
#include <heqi/base/random.h>
#include <heqi/flow/flow.h>
#include <heqi/flow/outbox.h>
#include <heqi/sql/database.h>

namespace heqi::flow {

// Move is what the code of one event may do to its flow. All of it is written together with the
// transaction, by the engine, after that code has succeeded.
class Move {
 public:
  sql::Transaction& transaction() { return transaction_; }
  const Flow& flow() const { return flow_; }
  base::Time now() const { return now_; }

  // go_to sets the next step; attempts start again at 0.
  void go_to(std::string step);
  void set_state(base::Bytes state) { flow_.state = std::move(state); }
  void set_deadline(std::optional<base::Time> deadline) { flow_.deadline = deadline; }
  // count_attempt counts one try of the present step and returns the number so far.
  std::int64_t count_attempt() { return ++flow_.attempts; }
  // send puts message into the outbox; flow_id is filled in.
  void send(Outgoing message);
  // add_party names one more party to be told of the end.
  void add_party(Party party);
  // finish ends the flow; every party is told, with payload. The last call counts.
  void finish(Ending ending, base::Bytes payload = {});

 private:
  friend class Engine;
  Move(sql::Transaction& transaction, Flow flow, base::Time now)
      : transaction_(transaction), flow_(std::move(flow)), now_(now) {}

  sql::Transaction& transaction_;
  Flow flow_;
  base::Time now_;
  std::vector<Outgoing> outgoing_;
  std::vector<Party> parties_;
  base::Bytes ending_payload_;
};

// Step is the code of one event: checks, writes its own tables through move.transaction(), moves
// the flow, and returns the answer to the sender, which is stored for repeats. Its error rolls
// everything back, the idempotency key too, so the sender may try again.
using Step = std::function<base::Result<base::Bytes>(Move& move)>;

// Handled tells what became of an event. Anything but accepted and repeated is a refusal. A refused
// event does not use up its idempotency key: one that came too early may come again.
struct Handled {
  enum class Kind {
    accepted,         // the step ran now
    repeated,         // the event had been handled before; answer is the stored one
    expired,          // the deadline was over: the flow is EXPIRED, by this event or before
    ended,            // the flow had another ending
    unexpected_step,  // the flow is open but not where the event expects it
  };
  Kind kind = Kind::accepted;
  base::Bytes answer;
  Flow flow;  // as it stands now

  bool is_refused() const { return kind != Kind::accepted && kind != Kind::repeated; }
  // to_result is the answer, or for a refusal the error to give to the sender: expired, cancelled,
  // conflict.
  base::Result<base::Bytes> to_result() const;
};

// KindOptions holds for all flows of a kind.
struct KindOptions {
  // on_end runs in the transaction that ends a flow, whatever ended it (a step, the deadline), so
  // that the owner's tables follow. Its error rolls back. May be empty.
  std::function<base::Status(sql::Transaction&, const Flow&)> on_end{};
};

// Engine owns the tables of flows. Safe to use from many threads.
//
// A service inside its own transaction:
//   database.with_transaction([&](sql::Transaction& t) -> Result<Handled> {
//     HEQI_TRY(t.execute("UPDATE mss_transactions …"));
//     return engine.handle_in(t, event, [&](Move& move) -> Result<Bytes> {
//       move.go_to("displayed");
//       move.send({.topic = "mss.push", .recipient = device});
//       return answer;
//     });
//   });
// or the same with engine.handle(event, step), where the step uses move.transaction().
class Engine {
 public:
  Engine(sql::Database& database, Outbox& outbox, const base::Clock& clock, base::Random& random,
         base::Log& log);

  // define names a kind; before its first flow starts or is resumed.
  void define(std::string kind, KindOptions options = {});

  // start makes a flow and runs step as its first event. A repeat of (sender, message_id) returns
  // the first flow with the stored answer, kind repeated. Fails with conflict where the repeat has
  // another fingerprint, malformed where a limit is broken, internal for an undefined kind, and
  // with step's and the database's errors.
  base::Result<Handled> start(const NewFlow& flow, const Step& step);
  base::Result<Handled> start_in(sql::Transaction& transaction, const NewFlow& flow,
                                 const Step& step);

  // handle runs step for event in one transaction: expiry first, then the idempotency key, then the
  // expected step. A refusal is a value here, and is committed. Fails with not_found (no such
  // flow), conflict (another fingerprint under the same key), and step's and the database's errors.
  base::Result<Handled> handle(const Event& event, const Step& step);
  // handle_in is handle inside the caller's transaction. The caller must commit a refusal too:
  // an expiry is recorded by it.
  base::Result<Handled> handle_in(sql::Transaction& transaction, const Event& event,
                                  const Step& step);

  // finish ends a flow for an internal reason, once: a flow that has ended stays as it is.
  base::Result<Flow> finish(const std::string& flow_id, Ending ending, base::Bytes payload = {});
  base::Result<Flow> finish_in(sql::Transaction& transaction, const std::string& flow_id,
                               Ending ending, base::Bytes payload = {});

  // expire_due ends up to limit flows whose deadline is over, each in its own transaction. Returns
  // how many.
  base::Result<std::size_t> expire_due(std::size_t limit);
  // find_next_deadline is the earliest deadline of an open flow.
  base::Result<std::optional<base::Time>> find_next_deadline();

  // get reads a flow, ended or not. Fails with not_found. A flow whose deadline is over but not
  // yet recorded is shown as EXPIRED.
  base::Result<Flow> get(const std::string& flow_id);
  base::Result<Flow> get_in(sql::Transaction& transaction, const std::string& flow_id);
  base::Result<std::vector<HistoryEntry>> list_history(const std::string& flow_id);
  // list_open lists the ids of open flows of a kind, oldest first.
  base::Result<std::vector<std::string>> list_open(const std::string& kind, std::size_t limit);

 private:
  base::Result<Handled> run_step(sql::Transaction& transaction, const Event& event,
                                 const Flow& before, const Step& step);
  base::Status end(sql::Transaction& transaction, Flow& flow, base::ByteView payload,
                   const Event& event);
  base::Status expire_if_due(sql::Transaction& transaction, Flow& flow);
  base::Result<std::vector<std::string>> list_due(std::size_t limit);
  std::optional<KindOptions> find_kind(const std::string& kind) const;
  std::vector<std::string> list_kinds() const;

  sql::Database& database_;
  Outbox& outbox_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
  mutable std::mutex mutex_;  // of kinds_
  std::map<std::string, KindOptions> kinds_;
};

}  // namespace heqi::flow
