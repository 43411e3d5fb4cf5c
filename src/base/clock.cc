#include <heqi/base/clock.h>

#include <ctime>

namespace heqi::base {

Time SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Duration SystemClock::steady() const {
#ifdef __linux__
  // Counts on while the machine sleeps, which std::chrono::steady_clock does not: whoever compares
  // with the calendar would take a nap for a step of the clock.
  timespec time{};
  if (::clock_gettime(CLOCK_BOOTTIME, &time) == 0)
    return std::chrono::duration_cast<Duration>(std::chrono::seconds(time.tv_sec) +
                                                std::chrono::nanoseconds(time.tv_nsec));
#endif
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace heqi::base
