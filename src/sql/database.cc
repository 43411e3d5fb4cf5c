#include <heqi/sql/database.h>

#include <heqi/base/text.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "pool.h"
#include "writing.h"

namespace heqi::sql {
namespace {

constexpr int kReconnectsMax = 2;  // of one transaction, before its commit is sent

// pause lets the others finish: 1 ms, doubling to 128 ms, spread by thread so that two do not keep
// meeting.
void pause(int attempt) {
  const auto spread = std::hash<std::thread::id>{}(std::this_thread::get_id()) *
                      static_cast<std::size_t>(attempt) % 1000;
  const auto wait = std::chrono::microseconds((1000 << std::min(attempt, 7)) / 2) *
                    static_cast<std::int64_t>(1000 + spread) / 1000;
  std::this_thread::sleep_for(wait);
}

// Undo rolls back on every way out, unless kept.
class Undo {
 public:
  explicit Undo(Connection& connection) : connection_(&connection) {}
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  ~Undo() {
    if (connection_ != nullptr) connection_->rollback();
  }
  void keep() { connection_ = nullptr; }

 private:
  Connection* connection_;
};

}  // namespace

base::Status check_parameters(std::span<const Parameter> parameters, std::size_t expected) {
  if (parameters.size() != expected)
    return base::fail(base::Code::internal, "statement: " + std::to_string(parameters.size()) +
                                                " parameters for " + std::to_string(expected));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto* text = std::get_if<std::string_view>(&parameters[i].state());
    if (text == nullptr) continue;
    if (text->find('\0') != std::string_view::npos || !base::is_utf8(*text))
      return base::fail(base::Code::malformed,
                        "parameter " + std::to_string(i + 1) + " is not UTF-8 text without NUL");
  }
  return {};
}

// Transaction

base::Error Transaction::lose(base::Error error) {
  lost_ = error;
  return error;
}

base::Result<std::int64_t> Transaction::execute_list(std::string_view statement,
                                                     std::span<const Parameter> parameters) {
  if (lost_) return *lost_;
  auto answer = connection_.run(statement, parameters);
  if (!answer) return lose(std::move(answer).error());
  changed_rows_ += answer->changed;
  return answer->changed;
}

base::Result<std::vector<Row>> Transaction::query_list(std::string_view statement,
                                                       std::span<const Parameter> parameters) {
  if (lost_) return *lost_;
  auto answer = connection_.run(statement, parameters);
  if (!answer) return lose(std::move(answer).error());
  changed_rows_ += answer->changed;
  return std::move(answer->rows);
}

base::Result<std::optional<Row>> Transaction::find_row_list(std::string_view statement,
                                                            std::span<const Parameter> parameters) {
  HEQI_TRY(std::vector<Row> rows, query_list(statement, parameters));
  if (rows.empty()) return std::optional<Row>();
  return std::optional<Row>(std::move(rows.front()));
}

base::Status Transaction::execute_script(std::string_view statements) {
  if (lost_) return *lost_;
  auto done = connection_.run_script(statements);
  if (!done) return lose(std::move(done).error());
  return {};
}

void Transaction::after_commit(std::function<void()> hook) {
  hooks_.push_back(std::move(hook));
}

const Dialect& Transaction::dialect() const {
  return connection_.dialect();
}

// Database

struct Database::State {
  State(DatabaseOptions options_in, Engine engine)
      : options(std::move(options_in)), dialect(engine) {}

  DatabaseOptions options;
  Dialect dialect;
  std::atomic<bool> healthy{true};
  std::unique_ptr<Pool> writers;
  std::unique_ptr<Pool> readers;  // null: the writers read too

  Pool& pool(bool reads) { return reads && readers ? *readers : *writers; }

  void stop_writing(const base::Error& error) {
    if (healthy.exchange(false) && options.log != nullptr)
      options.log->error("sql.writing_stopped", {{"error", std::string_view(error.detail)}});
  }
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}

Database::~Database() {
  if (healthy()) return;
  // The end of SQLite's last connection would write the log into the database.
  for (Pool* pool : {state_->writers.get(), state_->readers.get()})
    if (pool != nullptr) pool->for_each_idle([](Connection& connection) { connection.abandon(); });
}

base::Result<std::unique_ptr<Database>> Database::open(DatabaseOptions options) {
  constexpr std::string_view kSqlite = "sqlite:";
  const std::string url = options.url;
  const bool is_postgresql = url.starts_with("postgres://") || url.starts_with("postgresql://");
  if (!is_postgresql && (!url.starts_with(kSqlite) || url.size() == kSqlite.size()))
    return base::fail(base::Code::malformed,
                      "database URL: neither sqlite:/path nor postgres://… (its start counts)");
  if (options.attempts_max < 1 || options.connections < 1 || options.readers < 1)
    return base::fail(base::Code::malformed, "database options: a number below 1");

  auto state = std::make_unique<State>(std::move(options),
                                       is_postgresql ? Engine::postgresql : Engine::sqlite);
  State* const s = state.get();
  if (is_postgresql) {
    s->writers =
        std::make_unique<Pool>(s->options.connections, [s] { return open_postgresql(s->options); });
  } else {
    const std::string path = url.substr(kSqlite.size());
    s->writers = std::make_unique<Pool>(
        1, [s, path] { return open_sqlite(path, Access::write, s->options); });
    s->readers = std::make_unique<Pool>(
        s->options.readers, [s, path] { return open_sqlite(path, Access::read, s->options); });
  }
  // The first connection shows at once whether the URL is any good.
  HEQI_TRY(s->writers->borrow());
  return std::unique_ptr<Database>(new Database(std::move(state)));
}

const Dialect& Database::dialect() const {
  return state_->dialect;
}

bool Database::healthy() const {
  return state_->healthy.load();
}

base::Status Database::run_once(Kind kind, Connection& connection,
                                const std::function<base::Status(Transaction&)>& function) {
  const auto mode = kind == Kind::write   ? Connection::Mode::write
                    : kind == Kind::claim ? Connection::Mode::claim
                                          : Connection::Mode::snapshot;
  HEQI_TRY(connection.begin(mode));
  Undo undo(connection);
  Transaction transaction(connection);
  auto done = function(transaction);
  if (transaction.lost_) return std::move(*transaction.lost_);
  if (!done) return done;
  HEQI_TRY(connection.commit());
  undo.keep();
  for (const auto& hook : transaction.hooks_) hook();
  return {};
}

base::Status Database::run_erased(Kind kind,
                                  const std::function<base::Status(Transaction&)>& function) {
  const bool writes = kind != Kind::snapshot;
  std::optional<Writing> writing;
  if (writes) writing.emplace(this);
  HEQI_TRY(Pool::Lease connection, state_->pool(!writes).borrow());

  int reconnects = 0;
  for (int attempt = 1;; ++attempt) {
    if (writes && !healthy())
      return base::fail(base::Code::storage, "an earlier write failed; start the process anew");
    auto done = run_once(kind, *connection, function);
    if (done) {
      if (auto settled = connection->settle(); !settled) state_->stop_writing(settled.error());
      return done;
    }
    const Trouble trouble = connection->trouble();
    if (trouble == Trouble::disk) state_->stop_writing(done.error());
    const bool again =
        trouble == Trouble::busy || (trouble == Trouble::lost && ++reconnects <= kReconnectsMax);
    if (!again) return done;
    if (attempt >= state_->options.attempts_max) {
      if (state_->options.log != nullptr)
        state_->options.log->warning("sql.given_up", {{"attempts", std::int64_t{attempt}}});
      return done;
    }
    pause(attempt);
  }
}

}  // namespace heqi::sql
