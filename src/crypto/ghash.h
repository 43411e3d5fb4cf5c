// ghash.h: the hash of GCM (GB/T 36624 §10.4): a polynomial over GF(2^128). Constant time: products
// without carries are made from integer products whose operands have three zero bits between any
// two bits that matter, so that no carry reaches the next one.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include <heqi/base/bytes.h>

namespace heqi::crypto::internal {

class Ghash {
 public:
  explicit Ghash(std::span<const std::uint8_t, 16> key);
  ~Ghash();
  Ghash(const Ghash&) = delete;
  Ghash& operator=(const Ghash&) = delete;

  // update takes one field (associated data, ciphertext) and pads it to whole blocks.
  Ghash& update(base::ByteView field);
  // finish takes the lengths of both fields in bytes.
  std::array<std::uint8_t, 16> finish(std::uint64_t associated_size, std::uint64_t sealed_size);

 private:
  void absorb(std::uint64_t high, std::uint64_t low);

  std::uint64_t key_high_, key_low_;
  std::uint64_t high_ = 0, low_ = 0;
};

}  // namespace heqi::crypto::internal
