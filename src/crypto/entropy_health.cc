#include <heqi/crypto/entropy_health.h>

#include <algorithm>

#include <heqi/base/constant_time.h>

namespace heqi::crypto {

base::Status EntropyHealth::check(base::ByteView samples) {
  base::ct::Mask alarm = 0;
  for (const std::uint8_t sample : samples) {
    const base::ct::Mask repeated = base::ct::equal(sample, last_);
    run_ = base::ct::select(repeated, run_ + 1, 1);
    last_ = sample;
    alarm |= base::ct::equal(run_, kRepetitionCutoff);
    if (window_at_ == 0) reference_ = sample, seen_ = 0;
    seen_ += base::ct::equal(sample, reference_) & 1;
    alarm |= base::ct::equal(seen_, kProportionCutoff);
    window_at_ = (window_at_ + 1) % kWindow;
  }
  if (samples.size() >= last_tail_.size()) {
    const base::ByteView tail = samples.last(last_tail_.size());
    if (has_tail_) alarm |= base::ct::equal_bytes(tail, last_tail_.expose());
    std::copy(tail.begin(), tail.end(), last_tail_.expose_mutable().begin());
    has_tail_ = true;
  }
  if (base::ct::declassified(alarm)) failed_ = true;
  if (failed_)
    return base::fail(base::Code::crypto_random_failed, "the entropy source repeats itself");
  return {};
}

}  // namespace heqi::crypto
