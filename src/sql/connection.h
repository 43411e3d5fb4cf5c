// sql/connection.h: what Database asks of an engine. One connection is used by one thread at a
// time.
#pragma once
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <heqi/base/result.h>
#include <heqi/sql/database.h>

namespace heqi::sql {

// Trouble is what the last failure means for the transaction and for the database.
enum class Trouble {
  none,       // nothing failed
  statement,  // the statement's own fault
  busy,       // another transaction was in the way: run this one again
  lost,       // the connection is gone
  disk,       // a write or flush failed: no more writes
};

struct Answer {
  std::vector<Row> rows;
  std::int64_t changed = 0;
};

class Connection {
 public:
  enum class Mode { write, claim, snapshot };

  virtual ~Connection() = default;

  virtual base::Status begin(Mode mode) = 0;
  virtual base::Status commit() = 0;
  virtual void rollback() = 0;
  virtual base::Result<Answer> run(std::string_view statement,
                                   std::span<const Parameter> parameters) = 0;
  virtual base::Status run_script(std::string_view statements) = 0;
  // settle is what may be done when nobody waits: SQLite's checkpoint. Called after a commit.
  virtual base::Status settle() = 0;
  // abandon makes the end of this connection write nothing more.
  virtual void abandon() = 0;

  const Dialect& dialect() const { return dialect_; }
  Trouble trouble() const { return trouble_; }

 protected:
  explicit Connection(Engine engine) : dialect_(engine) {}
  base::Error fail(Trouble trouble, base::Code code, std::string detail) {
    trouble_ = trouble;
    return base::fail(code, std::move(detail));
  }

  Dialect dialect_;
  Trouble trouble_ = Trouble::none;
};

// check_parameters fails with malformed where a text is not UTF-8 or has a NUL, which PostgreSQL
// does not keep, and internal where there are more or fewer parameters than the statement names.
base::Status check_parameters(std::span<const Parameter> parameters, std::size_t expected);

enum class Access { write, read };
base::Result<std::unique_ptr<Connection>> open_sqlite(const std::string& path, Access access,
                                                      const DatabaseOptions& options);
base::Result<std::unique_ptr<Connection>> open_postgresql(const DatabaseOptions& options);

}  // namespace heqi::sql
