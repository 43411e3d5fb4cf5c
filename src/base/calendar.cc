#include <heqi/base/padded.h>
#include <heqi/base/text.h>

namespace heqi::base {
namespace {

// digits reads exactly count decimal digits at the front of text and removes them.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool skip(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

CivilTime civil_time(Time time) {
  namespace c = std::chrono;
  const auto day = c::floor<c::days>(time);
  const c::year_month_day date(day);
  const auto of_day = (time - day).count();
  const auto seconds = of_day / 1'000'000;
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(seconds / 3600),
          static_cast<int>(seconds / 60 % 60),
          static_cast<int>(seconds % 60),
          static_cast<int>(of_day % 1'000'000)};
}

Result<Time> time_from_civil(const CivilTime& civil) {
  namespace c = std::chrono;
  const c::year_month_day date(c::year(civil.year), c::month(static_cast<unsigned>(civil.month)),
                               c::day(static_cast<unsigned>(civil.day)));
  if (!date.ok() || civil.hour < 0 || civil.hour > 23 || civil.minute < 0 || civil.minute > 59 ||
      civil.second < 0 || civil.second > 59)
    return fail(Code::malformed, "no such time of the calendar");
  return Time(c::sys_days(date)) + c::hours(civil.hour) + c::minutes(civil.minute) +
         c::seconds(civil.second) + c::microseconds(civil.microsecond);
}

std::string to_rfc3339(Time time) {
  const CivilTime t = civil_time(time);
  std::string text = padded(t.year, 4) + "-" + padded(t.month, 2) + "-" + padded(t.day, 2) + "T" +
                     padded(t.hour, 2) + ":" + padded(t.minute, 2) + ":" + padded(t.second, 2);
  if (t.microsecond != 0) text += "." + padded(t.microsecond, 6);
  return text + "Z";
}

Result<Time> parse_rfc3339(std::string_view text) {
  const Error bad = fail(Code::malformed, "not an RFC 3339 time");
  const auto year = digits(text, 4);
  if (!year || !skip(text, '-')) return bad;
  const auto month = digits(text, 2);
  if (!month || !skip(text, '-')) return bad;
  const auto day = digits(text, 2);
  if (!day || !skip(text, 'T')) return bad;
  const auto hour = digits(text, 2);
  if (!hour || !skip(text, ':')) return bad;
  const auto minute = digits(text, 2);
  if (!minute || !skip(text, ':')) return bad;
  const auto second = digits(text, 2);
  if (!second) return bad;
  int micro = 0;
  if (skip(text, '.')) {
    int scale = 100'000;
    bool any = false;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      micro += (text.front() - '0') * scale;
      scale /= 10;
      any = true;
      text.remove_prefix(1);
    }
    if (!any) return bad;
  }
  HEQI_TRY(Time time, time_from_civil({*year, *month, *day, *hour, *minute, *second, micro}));
  if (text == "Z") return time;
  const bool west = skip(text, '-');
  if (!west && !skip(text, '+')) return bad;
  const auto offset_hour = digits(text, 2);
  if (!offset_hour || !skip(text, ':')) return bad;
  const auto offset_minute = digits(text, 2);
  if (!offset_minute || !text.empty() || *offset_hour > 23 || *offset_minute > 59) return bad;
  const auto offset = std::chrono::hours(*offset_hour) + std::chrono::minutes(*offset_minute);
  return west ? time + offset : time - offset;
}

}  // namespace heqi::base
