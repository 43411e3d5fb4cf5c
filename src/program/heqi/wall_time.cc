#include "wall_time.h"

#include <algorithm>

#include <heqi/base/text.h>

namespace heqi::program {

using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr base::Duration kAhead = std::chrono::hours(8);
constexpr std::string_view kWall = "0000-00-00 00:00:00", kZulu = "00000000000000Z";

// has_form tells whether text is like form, whose zeros stand for any digit.
bool has_form(std::string_view text, std::string_view form) {
  return text.size() == form.size() &&
         std::equal(text.begin(), text.end(), form.begin(), [](char is, char wanted) {
           return wanted == '0' ? is >= '0' && is <= '9' : is == wanted;
         });
}

}  // namespace

std::string wall_time(base::Time time) {
  std::string text = base::to_rfc3339(std::chrono::floor<std::chrono::seconds>(time) + kAhead);
  text.replace(10, 1, " ");
  return text.substr(0, kWall.size());
}

std::string wall_date(base::Time time) {
  return wall_time(time).substr(0, 10);
}

Result<base::Time> parse_wall_time(const std::string& text) {
  if (has_form(text, kWall))
    return base::parse_rfc3339(text.substr(0, 10) + "T" + text.substr(11) + "+08:00");
  if (has_form(text, kZulu))
    return base::parse_rfc3339(text.substr(0, 4) + "-" + text.substr(4, 2) + "-" +
                               text.substr(6, 2) + "T" + text.substr(8, 2) + ":" +
                               text.substr(10, 2) + ":" + text.substr(12, 3));
  return fail(Code::malformed, "the time " + text + "; wanted: yyyy-MM-dd hh:mm:ss");
}

}  // namespace heqi::program
