// heqi/http/json.h: reads JSON strictly, with limits. (Writing is base::JsonWriter.)
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/base/result.h>
#include <heqi/http/limits.h>

namespace heqi::http {

class Json;
using JsonArray = std::vector<Json>;
using JsonObject = std::vector<std::pair<std::string, Json>>;  // in the order of the text

// Json is one parsed value.
class Json {
 public:
  using Value =
      std::variant<std::monostate, bool, std::int64_t, double, std::string, JsonArray, JsonObject>;
  Json() = default;  // null
  explicit Json(Value value) : value_(std::move(value)) {}

  bool is_null() const { return value_.index() == 0; }
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  const double* real() const { return std::get_if<double>(&value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const JsonArray* array() const { return std::get_if<JsonArray>(&value_); }
  const JsonObject* object() const { return std::get_if<JsonObject>(&value_); }
  // find returns the member of an object, nullptr where there is none.
  const Json* find(std::string_view name) const;

 private:
  Value value_;
};

struct JsonLimits {
  std::size_t size_max = kJsonSizeMax;
  std::size_t depth_max = kJsonDepthMax;
  std::size_t nodes_max = kJsonNodesMax;
};

// parse_json takes RFC 8259 text: UTF-8, no duplicate key, no U+0000, integers within 64 bits
// signed. Fails with malformed (the detail names the offset), limit_exceeded.
base::Result<Json> parse_json(base::ByteView text, JsonLimits limits = {});

struct TextLimits {
  std::size_t size_min = 1;  // octets of UTF-8
  std::size_t size_max = 4096;
};
struct IntegerLimits {
  std::int64_t min = 0;
  std::int64_t max = INT64_MAX;
};

// JsonReader reads the members of one object; every member must be asked for, else finish refuses.
// Errors are malformed and name the JSON path ("$.parties[1].name").
//   HEQI_TRY(auto reader, JsonReader::open(json));
//   HEQI_TRY(auto title, reader.required_text("title"));
//   HEQI_TRY(reader.finish());
class JsonReader {
 public:
  // open fails where value is not an object. value lives longer than the reader.
  static base::Result<JsonReader> open(const Json& value, std::string path = "$");

  base::Result<std::string> required_text(std::string_view name, TextLimits limits = {});
  base::Result<std::optional<std::string>> optional_text(std::string_view name,
                                                         TextLimits limits = {});
  base::Result<std::int64_t> required_integer(std::string_view name, IntegerLimits limits = {});
  base::Result<std::optional<std::int64_t>> optional_integer(std::string_view name,
                                                             IntegerLimits limits = {});
  base::Result<bool> required_boolean(std::string_view name);
  base::Result<std::optional<bool>> optional_boolean(std::string_view name);
  base::Result<base::Bytes> required_base64(std::string_view name, std::size_t size_max);
  base::Result<std::optional<base::Bytes>> optional_base64(std::string_view name,
                                                           std::size_t size_max);
  base::Result<base::Time> required_time(std::string_view name);  // RFC 3339
  base::Result<std::optional<base::Time>> optional_time(std::string_view name);
  base::Result<JsonReader> required_object(std::string_view name);
  base::Result<std::optional<JsonReader>> optional_object(std::string_view name);
  // required_objects reads an array of objects; optional_objects is empty where it is absent.
  base::Result<std::vector<JsonReader>> required_objects(std::string_view name,
                                                         std::size_t count_max);
  base::Result<std::vector<JsonReader>> optional_objects(std::string_view name,
                                                         std::size_t count_max);
  base::Result<std::vector<std::string>> required_texts(std::string_view name,
                                                        std::size_t count_max,
                                                        TextLimits limits = {});
  base::Result<std::vector<std::string>> optional_texts(std::string_view name,
                                                        std::size_t count_max,
                                                        TextLimits limits = {});
  // finish refuses members that nobody asked for.
  base::Status finish() const;
  const std::string& path() const { return path_; }
  // refuse makes the error of a member: refuse("state", "is not one of …").
  base::Error refuse(std::string_view name, std::string_view what) const;

 private:
  JsonReader(const JsonObject& object, std::string path)
      : object_(&object), path_(std::move(path)) {}
  const Json* take(std::string_view name);  // nullptr: absent or null
  base::Result<const Json*> require(std::string_view name);
  base::Result<std::string> text_of(const Json& value, std::string_view name, TextLimits limits);

  const JsonObject* object_;
  std::string path_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace heqi::http
