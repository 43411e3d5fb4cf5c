// heqi/crypto/drbg.h: Hash_DRBG with SM3 in the shape of GM/T 0105 annex B (and NIST SP 800-90A for
// cross-checks).
#pragma once
#include <array>
#include <memory>
#include <mutex>

#include <heqi/base/clock.h>
#include <heqi/base/random.h>
#include <heqi/base/secret.h>
#include <heqi/crypto/entropy_health.h>
#include <heqi/crypto/sm3.h>

namespace heqi::crypto {

// DrbgOrder: GM/T 0105 puts the entropy before V when it reseeds and gives out at most 32 bytes a
// call; NIST puts V first.
enum class DrbgOrder { gm_t_0105, nist_sp_800_90a };

struct DrbgOptions {
  DrbgOrder order = DrbgOrder::gm_t_0105;
  std::uint64_t calls_between_reseeds = 1024;  // GM/T 0105 level 2
  base::Duration time_between_reseeds = std::chrono::seconds(60);
};

// HashDrbgState is the mechanism alone: deterministic, without a source and without a schedule.
// HashDrbg is what programs use.
class HashDrbgState {
 public:
  static constexpr std::size_t kSeedSize = 55;  // 440 bits
  using Seed = base::SecretArray<kSeedSize>;

  explicit HashDrbgState(DrbgOrder order) : order_(order) {}
  void instantiate(base::ByteView entropy, base::ByteView nonce, base::ByteView personalisation);
  void reseed(base::ByteView entropy, base::ByteView additional);
  // generate fills out, of at most output_size_max() bytes (checked).
  void generate(base::MutableByteView out, base::ByteView additional);
  std::size_t output_size_max() const;

  std::uint64_t calls() const { return counter_; }  // since the last seed
  const Seed& v() const { return v_; }
  const Seed& c() const { return c_; }

 private:
  void set_seed(std::initializer_list<base::ByteView> material);
  void add_to_v(Digest digest);
  void hash_out(base::MutableByteView out) const;

  DrbgOrder order_;
  Seed v_, c_;
  std::uint64_t counter_ = 0;
};

// HashDrbg is a Random fed by an entropy source whose health it watches; reseeded by calls, by
// time, and after a fork. Thread-safe. Its state is wiped when it goes. After an alarm of the
// source it gives out nothing more.
class HashDrbg final : public base::Random {
 public:
  // make tests 1,024 bytes of entropy and drops them, then instantiates from 32 bytes of entropy
  // and 16 of nonce. entropy and clock outlive it. Fails with crypto_random_failed.
  static base::Result<std::unique_ptr<HashDrbg>> make(base::Random& entropy,
                                                      const base::Clock& clock,
                                                      base::ByteView personalisation,
                                                      DrbgOptions options = {});
  // fill fails with crypto_random_failed; then out is zero.
  base::Status fill(base::MutableByteView out) override;
  base::Status reseed(base::ByteView additional = {});

 private:
  HashDrbg(base::Random& entropy, const base::Clock& clock, DrbgOptions options);

  base::Status draw(base::MutableByteView out);
  base::Status reseed_locked(base::ByteView additional);
  base::Status fill_locked(base::MutableByteView out);
  bool is_seed_due() const;

  base::Random& entropy_;
  const base::Clock& clock_;
  DrbgOptions options_;
  std::mutex mutex_;
  EntropyHealth health_;
  HashDrbgState state_;
  base::Duration seeded_at_{};
  std::uint64_t forks_ = 0;
};

}  // namespace heqi::crypto
