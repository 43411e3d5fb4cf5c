// heqi/base/random.h: where random bytes come from is injected, so that tests can replay a
// standard's vector.
#pragma once
#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::base {

class Random {
 public:
  virtual ~Random() = default;
  // fill overwrites out with random bytes. Fails with crypto_random_failed; then out is zero.
  virtual Status fill(MutableByteView out) = 0;
};

// SystemRandom asks the operating system (getrandom). The DRBG of crypto is seeded from it.
class SystemRandom final : public Random {
 public:
  Status fill(MutableByteView out) override;
};

// random_bytes draws size public random bytes: identifiers, salts, nonces that travel in the clear.
Result<Bytes> random_bytes(Random& random, std::size_t size);

}  // namespace heqi::base
