// heqi/base/log.h: events, one JSON line each. No event carries a key, a PIN, or the content of a
// document.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include <heqi/base/clock.h>

namespace heqi::base {

enum class Severity { debug, info, warning, error };

struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t> value;
};

class Log {
 public:
  virtual ~Log() = default;
  // write records event, a stable dotted name ("certificate.issued"), with its fields.
  virtual void write(Severity severity, std::string_view event,
                     std::initializer_list<LogField> fields) = 0;

  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(Severity::info, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(Severity::warning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    write(Severity::error, event, fields);
  }
};

// NullLog drops everything.
class NullLog final : public Log {
 public:
  void write(Severity, std::string_view, std::initializer_list<LogField>) override {}
};

// JsonLog writes lines to a file descriptor, whole lines only, from any thread.
class JsonLog final : public Log {
 public:
  JsonLog(int descriptor, const Clock& clock, std::string program)
      : descriptor_(descriptor), clock_(clock), program_(std::move(program)) {}
  void write(Severity severity, std::string_view event,
             std::initializer_list<LogField> fields) override;

 private:
  int descriptor_;
  const Clock& clock_;
  std::string program_;
};

}  // namespace heqi::base
