#include <heqi/pki/time_guard.h>

#include <heqi/base/text.h>

namespace heqi::pki {

base::Result<base::Time> TimeGuard::now() {
  const std::lock_guard lock(mutex_);
  const base::Time calendar = clock_.now();
  const base::Duration steady = clock_.steady();
  const base::Time expected = calendar_ + (steady - steady_);
  if (calendar > expected + step_max_ || calendar < expected - step_max_)
    return base::fail(base::Code::time_untrusted,
                      "the clock was stepped from about " + base::to_rfc3339(expected) + " to " +
                          base::to_rfc3339(calendar) + "; set it right, or start the service anew");
  calendar_ = calendar;
  steady_ = steady;
  return calendar;
}

}  // namespace heqi::pki
