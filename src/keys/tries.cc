#include <heqi/keys/tries.h>

#include <heqi/base/text.h>

namespace heqi::keys {

base::Result<Tries> charge(const Tries& tries, base::Time now) {
  if (tries.failures >= kTriesBeforeLock) return base::fail(base::Code::cosign_pin_locked);
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

int tries_left(const Tries& tries) {
  for (int limit : {kTriesBeforeFirstDelay, kTriesBeforeSecondDelay, kTriesBeforeLock})
    if (tries.failures < limit) return limit - tries.failures;
  return 0;
}

}  // namespace heqi::keys
