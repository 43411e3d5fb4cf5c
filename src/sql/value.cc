#include <heqi/sql/value.h>

#include <heqi/base/result.h>

namespace heqi::sql {

const Cell& Row::cell(std::size_t column) const {
  HEQI_CHECK(column < cells_.size());
  return cells_[column];
}

bool Row::is_null(std::size_t column) const {
  return std::holds_alternative<std::monostate>(cell(column));
}

std::int64_t Row::int64(std::size_t column) const {
  const auto* value = std::get_if<std::int64_t>(&cell(column));
  HEQI_CHECK(value != nullptr && "the column is an int64 and not NULL");
  return *value;
}

const std::string& Row::text(std::size_t column) const {
  const auto* value = std::get_if<std::string>(&cell(column));
  HEQI_CHECK(value != nullptr && "the column is text and not NULL");
  return *value;
}

const base::Bytes& Row::bytes(std::size_t column) const {
  const auto* value = std::get_if<base::Bytes>(&cell(column));
  HEQI_CHECK(value != nullptr && "the column is a blob and not NULL");
  return *value;
}

base::Time Row::time(std::size_t column) const {
  return base::time_from_micros(int64(column));
}

std::optional<std::int64_t> Row::optional_int64(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return int64(column);
}

std::optional<std::string> Row::optional_text(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

std::optional<base::Bytes> Row::optional_bytes(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return bytes(column);
}

std::optional<base::Time> Row::optional_time(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

}  // namespace heqi::sql
