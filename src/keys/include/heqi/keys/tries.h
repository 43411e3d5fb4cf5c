// heqi/keys/tries.h: how many wrong PINs a key bears (docs/limits.md): 3 wrong → 3 h, 6 → 24 h, 9
// (or fewer, as the key centre's configuration says) → locked. A try is charged before anything is
// checked, and given back when the proof holds (charge first).
#pragma once
#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::keys {

inline constexpr int kTriesBeforeFirstDelay = 3, kTriesBeforeSecondDelay = 6, kTriesBeforeLock = 9;
inline constexpr base::Duration kFirstDelay = std::chrono::hours(3),
                                kSecondDelay = std::chrono::hours(24);

// Tries is the state of one key's counter, as its database row keeps it.
struct Tries {
  int failures = 0;
  base::Time not_before{};  // no try is taken before
};

// charge takes one try at now: the failure is counted already in what it returns, which must be
// durable before the proof is looked at. Fails with cosign_pin_delayed (detail: the time) or
// cosign_pin_locked; then nothing is charged.
base::Result<Tries> charge(const Tries& tries, base::Time now, int before_lock = kTriesBeforeLock);

// refund is the state after a charged try whose proof held: no failures.
Tries refund(const Tries& charged);

// tries_left is the number of wrong PINs until the next delay or the lock.
int tries_left(const Tries& tries, int before_lock = kTriesBeforeLock);

}  // namespace heqi::keys
