// wall_time.h: times as readers of OFD files write them: China standard time, UTC+8 all year round.
#pragma once
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::program {

std::string wall_time(base::Time time);  // yyyy-MM-dd hh:mm:ss
std::string wall_date(base::Time time);  // yyyy-MM-dd
// parse_wall_time reads yyyy-MM-dd hh:mm:ss of China standard time, or yyyyMMddhhmmssZ (UTC). Fails
// with malformed.
base::Result<base::Time> parse_wall_time(const std::string& text);

}  // namespace heqi::program
