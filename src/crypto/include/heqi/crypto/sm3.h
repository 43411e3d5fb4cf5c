// heqi/crypto/sm3.h: the SM3 hash (GB/T 32905).
#pragma once
#include <array>

#include <heqi/base/bytes.h>

namespace heqi::crypto {

inline constexpr std::size_t kSm3Size = 32;
using Digest = std::array<std::uint8_t, kSm3Size>;

// Sm3 hashes a message given in parts. Its state is wiped when it goes.
class Sm3 {
 public:
  Sm3();
  ~Sm3();
  Sm3(const Sm3&) = default;  // a copy goes on from the same prefix
  Sm3& operator=(const Sm3&) = default;

  Sm3& update(base::ByteView part);
  // finish pads and returns the digest; the object is then as new.
  Digest finish();

 private:
  std::array<std::uint32_t, 8> state_;
  std::array<std::uint8_t, 64> block_;
  std::uint64_t size_ = 0;
};

// sm3 hashes one message.
Digest sm3(base::ByteView message);

}  // namespace heqi::crypto
