// heqi/sql/dialect.h: the few places where the two engines differ.
#pragma once
#include <string>
#include <string_view>

#include <heqi/base/result.h>

namespace heqi::sql {

enum class Engine { sqlite, postgresql };

// Dialect turns the common text of a statement into one engine's. Outside quotes and comments it
// replaces ?N by the engine's numbered parameter, and these tokens:
//   {int64} {text} {blob}    column types
//   {sequence_key}           int64 primary key that the engine numbers upwards
//   {strict}                 ends every CREATE TABLE: SQLite keeps column types strictly
//   {for_update}             ends a SELECT whose rows this transaction will write; nothing in a
//   snapshot {skip_locked}            ends the SELECT of a job claim: rows that another node holds
//   are left
class Dialect {
 public:
  explicit constexpr Dialect(Engine engine) : engine_(engine) {}
  constexpr Engine engine() const { return engine_; }

  // Rewritten is the engine's text and the highest parameter number in it.
  struct Rewritten {
    std::string text;
    std::size_t parameters = 0;
  };
  // Locks says whether the transaction may lock rows; a snapshot may not.
  enum class Locks { allowed, left_out };
  // rewrite fails with internal, naming the offset, for an unknown token, a bare '?', or an open
  // quote.
  base::Result<Rewritten> rewrite(std::string_view statement, Locks locks = Locks::allowed) const;

 private:
  Engine engine_;
};

}  // namespace heqi::sql
