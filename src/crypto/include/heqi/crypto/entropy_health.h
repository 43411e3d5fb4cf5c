// heqi/crypto/entropy_health.h: continuous tests on the bytes of an entropy source (NIST SP 800-90B
// §4.4, GM/T 0105 annex D). Constant time: the samples are secrets, only the alarm is not.
#pragma once
#include <cstdint>

#include <heqi/base/result.h>
#include <heqi/base/secret.h>

namespace heqi::crypto {

// EntropyHealth watches bytes that are credited with four bits of entropy each. The cutoffs give a
// false alarm at most once in 2^20 windows. Once it has failed it stays failed.
class EntropyHealth {
 public:
  static constexpr std::uint64_t kRepetitionCutoff = 6;  // 1 + ⌈20 / 4⌉
  static constexpr std::uint64_t kWindow = 512;
  static constexpr std::uint64_t kProportionCutoff = 62;  // 1 + the quantile of B(512, 1/16)
  static constexpr std::uint64_t kStartupSamples = 1024;

  // check takes the next samples. Fails with crypto_random_failed on a byte that repeats too often
  // in a row or within a window, or when the last 16 bytes of a call come again in the next.
  base::Status check(base::ByteView samples);

 private:
  base::SecretArray<16> last_tail_;
  std::uint64_t last_ = 256;  // no byte yet
  std::uint64_t run_ = 0, reference_ = 0, seen_ = 0, window_at_ = 0;
  bool has_tail_ = false, failed_ = false;
};

}  // namespace heqi::crypto
