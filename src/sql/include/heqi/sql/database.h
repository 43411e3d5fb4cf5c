// heqi/sql/database.h: connections and transactions on SQLite and PostgreSQL.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/log.h>
#include <heqi/base/result.h>
#include <heqi/sql/dialect.h>
#include <heqi/sql/value.h>

namespace heqi::sql {

class Connection;  // internal: one connection of one engine

inline constexpr std::size_t kRowsMax = 100'000;  // of one answer; more is limit_exceeded

// DatabaseOptions says where the data is and how hard to try.
struct DatabaseOptions {
  // "sqlite:/path/file.db" (made, mode 0600, if it is not there) or a libpq URL
  // "postgres://user@host/database?…" (a Unix socket: "postgres:///name?host=/folder").
  std::string url{};
  std::size_t readers = 4;      // SQLite: reading connections beside the one writer
  std::size_t connections = 8;  // PostgreSQL: connections of the pool
  int attempts_max = 12;        // of one transaction, on busy or serialisation failure
  base::Duration busy_timeout = std::chrono::seconds(5);     // SQLite: another process writes
  base::Duration connect_timeout = std::chrono::seconds(5);  // PostgreSQL, whole seconds
  int checkpoint_pages = 1000;  // SQLite: the log is moved into the database when it has as many
  base::Log* log = nullptr;     // reconnects, retries given up, the end of writing; may be null
};

// Transaction is what with_transaction hands to its function; it ends with that function.
//
// After a statement has failed the transaction is lost: later statements return the same error and
// the commit turns into a rollback, on both engines. So ask for a duplicate with
// "INSERT … ON CONFLICT DO NOTHING" and look at the number of rows, not at the error.
//
// Errors of all statements: conflict (a unique, foreign key, check or not-null rule; the detail
// names "unique: table(columns)"), storage (the disk failed; see Database::healthy), unavailable
// (no connection, or too busy), internal (a statement that the engine does not take).
class Transaction {
 public:
  // execute runs one statement and returns the number of rows inserted, updated or deleted.
  // Parameters are ?1, ?2 … in the order given.
  template <class... Parameters>
  base::Result<std::int64_t> execute(std::string_view statement, const Parameters&... parameters) {
    const std::array<Parameter, sizeof...(Parameters)> list{Parameter(parameters)...};
    return execute_list(statement, list);
  }
  // query returns all rows. Fails with limit_exceeded beyond kRowsMax.
  template <class... Parameters>
  base::Result<std::vector<Row>> query(std::string_view statement,
                                       const Parameters&... parameters) {
    const std::array<Parameter, sizeof...(Parameters)> list{Parameter(parameters)...};
    return query_list(statement, list);
  }
  // find_row returns the first row, or nothing.
  template <class... Parameters>
  base::Result<std::optional<Row>> find_row(std::string_view statement,
                                            const Parameters&... parameters) {
    const std::array<Parameter, sizeof...(Parameters)> list{Parameter(parameters)...};
    return find_row_list(statement, list);
  }
  // get_row returns the first row. Fails with not_found where there is none; that does not lose
  // the transaction.
  template <class... Parameters>
  base::Result<Row> get_row(std::string_view statement, const Parameters&... parameters) {
    HEQI_TRY(std::optional<Row> row, find_row(statement, parameters...));
    if (!row) return base::fail(base::Code::not_found);
    return std::move(*row);
  }

  // The same for lists that are known at run time only.
  base::Result<std::int64_t> execute_list(std::string_view statement,
                                          std::span<const Parameter> parameters);
  base::Result<std::vector<Row>> query_list(std::string_view statement,
                                            std::span<const Parameter> parameters);
  base::Result<std::optional<Row>> find_row_list(std::string_view statement,
                                                 std::span<const Parameter> parameters);

  // execute_script runs several statements separated by ';', without parameters (migrations).
  base::Status execute_script(std::string_view statements);

  // changed_rows is how many rows all statements so far have inserted, updated or deleted.
  std::int64_t changed_rows() const { return changed_rows_; }

  // after_commit calls hook once when this transaction is durable, on the committing thread, and
  // not at all when it is rolled back. For wake-up hints; a hook must not use the database.
  void after_commit(std::function<void()> hook);

  const Dialect& dialect() const;

  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

 private:
  friend class Database;
  explicit Transaction(Connection& connection) : connection_(connection) {}
  base::Error lose(base::Error error);

  Connection& connection_;
  std::optional<base::Error> lost_;
  std::int64_t changed_rows_ = 0;
  std::vector<std::function<void()>> hooks_;
};

// Database is the store of one program. Safe to use from many threads.
class Database {
 public:
  // open connects (and for SQLite makes the file and sets WAL, synchronous=FULL, foreign_keys).
  // Fails with malformed (the URL), unavailable (no server), storage (no such file, not a
  // database, not writable).
  static base::Result<std::unique_ptr<Database>> open(DatabaseOptions options);
  ~Database();

  // with_transaction runs function(Transaction&) -> Result<T> and commits if it succeeds, rolls
  // back if it fails. SQLite: BEGIN IMMEDIATE on the one writer; PostgreSQL: SERIALIZABLE. Runs
  // function again from the start, up to attempts_max times, when the engine reports busy, a
  // serialisation failure, or a connection lost before the commit was sent: so function must have
  // no effect outside the transaction (use after_commit). Must not be nested on one database. Fails
  // with function's error, or storage, conflict, unavailable. unavailable with the detail "outcome
  // unknown" means the connection broke during the commit itself: ask again, with the same
  // idempotency key.
  template <class Function>
  std::invoke_result_t<Function, Transaction&> with_transaction(Function&& function) {
    return run(Kind::write, function);
  }
  // with_claim is with_transaction at READ COMMITTED: for job claims with {skip_locked}, and for
  // locks that must see what others have just committed.
  template <class Function>
  std::invoke_result_t<Function, Transaction&> with_claim(Function&& function) {
    return run(Kind::claim, function);
  }
  // with_snapshot runs function on one consistent state of the data; writing fails. Never waits for
  // writers. Goes on working after the database refuses writes.
  template <class Function>
  std::invoke_result_t<Function, Transaction&> with_snapshot(Function&& function) {
    return run(Kind::snapshot, function);
  }

  const Dialect& dialect() const;

  // healthy is false after a write or flush to the disk has failed. From then on every write is
  // refused with storage and never tried again: what the system has kept of the pages is not known,
  // so the process must be started anew and recover from the log.
  bool healthy() const;

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

 private:
  enum class Kind { write, claim, snapshot };
  struct State;

  explicit Database(std::unique_ptr<State> state);
  base::Status run_erased(Kind kind, const std::function<base::Status(Transaction&)>& function);
  base::Status run_once(Kind kind, Connection& connection,
                        const std::function<base::Status(Transaction&)>& function);

  template <class Function>
  std::invoke_result_t<Function, Transaction&> run(Kind kind, Function& function) {
    using Answer = std::invoke_result_t<Function, Transaction&>;
    if constexpr (std::is_same_v<Answer, base::Status>) {
      return run_erased(kind, [&](Transaction& transaction) { return function(transaction); });
    } else {
      std::optional<typename Answer::value_type> value;
      const auto keep = [&](Transaction& transaction) -> base::Status {
        HEQI_TRY(auto got, function(transaction));
        value.emplace(std::move(got));
        return {};
      };
      HEQI_TRY(run_erased(kind, keep));
      return std::move(*value);
    }
  }

  std::unique_ptr<State> state_;
};

}  // namespace heqi::sql
