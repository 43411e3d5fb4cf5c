// generator.h: the DRBG over the operating system's entropy, as in the programs.
#pragma once
#include <heqi/crypto/drbg.h>

namespace heqi::bench {

inline base::Random& generator() {
  static base::SystemRandom entropy;
  static base::SystemClock clock;
  static const auto drbg = *crypto::HashDrbg::make(entropy, clock, {});
  return *drbg;
}

}  // namespace heqi::bench
