// heqi/base/clock.h: time is injected.
#pragma once
#include <chrono>
#include <cstdint>

namespace heqi::base {

using Duration = std::chrono::microseconds;
using Time = std::chrono::time_point<std::chrono::system_clock, Duration>;  // UTC

// micros is the number of microseconds since 1970-01-01T00:00:00Z; the form in which databases keep
// time.
inline std::int64_t micros(Time time) {
  return time.time_since_epoch().count();
}
inline Time time_from_micros(std::int64_t value) {
  return Time(Duration(value));
}

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;         // the calendar's time, may jump
  virtual Duration steady() const = 0;  // never goes back; only differences mean something
};

class SystemClock final : public Clock {
 public:
  Time now() const override;
  Duration steady() const override;
};

}  // namespace heqi::base
