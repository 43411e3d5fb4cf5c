#include <heqi/http/request.h>

#include <algorithm>
#include <charconv>

#include <heqi/base/text.h>
#include <heqi/http/limits.h>

namespace heqi::http {
namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

struct MethodName {
  Method method;
  std::string_view name;
};
constexpr MethodName kMethods[] = {{Method::get, "GET"},     {Method::head, "HEAD"},
                                   {Method::post, "POST"},   {Method::put, "PUT"},
                                   {Method::patch, "PATCH"}, {Method::remove, "DELETE"}};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

enum class Plus { is_plus, is_space };

// decoded undoes percent escapes. where is the offset of text in the target, for the detail.
Result<std::string> decoded(std::string_view text, Plus plus, std::size_t where) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return fail(Code::malformed,
                    "request target: bad escape at offset " + std::to_string(where + i));
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus == Plus::is_space) {
      c = ' ';
    }
    if (is_control(c))
      return fail(Code::malformed,
                  "request target: control character at offset " + std::to_string(where + i));
    out.push_back(c);
  }
  if (!base::is_utf8(out))
    return fail(Code::malformed, "request target: not UTF-8 at offset " + std::to_string(where));
  return out;
}

Result<Fields> parse_query(std::string_view query, std::size_t where) {
  Fields fields;
  if (query.empty()) return fields;
  for (std::string_view pair : base::split(query, '&')) {
    if (fields.size() == kQueryCountMax)
      return fail(Code::limit_exceeded,
                  "request target: more query parameters than " + std::to_string(kQueryCountMax));
    const std::size_t equals = pair.find('=');
    HEQI_TRY(std::string name, decoded(pair.substr(0, equals), Plus::is_space, where));
    std::string value;
    if (equals != std::string_view::npos) {
      HEQI_TRY(value, decoded(pair.substr(equals + 1), Plus::is_space, where + equals + 1));
    }
    if (name.empty())
      return fail(Code::malformed,
                  "request target: parameter without a name at offset " + std::to_string(where));
    fields.emplace_back(std::move(name), std::move(value));
    where += pair.size() + 1;
  }
  return fields;
}

Result<std::uint64_t> parse_number(std::string_view text, std::string_view name,
                                   std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > max)
    return fail(Code::malformed,
                std::string(name) + ": expected a number in 0…" + std::to_string(max));
  return value;
}

}  // namespace

std::string_view method_name(Method method) {
  for (const MethodName& entry : kMethods)
    if (entry.method == method) return entry.name;
  return "";
}

std::optional<Method> find_method(std::string_view name) {
  for (const MethodName& entry : kMethods)
    if (entry.name == name) return entry.method;
  return std::nullopt;
}

std::optional<std::string> Request::header(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [key, value] : headers) {
    if (key != name) continue;
    found = found ? *found + ", " + value : value;
  }
  return found;
}

std::optional<std::string> Request::cookie(std::string_view name) const {
  const auto all = header("cookie");
  if (!all) return std::nullopt;
  for (std::string_view pair : base::split(*all, ';')) {
    pair = base::trim(pair);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name)
      return std::string(pair.substr(equals + 1));
  }
  return std::nullopt;
}

std::string Request::content_type() const {
  std::string type = header("content-type").value_or("");
  type = base::trim(std::string_view(type).substr(0, type.find(';')));
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type;
}

Result<std::optional<std::string>> Request::query_text(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [key, value] : query) {
    if (key != name) continue;
    if (found) return fail(Code::malformed, "query parameter " + key + " is given twice");
    found = value;
  }
  return found;
}

Result<std::optional<std::uint64_t>> Request::query_number(std::string_view name,
                                                           std::uint64_t max) const {
  HEQI_TRY(const auto text, query_text(name));
  if (!text) return std::optional<std::uint64_t>();
  HEQI_TRY(const std::uint64_t value,
           parse_number(*text, "query parameter " + std::string(name), max));
  return std::optional(value);
}

Status Request::refuse_unknown_query(std::initializer_list<std::string_view> known) const {
  for (const auto& [key, value] : query)
    if (std::find(known.begin(), known.end(), key) == known.end())
      return fail(Code::malformed, "unknown query parameter " + key);
  return {};
}

const std::string& Request::path_text(std::string_view name) const {
  for (const auto& [key, value] : path_parameters)
    if (key == name) return value;
  base::check_failed("the route has this path parameter", __FILE__, __LINE__);
}

Result<std::uint64_t> Request::path_number(std::string_view name, std::uint64_t max) const {
  return parse_number(path_text(name), "path parameter " + std::string(name), max);
}

Result<std::vector<std::string>> path_segments(std::string_view path) {
  std::vector<std::string> segments;
  std::size_t where = 1;
  for (std::string_view raw : base::split(path.substr(1), '/')) {
    if (segments.size() == kPathSegmentsMax)
      return fail(Code::limit_exceeded,
                  "request target: more path segments than " + std::to_string(kPathSegmentsMax));
    auto decoded_segment = decoded(raw, Plus::is_plus, where);
    if (!decoded_segment) return std::move(decoded_segment).error();
    const std::string_view segment = segments.emplace_back(std::move(decoded_segment).value());
    if (segment == "." || segment == "..")
      return fail(Code::malformed,
                  "request target: dot segment at offset " + std::to_string(where));
    if (segment.find('\\') != std::string_view::npos)
      return fail(Code::malformed,
                  "request target: backslash in a segment at offset " + std::to_string(where));
    where += raw.size() + 1;
  }
  return segments;
}

Status parse_target(std::string_view target, Request& request) {
  if (target.size() > kTargetSizeMax)
    return fail(Code::limit_exceeded,
                "request target: longer than " + std::to_string(kTargetSizeMax));
  if (target.empty() || target.front() != '/')
    return fail(Code::malformed, "request target: does not begin with '/'");
  for (std::size_t i = 0; i < target.size(); ++i)
    if (is_control(target[i]) || target[i] == '#' || target[i] == ' ')
      return fail(Code::malformed,
                  "request target: forbidden character at offset " + std::to_string(i));
  const std::size_t mark = target.find('?');
  request.target = target;
  request.path = target.substr(0, mark);
  HEQI_TRY(path_segments(request.path));
  request.query.clear();
  if (mark != std::string_view::npos) {
    HEQI_TRY(request.query, parse_query(target.substr(mark + 1), mark + 1));
  }
  return {};
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    }
  }
  return out;
}

}  // namespace heqi::http
