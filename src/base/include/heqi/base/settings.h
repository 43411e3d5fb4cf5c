// heqi/base/settings.h: configuration files: the flat part of TOML ("key = value", comments, no
// tables), which is all that the programs need and all that the key centre may parse.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <heqi/base/result.h>

namespace heqi::base {

inline constexpr std::size_t kSettingsSizeMax = 64 * 1024;

// Settings holds the keys of one file. Each must be asked for; finish names those that nobody
// knows.
class Settings {
 public:
  // parse reads lines of key = "text", key = 123, key = true. Fails with malformed, naming the
  // line.
  static Result<Settings> parse(std::string_view text);
  static Result<Settings> read(const std::string& path);

  Result<std::string> required_text(std::string_view key);  // not_found where it is absent
  Result<std::string> text(std::string_view key, std::string_view otherwise);
  Result<std::int64_t> integer(std::string_view key, std::int64_t otherwise);
  Result<bool> boolean(std::string_view key, bool otherwise);

  // finish fails with malformed where a key was never asked for.
  Status finish() const;

 private:
  struct Value {
    std::string text;
    int line;
    enum class Kind { text, integer, boolean } kind;
  };
  Result<const Value*> find(std::string_view key, Value::Kind kind);

  std::map<std::string, Value, std::less<>> values_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace heqi::base
