// heqi/pki/time_guard.h: what signs the time must not follow a clock that was stepped.
#pragma once
#include <mutex>

#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::pki {

inline constexpr base::Duration kClockStepMax = std::chrono::minutes(10);  // docs/limits.md

// TimeGuard compares the calendar's clock with the steady one. Thread-safe.
class TimeGuard {
 public:
  explicit TimeGuard(const base::Clock& clock, base::Duration step_max = kClockStepMax)
      : clock_(clock), step_max_(step_max), calendar_(clock.now()), steady_(clock.steady()) {}

  // now fails with time_untrusted while the calendar is further than step_max from where the steady
  // clock says that it should be: stepped forwards or back since the last time that was given.
  // Slow corrections (NTP) are followed. Setting the clock right again, or a new start, ends it.
  base::Result<base::Time> now();

 private:
  const base::Clock& clock_;
  base::Duration step_max_;
  std::mutex mutex_;
  base::Time calendar_;
  base::Duration steady_;
};

}  // namespace heqi::pki
