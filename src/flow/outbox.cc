#include <heqi/flow/outbox.h>

#include <heqi/base/error.h>

#include <algorithm>

#include "check_input.h"

namespace heqi::flow {
namespace {

using base::Code;
using sql::Transaction;

constexpr std::string_view kColumns =
    "sequence, message_id, topic, recipient, flow_id, payload, outcome, outcome_code,"
    " outcome_detail, attempts, created_at, last_error";

base::Result<Message> read_message(const sql::Row& row) {
  Message message;
  message.sequence = row.int64(0);
  message.message_id = row.text(1);
  message.topic = row.text(2);
  message.recipient = row.text(3);
  message.flow_id = row.text(4);
  message.payload = row.bytes(5);
  if (!row.is_null(6)) {
    HEQI_TRY(const Outcome outcome, parse_outcome(row.text(6)));
    message.ending = Ending{outcome, row.text(7), row.text(8)};
  }
  message.attempt = row.int64(9);
  message.created_at = row.time(10);
  message.last_error = row.text(11);
  return message;
}

base::Result<std::vector<Message>> read_messages(const std::vector<sql::Row>& rows) {
  std::vector<Message> messages;
  for (const sql::Row& row : rows) {
    HEQI_TRY(Message message, read_message(row));
    messages.push_back(std::move(message));
  }
  return messages;
}

// numbered_list is "?first, ?first+1 …" for count values.
std::string numbered_list(std::size_t first, std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i)
    list += (i == 0 ? "?" : ", ?") + std::to_string(first + i);
  return list;
}

base::Duration wait_after(std::int64_t attempt, const TopicOptions& options) {
  base::Duration wait = options.wait_first;
  for (std::int64_t i = 1; i < attempt && wait < options.wait_max; ++i) wait *= 2;
  return std::min(wait, options.wait_max);
}

bool is_hopeless(Code code) {
  return code == Code::malformed || code == Code::unsupported || code == Code::denied;
}

}  // namespace

Outbox::Outbox(sql::Database& database, const base::Clock& clock, base::Random& random,
               base::Log& log, OutboxOptions options)
    : database_(database),
      clock_(clock),
      random_(random),
      log_(log),
      options_(std::move(options)) {}

base::Result<std::string> Outbox::put(Transaction& transaction, const Outgoing& message) {
  HEQI_TRY(check_optional_name("a message's id", message.message_id));
  return insert(transaction, message, nullptr);
}

base::Status Outbox::put_ending(Transaction& transaction, const std::string& flow_id,
                                const Party& party, const Ending& ending, base::ByteView payload) {
  Outgoing message;
  message.topic = party.topic;
  message.recipient = party.recipient;
  message.payload = base::to_bytes(payload);
  message.flow_id = flow_id;
  message.message_id = "end:" + flow_id + ":" + party.topic + ":" + party.recipient;
  HEQI_TRY(insert(transaction, message, &ending));
  return {};
}

base::Result<std::string> Outbox::insert(Transaction& transaction, const Outgoing& message,
                                         const Ending* ending) {
  HEQI_TRY(check_name("a message's topic", message.topic));
  HEQI_TRY(check_optional_name("a message's recipient", message.recipient));
  HEQI_TRY(check_optional_name("a message's flow", message.flow_id));
  HEQI_TRY(check_data("a message", message.payload));
  std::string message_id = message.message_id;
  if (message_id.empty()) {
    HEQI_TRY(message_id, make_id(random_));
  }
  std::optional<std::string> outcome, code, detail;
  if (ending != nullptr) {
    outcome = std::string(to_text(ending->outcome));
    code = ending->code;
    detail = shortened(ending->detail);
  }
  const base::Time now = clock_.now(), due = message.due.value_or(now);
  HEQI_TRY(const std::int64_t inserted,
           transaction.execute(
               "INSERT INTO flow_outbox (message_id, topic, recipient, flow_id, payload, outcome,"
               " outcome_code, outcome_detail, created_at, due_at, attempts, last_error)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, '')"
               " ON CONFLICT (message_id) DO NOTHING",
               message_id, message.topic, message.recipient, message.flow_id, message.payload,
               outcome, code, detail, now, due));
  if (inserted == 1 && due <= now) {
    const std::scoped_lock lock(mutex_);
    if (hint_) transaction.after_commit(hint_);
  }
  return message_id;
}

base::Status Outbox::withdraw(Transaction& transaction, std::string_view message_id) {
  HEQI_TRY(transaction.execute(
      "DELETE FROM flow_outbox WHERE message_id = ?1 AND delivered_at IS NULL", message_id));
  return {};
}

void Outbox::handle(std::string topic, Handler handler, TopicOptions options) {
  HEQI_CHECK(handler != nullptr && options.attempts_max > 0);
  const std::scoped_lock lock(mutex_);
  topics_[std::move(topic)] = {std::move(handler), options};
}

void Outbox::on_put(std::function<void()> hint) {
  const std::scoped_lock lock(mutex_);
  hint_ = std::move(hint);
}

std::optional<Outbox::Topic> Outbox::find_topic(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = topics_.find(name);
  if (found == topics_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::pair<std::string, TopicOptions>> Outbox::list_topics() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::pair<std::string, TopicOptions>> list;
  for (const auto& [name, topic] : topics_) list.emplace_back(name, topic.options);
  return list;
}

base::Result<Outbox::Batch> Outbox::claim() {
  const auto topics = list_topics();
  if (topics.empty()) return Batch{};
  base::Duration claim_for{0};
  for (const auto& [name, options] : topics) claim_for = std::max(claim_for, options.claim);
  const base::Time now = clock_.now();
  std::vector<sql::Parameter> parameters{now, base::Time(now + claim_for), options_.node,
                                         options_.batch};
  for (const auto& [name, options] : topics) parameters.emplace_back(name);
  const std::string statement =
      "UPDATE flow_outbox SET due_at = ?2, claimed_by = ?3, attempts = attempts + 1"
      " WHERE sequence IN (SELECT sequence FROM flow_outbox WHERE due_at <= ?1"
      " AND delivered_at IS NULL AND dead_at IS NULL AND topic IN (" +
      numbered_list(5, topics.size()) +
      ") ORDER BY due_at, sequence LIMIT ?4 {skip_locked}) RETURNING " + std::string(kColumns);
  return database_.with_claim([&](Transaction& t) -> base::Result<Batch> {
    HEQI_TRY(const auto rows, t.query_list(statement, parameters));
    HEQI_TRY(std::vector<Message> messages, read_messages(rows));
    std::sort(messages.begin(), messages.end(),
              [](const Message& a, const Message& b) { return a.sequence < b.sequence; });
    return Batch{std::move(messages), now + claim_for / 2};
  });
}

base::Result<std::size_t> Outbox::drain() {
  if (paused_) return std::size_t{0};
  HEQI_TRY(const Batch batch, claim());
  base::Status first_error;
  std::size_t handled = 0;
  for (const Message& message : batch.messages) {
    const auto topic = find_topic(message.topic);
    // The first is always tried: something must move however slow the handlers are.
    const bool waits = handled > 0 && (paused_ || clock_.now() >= batch.deliver_until);
    auto done = !topic || waits ? give_back(message) : deliver(message, *topic);
    if (topic && !waits) ++handled;
    if (!done && first_error) first_error = std::move(done);
  }
  if (!first_error) return std::move(first_error).error();
  return handled;
}

base::Status Outbox::give_back(const Message& message) {
  return database_.with_claim([&](Transaction& t) -> base::Status {
    HEQI_TRY(
        t.execute("UPDATE flow_outbox SET due_at = ?3, attempts = attempts - 1,"
                  " claimed_by = NULL WHERE sequence = ?1 AND attempts = ?2"
                  " AND delivered_at IS NULL",
                  message.sequence, message.attempt, clock_.now()));
    return {};
  });
}

base::Status Outbox::deliver(const Message& message, const Topic& topic) {
  // More claims than attempts: this process died in the handler each time.
  auto done = message.attempt > topic.options.attempts_max
                  ? base::Status(base::fail(Code::internal, "no attempt came to an end"))
                  : topic.handler(message);
  if (!done) return record_failure(message, topic, done.error());
  return database_.with_claim([&](Transaction& t) -> base::Status {
    HEQI_TRY(
        t.execute("UPDATE flow_outbox SET delivered_at = ?2, claimed_by = NULL"
                  " WHERE sequence = ?1 AND delivered_at IS NULL",
                  message.sequence, clock_.now()));
    return {};
  });
}

base::Status Outbox::record_failure(const Message& message, const Topic& topic,
                                    const base::Error& error) {
  const bool dies = message.attempt >= topic.options.attempts_max || is_hopeless(error.code);
  const std::string line = shortened(base::to_line(error));
  log_.write(dies ? base::Severity::error : base::Severity::warning,
             dies ? "outbox.dead" : "outbox.failed",
             {{"topic", std::string_view(message.topic)},
              {"message", std::string_view(message.message_id)},
              {"attempt", message.attempt},
              {"error", std::string_view(line)}});
  const base::Time now = clock_.now();
  std::optional<base::Time> dead_at;
  if (dies) dead_at = now;
  return database_.with_claim([&](Transaction& t) -> base::Status {
    // Only while the claim is still ours: another node may have taken it over.
    HEQI_TRY(
        t.execute("UPDATE flow_outbox SET due_at = ?3, dead_at = ?4, last_error = ?5,"
                  " claimed_by = NULL WHERE sequence = ?1 AND attempts = ?2"
                  " AND delivered_at IS NULL",
                  message.sequence, message.attempt,
                  base::Time(now + wait_after(message.attempt, topic.options)), dead_at, line));
    return {};
  });
}

base::Status Outbox::release_claims() {
  return database_.with_claim([&](Transaction& t) -> base::Status {
    HEQI_TRY(
        t.execute("UPDATE flow_outbox SET due_at = ?2, claimed_by = NULL"
                  " WHERE claimed_by = ?1 AND delivered_at IS NULL AND dead_at IS NULL",
                  options_.node, clock_.now()));
    return {};
  });
}

base::Result<std::optional<base::Time>> Outbox::find_next_due() {
  const auto topics = list_topics();
  if (topics.empty()) return std::optional<base::Time>();
  std::vector<sql::Parameter> parameters;
  for (const auto& [name, options] : topics) parameters.emplace_back(name);
  const std::string statement =
      "SELECT MIN(due_at) FROM flow_outbox WHERE delivered_at IS NULL AND dead_at IS NULL"
      " AND topic IN (" +
      numbered_list(1, topics.size()) + ")";
  return database_.with_snapshot([&](Transaction& t) -> base::Result<std::optional<base::Time>> {
    HEQI_TRY(const auto rows, t.query_list(statement, parameters));
    return rows.at(0).optional_time(0);
  });
}

base::Result<std::vector<Message>> Outbox::list_dead(std::size_t limit) {
  return database_.with_snapshot([&](Transaction& t) -> base::Result<std::vector<Message>> {
    HEQI_TRY(const auto rows, t.query("SELECT " + std::string(kColumns) +
                                          " FROM flow_outbox WHERE dead_at IS NOT NULL"
                                          " ORDER BY dead_at DESC, sequence DESC LIMIT ?1",
                                      limit));
    return read_messages(rows);
  });
}

base::Status Outbox::revive(std::string_view message_id) {
  return database_.with_claim([&](Transaction& t) -> base::Status {
    HEQI_TRY(const std::int64_t changed,
             t.execute("UPDATE flow_outbox SET dead_at = NULL, attempts = 0, due_at = ?2"
                       " WHERE message_id = ?1 AND dead_at IS NOT NULL",
                       message_id, clock_.now()));
    if (changed == 0) return base::fail(Code::not_found, "no such dead message");
    return {};
  });
}

base::Result<Outbox::Counts> Outbox::count() {
  return database_.with_snapshot([&](Transaction& t) -> base::Result<Counts> {
    HEQI_TRY(const sql::Row row,
             t.get_row("SELECT COUNT(*), COUNT(dead_at), COUNT(delivered_at) FROM flow_outbox"));
    return Counts{row.int64(0) - row.int64(1) - row.int64(2), row.int64(1), row.int64(2)};
  });
}

base::Result<std::int64_t> Outbox::purge(base::Time before) {
  return database_.with_claim([&](Transaction& t) {
    return t.execute("DELETE FROM flow_outbox WHERE delivered_at < ?1", before);
  });
}

}  // namespace heqi::flow
