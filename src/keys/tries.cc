#include <heqi/keys/tries.h>

#include <algorithm>

#include <heqi/base/text.h>

namespace heqi::keys {

base::Result<Tries> charge(const Tries& tries, base::Time now, int before_lock) {
  if (tries.failures >= before_lock) return base::fail(base::Code::cosign_pin_locked);
  if (now < tries.not_before)
    return base::fail(base::Code::cosign_pin_delayed,
                      "until " + base::to_rfc3339(tries.not_before));
  Tries charged = tries;
  ++charged.failures;
  if (charged.failures == kTriesBeforeFirstDelay) charged.not_before = now + kFirstDelay;
  if (charged.failures == kTriesBeforeSecondDelay) charged.not_before = now + kSecondDelay;
  return charged;
}

Tries refund(const Tries&) {
  return {};
}

int tries_left(const Tries& tries, int before_lock) {
  for (int limit : {kTriesBeforeFirstDelay, kTriesBeforeSecondDelay})
    if (tries.failures < limit && limit < before_lock) return limit - tries.failures;
  return std::max(before_lock - tries.failures, 0);
}

}  // namespace heqi::keys
