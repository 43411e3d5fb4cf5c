#include <heqi/base/scheduling.h>

#include <sched.h>

namespace heqi::base {

void compute_uninterrupted() {
  const sched_param none{};
  static_cast<void>(::sched_setscheduler(0, SCHED_BATCH, &none));
}

}  // namespace heqi::base
