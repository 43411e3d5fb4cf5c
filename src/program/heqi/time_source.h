// time_source.h: what an authority's time-stamps believe, as its operator chose.
#pragma once
#include <memory>
#include <string_view>

#include <heqi/services/tsa/time_servers.h>

namespace heqi::program {

// TimeKeeping is a source and the policy under which it is stamped.
struct TimeKeeping {
  std::unique_ptr<services::tsa::TimeSource> source;
  asn1::Oid policy;
};

// open_time_source takes "kernel" (the kernel says that its clock is right), "ntp:HOST[:PORT],…"
// (servers that must confirm the clock), "system" (no claim of accuracy, the test policy). Fails
// with malformed. clock, random and log live longer.
base::Result<TimeKeeping> open_time_source(std::string_view choice, const base::Clock& clock,
                                           base::Random& random, base::Log& log);

}  // namespace heqi::program
