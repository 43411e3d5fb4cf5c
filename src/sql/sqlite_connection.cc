// The SQLite engine. The one file that includes sqlite3.h besides the crash shim.
#include <sqlite3.h>

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>

#include <unordered_map>
#include "connection.h"

#ifdef HEQI_FAULT_HOOKS
#include <heqi/sql/faults.h>
#endif

namespace heqi::sql {
namespace {

constexpr std::size_t kStatementsMax = 512;  // prepared statements kept by one connection

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

// columns_of turns "t.a, t.b" into "t(a, b)".
std::string columns_of(std::string_view list) {
  const std::size_t dot = list.find('.');
  if (dot == std::string_view::npos) return std::string(list);
  const std::string table(list.substr(0, dot));
  std::string columns;
  for (std::string_view part : base::split(list, ',')) {
    part = base::trim(part);
    if (!columns.empty()) columns += ", ";
    columns += part.substr(std::min(part.find('.') + 1, part.size()));
  }
  return table + "(" + columns + ")";
}

std::string constraint_detail(int code, std::string_view message) {
  const std::size_t colon = message.find(": ");
  const std::string_view subject =
      colon == std::string_view::npos ? std::string_view{} : message.substr(colon + 2);
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return "unique: " + columns_of(subject);
    case SQLITE_CONSTRAINT_NOTNULL:
      return "not null: " + columns_of(subject);
    case SQLITE_CONSTRAINT_CHECK:
      return "check: " + std::string(subject);
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return "foreign key";
    default:
      return std::string(message);
  }
}

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(Handle handle, Access access, int checkpoint_pages)
      : Connection(Engine::sqlite),
        handle_(std::move(handle)),
        access_(access),
        checkpoint_pages_(checkpoint_pages) {}

  // watch_log counts the log's pages. After PRAGMA wal_autocheckpoint, which takes the same hook.
  void watch_log() { sqlite3_wal_hook(handle_.get(), &SqliteConnection::on_wal, this); }

  base::Status begin(Mode mode) override {
    trouble_ = Trouble::none;
    auto begun = step_kept(mode == Mode::snapshot ? "BEGIN DEFERRED" : "BEGIN IMMEDIATE");
    // The busy time-out has been waited for already.
    if (!begun && trouble_ == Trouble::busy) trouble_ = Trouble::statement;
    return begun;
  }
  base::Status commit() override { return step_kept("COMMIT"); }
  void rollback() override {
    // After a failed write SQLite may have rolled back by itself.
    if (sqlite3_get_autocommit(handle_.get()) == 0)
      sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }

  base::Result<Answer> run(std::string_view text, std::span<const Parameter> parameters) override {
    trouble_ = Trouble::none;
    HEQI_TRY(const Prepared* prepared, prepare(text));
    if (auto checked = check_parameters(parameters, prepared->parameters); !checked) {
      trouble_ = Trouble::statement;
      return std::move(checked).error();
    }
    sqlite3_stmt* statement = prepared->statement.get();
    auto answer = bind_and_step(statement, parameters);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return answer;
  }

  base::Status run_script(std::string_view statements) override {
    trouble_ = Trouble::none;
    auto rewritten = dialect_.rewrite(statements);
    if (!rewritten) {
      trouble_ = Trouble::statement;
      return std::move(rewritten).error();
    }
    return command(rewritten->text.c_str());
  }

  base::Status settle() override {
    if (frames_ < checkpoint_pages_) return {};
    frames_ = 0;
    const int code = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                               nullptr, nullptr);
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return {};
    return error("checkpoint");
  }

  void abandon() override {
    sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }

  base::Status command(const char* text) {
    if (sqlite3_exec(handle_.get(), text, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
    return error("statement");
  }

  // step_kept is command for what is said in every transaction: it is parsed once.
  base::Status step_kept(std::string_view text) {
    HEQI_TRY(const Prepared* prepared, prepare(text));
    const int code = sqlite3_step(prepared->statement.get());
    if (code == SQLITE_DONE) {
      sqlite3_reset(prepared->statement.get());
      return {};
    }
    base::Error failed = error("statement");
    sqlite3_reset(prepared->statement.get());
    return failed;
  }

 private:
  struct Prepared {
    Statement statement;
    std::size_t parameters;
  };
  // TextHash lets statements be found without a copy of their text.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  static int on_wal(void* self, sqlite3*, const char*, int frames) {
    static_cast<SqliteConnection*>(self)->frames_ = frames;
    return SQLITE_OK;
  }

  base::Result<const Prepared*> prepare(std::string_view text) {
    if (const auto found = statements_.find(text); found != statements_.end())
      return &found->second;
    auto rewritten = dialect_.rewrite(text);
    if (!rewritten) {
      trouble_ = Trouble::statement;
      return std::move(rewritten).error();
    }
    if (statements_.size() >= kStatementsMax) statements_.clear();
    sqlite3_stmt* raw = nullptr;
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v3(handle_.get(), rewritten->text.c_str(),
                                        static_cast<int>(rewritten->text.size() + 1),
                                        SQLITE_PREPARE_PERSISTENT, &raw, &tail);
    Statement statement(raw);
    if (code != SQLITE_OK) return error("prepare");
    if (raw == nullptr || !base::trim(tail).empty())
      return fail(Trouble::statement, base::Code::internal, "prepare: not exactly one statement");
    const auto placed = statements_.emplace(std::string(text),
                                            Prepared{std::move(statement), rewritten->parameters});
    return &placed.first->second;
  }

  int bind(sqlite3_stmt* statement, int at, const Parameter& parameter) {
    const auto& state = parameter.state();
    if (const auto* number = std::get_if<std::int64_t>(&state))
      return sqlite3_bind_int64(statement, at, *number);
    // A view that is empty may have no address, which SQLite would take for NULL.
    if (const auto* text = std::get_if<std::string_view>(&state))
      return sqlite3_bind_text64(statement, at, text->empty() ? "" : text->data(), text->size(),
                                 SQLITE_STATIC, SQLITE_UTF8);
    if (const auto* bytes = std::get_if<base::ByteView>(&state))
      return bytes->empty()
                 ? sqlite3_bind_zeroblob(statement, at, 0)
                 : sqlite3_bind_blob64(statement, at, bytes->data(), bytes->size(), SQLITE_STATIC);
    return sqlite3_bind_null(statement, at);
  }

  base::Result<Answer> bind_and_step(sqlite3_stmt* statement,
                                     std::span<const Parameter> parameters) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (bind(statement, static_cast<int>(i + 1), parameters[i]) != SQLITE_OK)
        return error("parameter");
    }
    const std::int64_t before = sqlite3_total_changes64(handle_.get());
    Answer answer;
    for (;;) {
      const int code = sqlite3_step(statement);
      if (code == SQLITE_DONE) break;
      if (code != SQLITE_ROW) return error("statement");
      if (answer.rows.size() == kRowsMax)
        return fail(Trouble::statement, base::Code::limit_exceeded,
                    "an answer of more than " + std::to_string(kRowsMax) + " rows");
      answer.rows.push_back(read_row(statement));
    }
    if (sqlite3_total_changes64(handle_.get()) != before)
      answer.changed = sqlite3_changes64(handle_.get());
    return answer;
  }

  static Row read_row(sqlite3_stmt* statement) {
    const int count = sqlite3_column_count(statement);
    std::vector<Cell> cells(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      Cell& cell = cells[static_cast<std::size_t>(i)];
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
      switch (sqlite3_column_type(statement, i)) {
        case SQLITE_INTEGER:
          cell.emplace<std::int64_t>(sqlite3_column_int64(statement, i));
          break;
        case SQLITE_TEXT:
          cell.emplace<std::string>(
              reinterpret_cast<const char*>(sqlite3_column_text(statement, i)), size);
          break;
        case SQLITE_BLOB: {
          const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, i));
          cell.emplace<base::Bytes>(data, data + size);
          break;
        }
        default:
          break;  // NULL; floating point does not exist in our schemas
      }
    }
    return Row(std::move(cells));
  }

  base::Error error(std::string_view what) {
    const int code = sqlite3_extended_errcode(handle_.get());
    const std::string message = sqlite3_errmsg(handle_.get());
    std::string detail = std::string(what) + ": " + message;
    switch (code & 0xff) {
      case SQLITE_CONSTRAINT:
        if (code == SQLITE_CONSTRAINT_DATATYPE) break;
        return fail(Trouble::statement, base::Code::conflict, constraint_detail(code, message));
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return fail(Trouble::busy, base::Code::unavailable, std::move(detail));
      case SQLITE_IOERR:
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
        return fail(Trouble::disk, base::Code::storage, detail + " (" + std::to_string(code) + ")");
      case SQLITE_READONLY:
        if (access_ == Access::read) break;
        [[fallthrough]];
      case SQLITE_FULL:
      case SQLITE_CANTOPEN:
      case SQLITE_PERM:
        return fail(Trouble::statement, base::Code::storage, std::move(detail));
      case SQLITE_NOMEM:
        return fail(Trouble::statement, base::Code::unavailable, std::move(detail));
      case SQLITE_TOOBIG:
        return fail(Trouble::statement, base::Code::limit_exceeded, std::move(detail));
      default:
        break;
    }
    return fail(Trouble::statement, base::Code::internal,
                detail + " (" + std::to_string(code) + ")");
  }

  Handle handle_;  // before the statements, which end first
  Access access_;
  int checkpoint_pages_;
  std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>> statements_;
  int frames_ = 0;
};

// make_file makes an empty database file that only this user can read, if there is none. SQLite
// gives the log the mode of the database.
base::Status make_file(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  HEQI_TRY(auto store, base::open_folder(folder));
  auto made = store->create(name, {});
  if (!made && made.error().code != base::Code::conflict) return made;
  return {};
}

}  // namespace

base::Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path, Access access,
                                                      const DatabaseOptions& options) {
#ifdef HEQI_FAULT_HOOKS
  HEQI_TRY(faults::install());
#endif
  if (access == Access::write) HEQI_TRY(make_file(path));
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Handle handle(raw);
  if (code != SQLITE_OK)
    return base::fail(base::Code::storage, "open " + path + ": " + sqlite3_errstr(code));
  sqlite3_extended_result_codes(raw, 1);
  const auto busy_ms = std::chrono::duration_cast<std::chrono::milliseconds>(options.busy_timeout);
  sqlite3_busy_timeout(raw, static_cast<int>(busy_ms.count()));
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);

  auto connection =
      std::make_unique<SqliteConnection>(std::move(handle), access, options.checkpoint_pages);
  // The log's checkpoint is ours (settle), because SQLite's own hides a failed flush.
  HEQI_TRY(
      connection->command("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                          "PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0"));
  connection->watch_log();
  if (access == Access::read) HEQI_TRY(connection->command("PRAGMA query_only = ON"));
  return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace heqi::sql
