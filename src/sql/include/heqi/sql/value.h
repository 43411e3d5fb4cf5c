// heqi/sql/value.h: what goes into a statement and what comes out of it.
#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>

namespace heqi::sql {

// Parameter is one value for a statement: NULL, int64, text or bytes. It views its source, which
// must live until the call returns; temporaries in the call's argument list do.
class Parameter {
 public:
  using State = std::variant<std::monostate, std::int64_t, std::string_view, base::ByteView>;

  Parameter(std::nullptr_t) {}
  Parameter(std::nullopt_t) {}
  template <std::integral T>
  Parameter(T number) : state_(static_cast<std::int64_t>(number)) {}
  Parameter(std::string_view text) : state_(text) {}
  Parameter(const char* text) : state_(std::string_view(text)) {}
  Parameter(const std::string& text) : state_(std::string_view(text)) {}
  Parameter(base::ByteView bytes) : state_(bytes) {}
  Parameter(const base::Bytes& bytes) : state_(base::ByteView(bytes)) {}
  Parameter(base::Time time) : state_(base::micros(time)) {}  // µs since 1970, UTC
  template <class T>
  Parameter(const std::optional<T>& value) {
    if (value) state_ = Parameter(*value).state_;
  }

  const State& state() const { return state_; }

 private:
  State state_;
};

// Cell is one value of a row that owns its content.
using Cell = std::variant<std::monostate, std::int64_t, std::string, base::Bytes>;

// Row is one row of an answer. Columns count from 0. The statement and the schema are both of this
// program, and the engine keeps the types (STRICT tables), so asking for another type than the
// column has, or for a value where it is NULL, is a programmer's error and aborts.
class Row {
 public:
  explicit Row(std::vector<Cell> cells) : cells_(std::move(cells)) {}

  std::size_t size() const { return cells_.size(); }
  bool is_null(std::size_t column) const;

  std::int64_t int64(std::size_t column) const;
  const std::string& text(std::size_t column) const;
  const base::Bytes& bytes(std::size_t column) const;
  base::Time time(std::size_t column) const;  // of an int64 column in µs

  // The optional forms are empty where the column is NULL.
  std::optional<std::int64_t> optional_int64(std::size_t column) const;
  std::optional<std::string> optional_text(std::size_t column) const;
  std::optional<base::Bytes> optional_bytes(std::size_t column) const;
  std::optional<base::Time> optional_time(std::size_t column) const;

 private:
  const Cell& cell(std::size_t column) const;

  std::vector<Cell> cells_;
};

}  // namespace heqi::sql
