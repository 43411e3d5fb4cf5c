#include <heqi/base/text.h>
#include <heqi/http/json.h>

namespace heqi::http {
namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

std::string indexed(std::string_view name, std::size_t index) {
  return std::string(name) + "[" + std::to_string(index) + "]";
}

}  // namespace

Result<JsonReader> JsonReader::open(const Json& value, std::string path) {
  if (value.object() == nullptr) return fail(Code::malformed, path + ": expected an object");
  return JsonReader(*value.object(), std::move(path));
}

base::Error JsonReader::refuse(std::string_view name, std::string_view what) const {
  return fail(Code::malformed, path_ + "." + std::string(name) + ": " + std::string(what));
}

const Json* JsonReader::take(std::string_view name) {
  taken_.emplace(name);
  for (const auto& [key, value] : *object_)
    if (key == name) return value.is_null() ? nullptr : &value;
  return nullptr;
}

Result<const Json*> JsonReader::require(std::string_view name) {
  const Json* value = take(name);
  if (value == nullptr) return refuse(name, "is missing");
  return value;
}

Result<std::string> JsonReader::text_of(const Json& value, std::string_view name,
                                        TextLimits limits) {
  const std::string* text = value.text();
  if (text == nullptr) return refuse(name, "expected a text");
  if (text->size() < limits.size_min || text->size() > limits.size_max)
    return refuse(name, "expected " + std::to_string(limits.size_min) + " to " +
                            std::to_string(limits.size_max) + " octets of text");
  return *text;
}

Result<std::string> JsonReader::required_text(std::string_view name, TextLimits limits) {
  HEQI_TRY(const Json* value, require(name));
  return text_of(*value, name, limits);
}

Result<std::optional<std::string>> JsonReader::optional_text(std::string_view name,
                                                             TextLimits limits) {
  const Json* value = take(name);
  if (value == nullptr) return std::optional<std::string>();
  HEQI_TRY(std::string text, text_of(*value, name, limits));
  return std::optional(std::move(text));
}

Result<std::int64_t> JsonReader::required_integer(std::string_view name, IntegerLimits limits) {
  HEQI_TRY(const Json* value, require(name));
  const std::int64_t* number = value->integer();
  if (number == nullptr || *number < limits.min || *number > limits.max)
    return refuse(name, "expected an integer in " + std::to_string(limits.min) + "…" +
                            std::to_string(limits.max));
  return *number;
}

Result<std::optional<std::int64_t>> JsonReader::optional_integer(std::string_view name,
                                                                 IntegerLimits limits) {
  if (take(name) == nullptr) return std::optional<std::int64_t>();
  HEQI_TRY(const std::int64_t value, required_integer(name, limits));
  return std::optional(value);
}

Result<bool> JsonReader::required_boolean(std::string_view name) {
  HEQI_TRY(const Json* value, require(name));
  if (value->boolean() == nullptr) return refuse(name, "expected true or false");
  return *value->boolean();
}

Result<std::optional<bool>> JsonReader::optional_boolean(std::string_view name) {
  if (take(name) == nullptr) return std::optional<bool>();
  HEQI_TRY(const bool value, required_boolean(name));
  return std::optional(value);
}

Result<base::Bytes> JsonReader::required_base64(std::string_view name, std::size_t size_max) {
  HEQI_TRY(const std::string text,
           required_text(name, {.size_min = 0, .size_max = (size_max + 2) / 3 * 4}));
  auto bytes = base::parse_base64(text);
  if (!bytes) return refuse(name, bytes.error().detail);
  if (bytes->size() > size_max)
    return refuse(name, "expected at most " + std::to_string(size_max) + " octets");
  return bytes;
}

Result<std::optional<base::Bytes>> JsonReader::optional_base64(std::string_view name,
                                                               std::size_t size_max) {
  if (take(name) == nullptr) return std::optional<base::Bytes>();
  HEQI_TRY(base::Bytes bytes, required_base64(name, size_max));
  return std::optional(std::move(bytes));
}

Result<base::Time> JsonReader::required_time(std::string_view name) {
  HEQI_TRY(const std::string text, required_text(name, {.size_min = 1, .size_max = 64}));
  auto time = base::parse_rfc3339(text);
  if (!time) return refuse(name, "expected an RFC 3339 time");
  return time;
}

Result<std::optional<base::Time>> JsonReader::optional_time(std::string_view name) {
  if (take(name) == nullptr) return std::optional<base::Time>();
  HEQI_TRY(const base::Time time, required_time(name));
  return std::optional(time);
}

Result<JsonReader> JsonReader::required_object(std::string_view name) {
  HEQI_TRY(const Json* value, require(name));
  return open(*value, path_ + "." + std::string(name));
}

Result<std::optional<JsonReader>> JsonReader::optional_object(std::string_view name) {
  if (take(name) == nullptr) return std::optional<JsonReader>();
  HEQI_TRY(JsonReader reader, required_object(name));
  return std::optional(std::move(reader));
}

Result<std::vector<JsonReader>> JsonReader::required_objects(std::string_view name,
                                                             std::size_t count_max) {
  HEQI_TRY(const Json* value, require(name));
  const JsonArray* array = value->array();
  if (array == nullptr) return refuse(name, "expected an array");
  if (array->size() > count_max)
    return refuse(name, "expected at most " + std::to_string(count_max) + " entries");
  std::vector<JsonReader> readers;
  for (std::size_t i = 0; i < array->size(); ++i) {
    HEQI_TRY(JsonReader reader, open((*array)[i], path_ + "." + indexed(name, i)));
    readers.push_back(std::move(reader));
  }
  return readers;
}

Result<std::vector<JsonReader>> JsonReader::optional_objects(std::string_view name,
                                                             std::size_t count_max) {
  if (take(name) == nullptr) return std::vector<JsonReader>();
  return required_objects(name, count_max);
}

Result<std::vector<std::string>> JsonReader::required_texts(std::string_view name,
                                                            std::size_t count_max,
                                                            TextLimits limits) {
  HEQI_TRY(const Json* value, require(name));
  const JsonArray* array = value->array();
  if (array == nullptr) return refuse(name, "expected an array");
  if (array->size() > count_max)
    return refuse(name, "expected at most " + std::to_string(count_max) + " entries");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < array->size(); ++i) {
    HEQI_TRY(std::string text, text_of((*array)[i], indexed(name, i), limits));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<std::vector<std::string>> JsonReader::optional_texts(std::string_view name,
                                                            std::size_t count_max,
                                                            TextLimits limits) {
  if (take(name) == nullptr) return std::vector<std::string>();
  return required_texts(name, count_max, limits);
}

Status JsonReader::finish() const {
  for (const auto& [key, value] : *object_)
    if (taken_.find(key) == taken_.end()) return refuse(key, "is not known");
  return {};
}

}  // namespace heqi::http
