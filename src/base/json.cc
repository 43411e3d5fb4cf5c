#include <heqi/base/json.h>

#include <cmath>
#include <cstdio>

#include <heqi/base/text.h>

namespace heqi::base {

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      std::size_t size = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
      if (is_utf8(text.substr(i, size)) && text.size() - i >= size) {
        out.append(text.substr(i, size));
        i += size;
      } else {
        out.append("\xEF\xBF\xBD");
        ++i;
      }
      continue;
    }
    ++i;
    switch (c) {
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      default:
        if (c < 0x20 || c == 0x7F) {
          char escape[8];
          std::snprintf(escape, sizeof escape, "\\u%04x", c);
          out.append(escape);
        } else {
          out.push_back(static_cast<char>(c));
        }
    }
  }
  out.push_back('"');
  return out;
}

void JsonWriter::separate() {
  if (!first_ && !after_key_) out_.push_back(',');
  first_ = false;
  after_key_ = false;
}

JsonWriter& JsonWriter::begin_object() {
  return separate(), out_.push_back('{'), first_ = true, *this;
}
JsonWriter& JsonWriter::begin_array() {
  return separate(), out_.push_back('['), first_ = true, *this;
}
JsonWriter& JsonWriter::end_object() {
  return out_.push_back('}'), first_ = false, *this;
}
JsonWriter& JsonWriter::end_array() {
  return out_.push_back(']'), first_ = false, *this;
}
JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  out_.append(json_quoted(name)).push_back(':');
  after_key_ = true;
  return *this;
}
JsonWriter& JsonWriter::text(std::string_view value) {
  return separate(), out_.append(json_quoted(value)), *this;
}
JsonWriter& JsonWriter::number(std::int64_t value) {
  return separate(), out_.append(std::to_string(value)), *this;
}
JsonWriter& JsonWriter::number(double value) {
  separate();
  char text[32];
  if (std::isfinite(value)) std::snprintf(text, sizeof text, "%.10g", value);
  out_.append(std::isfinite(value) ? text : "null");
  return *this;
}
JsonWriter& JsonWriter::boolean(bool value) {
  return separate(), out_.append(value ? "true" : "false"), *this;
}
JsonWriter& JsonWriter::null() {
  return separate(), out_.append("null"), *this;
}
JsonWriter& JsonWriter::raw(std::string_view json) {
  return separate(), out_.append(json), *this;
}

}  // namespace heqi::base
