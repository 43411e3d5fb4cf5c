// The PostgreSQL engine. The one file that includes libpq-fe.h.
#include <libpq-fe.h>

#include <heqi/base/text.h>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include "connection.h"

namespace heqi::sql {
namespace {

constexpr std::size_t kTextsMax = 512;  // rewritten statements kept by one connection

// Type numbers of pg_type, fixed for ever.
constexpr Oid kBool = 16, kBytea = 17, kName = 19, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25,
              kVarchar = 1043, kVoid = 2278;

constexpr const char* kSession =
    "SET client_encoding = 'UTF8'; SET lock_timeout = '5s';"
    "SET idle_in_transaction_session_timeout = '60s';"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off';"
    // A sequential scan locks the whole table against serialisable writers.
    "SET enable_seqscan = off; SET client_min_messages = 'error'";

struct Finish {
  void operator()(PGconn* handle) const { PQfinish(handle); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using Handle = std::unique_ptr<PGconn, Finish>;
using ResultHandle = std::unique_ptr<PGresult, Finish>;

std::string first_line(const char* message) {
  const std::string_view text = message == nullptr ? "" : message;
  return std::string(base::trim(text.substr(0, text.find('\n'))));
}

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

// constraint_detail names the rule as SQLite does: "unique: table(columns)". The columns are in the
// message's detail, "Key (a, b)=(values) already exists.", in any language.
std::string constraint_detail(const PGresult* result, const std::string& state) {
  const std::string table = field(result, PG_DIAG_TABLE_NAME);
  if (state == "23505") {
    const std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    const std::size_t open = detail.find('('), close = detail.find(")=(");
    if (open != std::string::npos && close != std::string::npos && open < close)
      return "unique: " + table + "(" + detail.substr(open + 1, close - open - 1) + ")";
    return "unique: " + table + "(" + field(result, PG_DIAG_CONSTRAINT_NAME) + ")";
  }
  if (state == "23502")
    return "not null: " + table + "(" + field(result, PG_DIAG_COLUMN_NAME) + ")";
  if (state == "23514") return "check: " + field(result, PG_DIAG_CONSTRAINT_NAME);
  if (state == "23503") return "foreign key";
  return field(result, PG_DIAG_MESSAGE_PRIMARY);
}

std::int64_t read_big_endian(const char* data, int size) {
  std::uint64_t value = 0;
  for (int i = 0; i < size; ++i) value = value << 8 | static_cast<std::uint8_t>(data[i]);
  const unsigned unused = 64 - 8 * static_cast<unsigned>(size);
  return static_cast<std::int64_t>(value << unused) >> unused;
}

// Wire is the parameters as libpq takes them.
struct Wire {
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  std::vector<std::array<char, 8>> numbers;

  explicit Wire(std::span<const Parameter> parameters) {
    numbers.reserve(parameters.size());  // their addresses are kept
    for (const Parameter& parameter : parameters) add(parameter.state());
  }

  void add(const Parameter::State& state) {
    if (const auto* number = std::get_if<std::int64_t>(&state)) {
      auto& octets = numbers.emplace_back();
      for (std::size_t i = 0; i < 8; ++i)
        octets[i] = static_cast<char>(static_cast<std::uint64_t>(*number) >> (56 - 8 * i));
      add(kInt8, octets.data(), octets.size());
    } else if (const auto* text = std::get_if<std::string_view>(&state)) {
      add(kText, text->empty() ? "" : text->data(), text->size());
    } else if (const auto* bytes = std::get_if<base::ByteView>(&state)) {
      add(kBytea, bytes->empty() ? "" : reinterpret_cast<const char*>(bytes->data()),
          bytes->size());
    } else {
      add(0, nullptr, 0);
    }
  }
  void add(Oid type, const char* value, std::size_t length) {
    types.push_back(type);
    values.push_back(value);
    lengths.push_back(static_cast<int>(length));
    formats.push_back(1);  // binary
  }
};

class PostgresConnection final : public Connection {
 public:
  explicit PostgresConnection(const DatabaseOptions& options)
      : Connection(Engine::postgresql), options_(options) {}

  base::Status connect() {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.connect_timeout);
    const std::string timeout = std::to_string(std::max<std::int64_t>(seconds.count(), 2));
    // The later value wins, so the URL may say another time-out.
    const char* names[] = {"connect_timeout", "application_name", "dbname", nullptr};
    const char* values[] = {timeout.c_str(), "heqi", options_.url.c_str(), nullptr};
    handle_.reset(PQconnectdbParams(names, values, 1));
    if (PQstatus(handle_.get()) != CONNECTION_OK) {
      const std::string detail = "connect: " + first_line(PQerrorMessage(handle_.get()));
      handle_.reset();
      return fail(Trouble::statement, base::Code::unavailable, detail);
    }
    PQsetNoticeProcessor(
        handle_.get(), [](void*, const char*) {}, nullptr);
    return command(kSession);
  }

  base::Status begin(Mode mode) override {
    trouble_ = Trouble::none;
    if (handle_ == nullptr || PQstatus(handle_.get()) != CONNECTION_OK) HEQI_TRY(connect());
    locks_ = mode == Mode::snapshot ? Dialect::Locks::left_out : Dialect::Locks::allowed;
    switch (mode) {
      case Mode::write:
        return command("BEGIN ISOLATION LEVEL SERIALIZABLE");
      case Mode::claim:
        return command("BEGIN ISOLATION LEVEL READ COMMITTED");
      case Mode::snapshot:
        break;
    }
    return command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }

  base::Status commit() override {
    if (auto done = command("COMMIT"); !done) {
      if (trouble_ != Trouble::lost) return done;
      // Whether the server has committed cannot be known here: never run it again.
      return fail(Trouble::statement, base::Code::unavailable,
                  "outcome unknown: the connection broke during the commit");
    }
    return {};
  }

  void rollback() override {
    if (handle_ == nullptr) return;
    const Trouble kept = trouble_;
    if (!command("ROLLBACK")) handle_.reset();
    trouble_ = kept;
  }

  base::Result<Answer> run(std::string_view text, std::span<const Parameter> parameters) override {
    trouble_ = Trouble::none;
    auto rewritten = rewrite(text);
    if (!rewritten) {
      trouble_ = Trouble::statement;
      return std::move(rewritten).error();
    }
    if (auto checked = check_parameters(parameters, (*rewritten)->parameters); !checked) {
      trouble_ = Trouble::statement;
      return std::move(checked).error();
    }
    for (const Parameter& parameter : parameters) {
      const auto* bytes = std::get_if<base::ByteView>(&parameter.state());
      if (bytes != nullptr && bytes->size() > std::size_t{1} << 29)
        return fail(Trouble::statement, base::Code::limit_exceeded, "a value of more than 512 MiB");
    }
    const Wire wire(parameters);
    const ResultHandle result(PQexecParams(
        handle_.get(), (*rewritten)->text.c_str(), static_cast<int>(parameters.size()),
        wire.types.data(), wire.values.data(), wire.lengths.data(), wire.formats.data(), 1));
    HEQI_TRY(check(result.get()));
    return read_answer(result.get());
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

  base::Status settle() override { return {}; }
  void abandon() override {}

 private:
  base::Result<const Dialect::Rewritten*> rewrite(std::string_view text) {
    const std::string key(text);
    auto& texts = locks_ == Dialect::Locks::allowed ? texts_ : snapshot_texts_;
    if (const auto found = texts.find(key); found != texts.end()) return &found->second;
    HEQI_TRY(Dialect::Rewritten rewritten, dialect_.rewrite(text, locks_));
    if (texts.size() >= kTextsMax) texts.clear();
    return &texts.emplace(key, std::move(rewritten)).first->second;
  }

  base::Status command(const char* text) {
    const ResultHandle result(PQexec(handle_.get(), text));
    return check(result.get());
  }

  base::Status check(const PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
      return {};
    return error(result);
  }

  base::Error error(const PGresult* result) {
    const std::string state = result == nullptr ? "" : field(result, PG_DIAG_SQLSTATE);
    if (state.empty() || PQstatus(handle_.get()) != CONNECTION_OK || state.starts_with("08") ||
        state.starts_with("57P"))
      return fail(Trouble::lost, base::Code::unavailable,
                  "connection lost: " + first_line(PQerrorMessage(handle_.get())));
    const std::string detail =
        "statement: " + field(result, PG_DIAG_MESSAGE_PRIMARY) + " (" + state + ")";
    if (state == "40001" || state == "40P01" || state == "55P03")
      return fail(Trouble::busy, base::Code::unavailable, detail);
    if (state.starts_with("23"))
      return fail(Trouble::statement, base::Code::conflict, constraint_detail(result, state));
    if (state.starts_with("58") || state.starts_with("XX00"))
      return fail(state == "XX000" ? Trouble::statement : Trouble::disk, base::Code::storage,
                  detail);
    if (state == "53100") return fail(Trouble::statement, base::Code::storage, detail);
    if (state.starts_with("53")) return fail(Trouble::statement, base::Code::unavailable, detail);
    if (state.starts_with("54"))
      return fail(Trouble::statement, base::Code::limit_exceeded, detail);
    return fail(Trouble::statement, base::Code::internal, detail);
  }

  base::Result<Answer> read_answer(const PGresult* result) {
    Answer answer;
    const char* changed = PQcmdTuples(const_cast<PGresult*>(result));
    const int rows = PQntuples(result), columns = PQnfields(result);
    if (PQresultStatus(result) == PGRES_COMMAND_OK || columns == 0)
      answer.changed = std::strtoll(changed, nullptr, 10);
    else if (std::string_view(PQcmdStatus(const_cast<PGresult*>(result))).substr(0, 6) != "SELECT")
      answer.changed = std::strtoll(changed, nullptr, 10);
    if (static_cast<std::size_t>(rows) > kRowsMax)
      return fail(Trouble::statement, base::Code::limit_exceeded,
                  "an answer of more than " + std::to_string(kRowsMax) + " rows");
    answer.rows.reserve(static_cast<std::size_t>(rows));
    for (int row = 0; row < rows; ++row) {
      std::vector<Cell> cells(static_cast<std::size_t>(columns));
      for (int column = 0; column < columns; ++column) {
        HEQI_TRY(read_cell(result, row, column, cells[static_cast<std::size_t>(column)]));
      }
      answer.rows.emplace_back(std::move(cells));
    }
    return answer;
  }

  base::Status read_cell(const PGresult* result, int row, int column, Cell& cell) {
    if (PQgetisnull(result, row, column) != 0) return {};
    const char* data = PQgetvalue(result, row, column);
    const int size = PQgetlength(result, row, column);
    switch (PQftype(result, column)) {
      case kBool:
      case kInt2:
      case kInt4:
      case kInt8:
        cell.emplace<std::int64_t>(read_big_endian(data, size));
        return {};
      case kText:
      case kVarchar:
      case kName:
        cell.emplace<std::string>(data, static_cast<std::size_t>(size));
        return {};
      case kBytea: {
        const auto* octets = reinterpret_cast<const std::uint8_t*>(data);
        cell.emplace<base::Bytes>(octets, octets + size);
        return {};
      }
      case kVoid:
        return {};
      default:
        return fail(Trouble::statement, base::Code::internal,
                    "column " + std::to_string(column) + " has the type " +
                        std::to_string(PQftype(result, column)) + ": CAST it to {int64} or {text}");
    }
  }

  DatabaseOptions options_;
  Handle handle_;
  std::unordered_map<std::string, Dialect::Rewritten> texts_, snapshot_texts_;
  Dialect::Locks locks_ = Dialect::Locks::allowed;
};

}  // namespace

base::Result<std::unique_ptr<Connection>> open_postgresql(const DatabaseOptions& options) {
  auto connection = std::make_unique<PostgresConnection>(options);
  HEQI_TRY(connection->connect());
  return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace heqi::sql
