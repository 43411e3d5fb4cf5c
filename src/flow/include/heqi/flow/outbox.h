// heqi/flow/outbox.h: messages that leave with the transaction that caused them, at least once;
// jobs and timers are messages to oneself.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/log.h>
#include <heqi/base/random.h>
#include <heqi/flow/flow.h>
#include <heqi/sql/database.h>

namespace heqi::flow {

// Outgoing is a message to be put.
struct Outgoing {
  std::string topic{};      // whose handler delivers it
  std::string recipient{};  // for the handler
  base::Bytes payload{};
  std::string flow_id{};     // the flow that it belongs to, or empty
  std::string message_id{};  // unique for ever; a second put of it does nothing. Empty: drawn.
  std::optional<base::Time> due{};  // not before; empty: at once
};

// Message is what a handler gets. The same message may come again (after a crash, or when its
// handler's success could not be recorded): receivers drop repeats by message_id. Order is not
// kept.
struct Message {
  std::int64_t sequence = 0;
  std::string message_id{};
  std::string topic{};
  std::string recipient{};
  std::string flow_id{};
  base::Bytes payload{};
  std::optional<Ending> ending{};  // set where the message tells the end of flow_id
  std::int64_t attempt = 1;        // counts from 1
  base::Time created_at{};
  std::string last_error{};  // of the attempt before, to_line form
};

// Handler delivers one message, outside of any transaction; it may open its own. Success: never
// delivered again. malformed, unsupported, denied: dead at once. Any other error: again later.
using Handler = std::function<base::Status(const Message&)>;

// TopicOptions bounds the delivery of a topic. The wait after attempt n is
// min(wait_first · 2^(n−1), wait_max).
struct TopicOptions {
  int attempts_max = 20;
  base::Duration wait_first = std::chrono::seconds(1);
  base::Duration wait_max = std::chrono::minutes(10);
  base::Duration claim = std::chrono::seconds(60);  // longer than the handler ever takes
};

struct OutboxOptions {
  std::string node = "node-1";  // name of this process among those on the database, stable
  std::size_t batch = 16;       // messages claimed at once
};

// Outbox keeps and delivers messages. Safe to use from many threads.
class Outbox {
 public:
  Outbox(sql::Database& database, const base::Clock& clock, base::Random& random, base::Log& log,
         OutboxOptions options = {});

  // put writes message as part of transaction. Returns its message_id; that of the first where the
  // message_id exists already. Fails with malformed where a limit of flow.h is broken.
  base::Result<std::string> put(sql::Transaction& transaction, const Outgoing& message);
  // put_ending tells party how flow_id ended; one message per flow and party.
  base::Status put_ending(sql::Transaction& transaction, const std::string& flow_id,
                          const Party& party, const Ending& ending, base::ByteView payload);
  // withdraw removes a message that was not delivered yet (a timer that is no longer needed).
  base::Status withdraw(sql::Transaction& transaction, std::string_view message_id);

  // handle names the handler of topic; before the first drain. A message without a handler waits.
  void handle(std::string topic, Handler handler, TopicOptions options = {});

  // drain claims one batch of due messages and delivers them. Returns the number of messages
  // handled, successfully or not: 0 means that nothing is due now. What it has not begun when half
  // of the claim's time is over, or after pause, it gives back untried. Fails with the errors of
  // Database; a handler's failure is not drain's.
  base::Result<std::size_t> drain();

  // pause lets drain, on whatever thread, end after the message at hand; then drain does nothing
  // until resume.
  void pause() { paused_ = true; }
  void resume() { paused_ = false; }

  // release_claims gives back what this node had claimed when it died. Called once at start,
  // before drain.
  base::Status release_claims();

  // find_next_due is the time of the earliest message that waits for a topic with a handler.
  base::Result<std::optional<base::Time>> find_next_due();

  // list_dead shows messages whose attempts are used up, newest first; revive gives them a new
  // round. revive fails with not_found.
  base::Result<std::vector<Message>> list_dead(std::size_t limit);
  base::Status revive(std::string_view message_id);

  // Counts is the present state, for the metrics and the self-check.
  struct Counts {
    std::int64_t waiting = 0, dead = 0, delivered = 0;
  };
  base::Result<Counts> count();

  // purge deletes messages delivered before time. Returns how many.
  base::Result<std::int64_t> purge(base::Time before);

  // on_put sets a hint that is called after a transaction with a message due at once has been
  // committed by this process. The runner uses it.
  void on_put(std::function<void()> hint);

 private:
  struct Topic {
    Handler handler;
    TopicOptions options;
  };
  struct Batch {
    std::vector<Message> messages;
    base::Time deliver_until;
  };
  base::Result<Batch> claim();
  base::Status give_back(const Message& message);
  base::Status deliver(const Message& message, const Topic& topic);
  base::Status record_failure(const Message& message, const Topic& topic, const base::Error& error);
  base::Result<std::string> insert(sql::Transaction& transaction, const Outgoing& message,
                                   const Ending* ending);
  std::optional<Topic> find_topic(const std::string& name) const;
  std::vector<std::pair<std::string, TopicOptions>> list_topics() const;

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
  OutboxOptions options_;
  std::atomic<bool> paused_{false};
  mutable std::mutex mutex_;  // of topics_ and hint_
  std::map<std::string, Topic> topics_;
  std::function<void()> hint_;
};

}  // namespace heqi::flow
