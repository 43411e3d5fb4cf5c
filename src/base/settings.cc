#include <heqi/base/settings.h>

#include <charconv>

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>

namespace heqi::base {
namespace {

Error bad_line(int line, std::string_view what) {
  return fail(Code::malformed, "line " + std::to_string(line) + ": " + std::string(what));
}

bool is_key(std::string_view key) {
  if (key.empty()) return false;
  for (char c : key)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  return true;
}

// quoted reads a basic string from its opening quote; rest is what follows the closing one.
Result<std::string> quoted(std::string_view text, std::string_view& rest, int line) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      rest = trim(text.substr(i + 1));
      return out;
    }
    if (c != '\\') {
      out.push_back(c);
      continue;
    }
    if (++i == text.size()) break;
    constexpr std::string_view escapes = "\"\\nt", meanings = "\"\\\n\t";
    const std::size_t at = escapes.find(text[i]);
    if (at == std::string_view::npos)
      return bad_line(line, "an escape other than \\\" \\\\ \\n \\t");
    out.push_back(meanings[at]);
  }
  return bad_line(line, "the text has no closing quote");
}

}  // namespace

Result<Settings> Settings::parse(std::string_view text) {
  if (text.size() > kSettingsSizeMax)
    return fail(Code::limit_exceeded, "configuration over 64 KiB");
  Settings settings;
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty() || line.front() == '#') continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return bad_line(number, "no '='");
    const std::string_view key = trim(line.substr(0, equals));
    if (!is_key(key)) return bad_line(number, "a key is of a-z, 0-9 and _");
    std::string_view rest = trim(line.substr(equals + 1));
    Value value{.text = {}, .line = number, .kind = Value::Kind::text};
    if (rest.starts_with('"')) {
      std::string_view after;
      HEQI_TRY(value.text, quoted(rest, after, number));
      rest = after;
    } else {
      const std::size_t end = rest.find_first_of(" \t#");
      value.text = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : trim(rest.substr(end));
      const bool boolean = value.text == "true" || value.text == "false";
      value.kind = boolean ? Value::Kind::boolean : Value::Kind::integer;
    }
    if (!rest.empty() && rest.front() != '#')
      return bad_line(number, "something follows the value");
    if (!settings.values_.emplace(key, std::move(value)).second)
      return bad_line(number, std::string(key) + " is given twice");
  }
  return settings;
}

Result<Settings> Settings::read(const std::string& path) {
  HEQI_TRY(const Bytes content, read_file(path, kSettingsSizeMax));
  auto settings = parse(text_of(content));
  if (!settings) return fail(settings.error().code, path + ": " + settings.error().detail);
  return settings;
}

Result<const Settings::Value*> Settings::find(std::string_view key, Value::Kind kind) {
  const auto found = values_.find(key);
  if (found == values_.end()) return nullptr;
  taken_.emplace(key);
  if (found->second.kind != kind)
    return bad_line(found->second.line, std::string(key) + " has a value of another type");
  return &found->second;
}

Result<std::string> Settings::required_text(std::string_view key) {
  HEQI_TRY(const Value* value, find(key, Value::Kind::text));
  if (value == nullptr)
    return fail(Code::not_found, "the setting " + std::string(key) + " is required");
  return value->text;
}

Result<std::string> Settings::text(std::string_view key, std::string_view otherwise) {
  HEQI_TRY(const Value* value, find(key, Value::Kind::text));
  return value == nullptr ? std::string(otherwise) : value->text;
}

Result<std::int64_t> Settings::integer(std::string_view key, std::int64_t otherwise) {
  HEQI_TRY(const Value* value, find(key, Value::Kind::integer));
  if (value == nullptr) return otherwise;
  std::int64_t number = 0;
  const char* end = value->text.data() + value->text.size();
  const auto [stopped, error] = std::from_chars(value->text.data(), end, number);
  if (error != std::errc() || stopped != end)
    return bad_line(value->line, std::string(key) + " is not a number");
  return number;
}

Result<bool> Settings::boolean(std::string_view key, bool otherwise) {
  HEQI_TRY(const Value* value, find(key, Value::Kind::boolean));
  return value == nullptr ? otherwise : value->text == "true";
}

Status Settings::finish() const {
  for (const auto& [key, value] : values_)
    if (!taken_.contains(key)) return bad_line(value.line, "unknown setting " + key);
  return {};
}

}  // namespace heqi::base
