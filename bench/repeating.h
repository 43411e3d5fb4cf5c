// repeating.h: randomness that can be had again.
#pragma once
#include <heqi/crypto/drbg.h>

#include <algorithm>

namespace heqi::bench {

// Repeating gives the same octets after each restart, at the price of the DRBG: the same nonces,
// for which an answer was prepared.
class Repeating final : public base::Random {
 public:
  Repeating() { restart(); }
  void restart() { state_.instantiate(base::Bytes(32, 1), base::Bytes(16, 2), {}); }
  base::Status fill(base::MutableByteView out) override {
    while (!out.empty()) {
      const std::size_t size = std::min(out.size(), state_.output_size_max());
      state_.generate(out.first(size), {});
      out = out.subspan(size);
    }
    return {};
  }

 private:
  crypto::HashDrbgState state_{crypto::DrbgOrder::gm_t_0105};
};

}  // namespace heqi::bench
