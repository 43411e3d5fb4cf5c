// operations.h: what the watched program runs. Each file of operations adds its own; each operation
// makes its secrets with secret_bytes or SecretRandom, which mark them undefined for valgrind.
#pragma once
#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/base/constant_time.h>
#include <heqi/base/random.h>
#include <heqi/crypto/sm2.h>
#include <heqi/crypto/sm4.h>

namespace heqi::constant_time {

using Operations = std::map<std::string, std::function<void()>>;
void add_crypto_operations(Operations& all);
void add_sm4_operations(Operations& all);
void add_sm9_operations(Operations& all);
void add_symmetric_operations(Operations& all);
void add_protocol_operations(Operations& all);

inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "constant_time: %s failed\n", what);
  std::abort();
}

// SecretRandom gives a fixed stream, each byte marked secret.
class SecretRandom final : public base::Random {
 public:
  explicit SecretRandom(std::uint64_t seed) : state_(seed) {}
  base::Status fill(base::MutableByteView out) override {
    for (std::uint8_t& byte : out) {
      state_ = state_ * 6364136223846793005 + 1442695040888963407;
      byte = static_cast<std::uint8_t>(state_ >> 56);
    }
    base::ct::secret(out);
    return {};
  }

 private:
  std::uint64_t state_;
};

inline base::Bytes secret_bytes(std::size_t size, std::uint64_t seed) {
  base::Bytes out(size);
  SecretRandom random(seed);
  (void)random.fill(out);
  return out;
}

inline crypto::Scalar secret_scalar(std::uint64_t seed) {
  SecretRandom random(seed);
  return *crypto::Scalar::draw(random);
}

inline crypto::PrivateKey secret_key(std::uint64_t seed) {
  SecretRandom random(seed);
  return *crypto::PrivateKey::generate(random);
}

inline crypto::Sm4Key secret_sm4_key() {
  const base::Bytes key = secret_bytes(16, 7);
  return crypto::Sm4Key(std::span<const std::uint8_t, 16>(key.data(), 16));
}

// public_point makes a point whose coordinates the checker may look at.
inline crypto::Point public_point(std::uint64_t seed) {
  const crypto::PointBytes bytes = crypto::mul_base(secret_scalar(seed)).encode();
  base::ct::declassify(bytes);
  return *crypto::Point::decode(bytes);
}

}  // namespace heqi::constant_time
