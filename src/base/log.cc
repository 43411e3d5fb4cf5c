#include <heqi/base/log.h>

#include <unistd.h>

#include <heqi/base/json.h>
#include <heqi/base/text.h>

namespace heqi::base {

void JsonLog::write(Severity severity, std::string_view event,
                    std::initializer_list<LogField> fields) {
  constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
  JsonWriter json;
  json.begin_object()
      .field("time", to_rfc3339(clock_.now()))
      .field("program", program_)
      .field("severity", names[static_cast<int>(severity)])
      .field("event", event);
  for (const LogField& field : fields) {
    json.key(field.name);
    if (const auto* text = std::get_if<std::string_view>(&field.value))
      json.text(*text);
    else
      json.number(std::get<std::int64_t>(field.value));
  }
  json.end_object();
  const std::string line = json.str() + "\n";
  // One write call a line, so that lines of several threads do not mix.
  [[maybe_unused]] const ssize_t written = ::write(descriptor_, line.data(), line.size());
}

}  // namespace heqi::base
