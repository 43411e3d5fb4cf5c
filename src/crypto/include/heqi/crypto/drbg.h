// heqi/crypto/drbg.h: Hash_DRBG with SM3 in the shape of GM/T 0105 (and NIST SP 800-90A for
// cross-checks).
#pragma once
#include <array>
#include <memory>
#include <mutex>

#include <heqi/base/clock.h>
#include <heqi/base/random.h>
#include <heqi/base/secret.h>

namespace heqi::crypto {

enum class DrbgOrder { gm_t_0105, nist_sp_800_90a };

struct DrbgOptions {
  DrbgOrder order = DrbgOrder::gm_t_0105;
  std::uint64_t calls_between_reseeds = 1024;  // GM/T 0105 level 2
  base::Duration time_between_reseeds = std::chrono::seconds(60);
};

// HashDrbg is a Random fed by an entropy source, reseeded by calls, by time, and after a fork.
// Thread-safe. Its state is wiped when it goes.
class HashDrbg final : public base::Random {
 public:
  // make instantiates from entropy (≥ 32 bytes drawn, ≥ 16 bytes of nonce). entropy and clock
  // outlive it.
  static base::Result<std::unique_ptr<HashDrbg>> make(base::Random& entropy,
                                                      const base::Clock& clock,
                                                      base::ByteView personalisation,
                                                      DrbgOptions options = {});
  base::Status fill(base::MutableByteView out) override;
  base::Status reseed(base::ByteView additional = {});

 private:
  static constexpr std::size_t kSeedSize = 55;  // 440 bits
  HashDrbg(base::Random& entropy, const base::Clock& clock, DrbgOptions options);

  base::Status reseed_locked(base::ByteView additional);
  base::Random& entropy_;
  const base::Clock& clock_;
  DrbgOptions options_;
  std::mutex mutex_;
  base::SecretArray<kSeedSize> v_, c_;
  std::uint64_t counter_ = 0;
  base::Duration seeded_at_{};
  long process_ = 0;
};

}  // namespace heqi::crypto
