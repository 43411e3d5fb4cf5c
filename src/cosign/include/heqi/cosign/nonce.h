// heqi/cosign/nonce.h: numbers that are used once, by type.
#pragma once
#include <heqi/cosign/key_name.h>

namespace heqi::cosign {

// Nonce is a secret number for one signature. It can be moved and spent; it cannot be copied,
// encoded or stored. Spending one twice aborts.
class Nonce {
 public:
  // draw is uniform in 1…n−1 and hedged: HMAC-SM3 keyed with the long-term share over fresh random
  // octets, purpose and transcript. A random source that repeats itself (a restored snapshot) still
  // gives different nonces for different transcripts.
  static base::Result<Nonce> draw(base::Random& random, const crypto::SecretScalar& share,
                                  std::string_view purpose, base::ByteView transcript);

  Nonce(Nonce&& other) noexcept
      : value_(std::move(other.value_)), fresh_(std::exchange(other.fresh_, false)) {}
  Nonce& operator=(Nonce&& other) noexcept {
    value_ = std::move(other.value_);
    fresh_ = std::exchange(other.fresh_, false);
    return *this;
  }
  Nonce(const Nonce&) = delete;
  Nonce& operator=(const Nonce&) = delete;

  // keep puts a number that its proof was just made of back under the type.
  static Nonce keep(crypto::SecretScalar value) { return Nonce(std::move(value)); }

  // spend gives the number out for the last time.
  crypto::Scalar spend() &&;

 private:
  explicit Nonce(crypto::SecretScalar value) : value_(std::move(value)) {}
  crypto::SecretScalar value_;
  bool fresh_ = true;
};

}  // namespace heqi::cosign
