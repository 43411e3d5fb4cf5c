// heqi/base/json.h: writes JSON. (Parsing is in http, with limits.)
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace heqi::base {

// JsonWriter builds one JSON text, in the order of the calls. Keys are given in objects only.
//   JsonWriter json; json.begin_object(); json.key("state").text("done"); json.end_object();
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& text(std::string_view value);  // invalid UTF-8 becomes U+FFFD
  JsonWriter& number(std::int64_t value);
  JsonWriter& number(double value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // a value that is JSON already

  // field is key and text in one.
  JsonWriter& field(std::string_view name, std::string_view value) { return key(name).text(value); }
  JsonWriter& field(std::string_view name, const char* value) { return key(name).text(value); }
  JsonWriter& field(std::string_view name, std::int64_t value) { return key(name).number(value); }
  JsonWriter& field(std::string_view name, bool value) { return key(name).boolean(value); }

  const std::string& str() const { return out_; }

 private:
  void separate();

  std::string out_;
  bool first_ = true;
  bool after_key_ = false;
};

std::string json_quoted(std::string_view text);

}  // namespace heqi::base
