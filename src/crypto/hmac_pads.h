// hmac_pads.h: the two blocks that HMAC makes of its key.
#pragma once
#include <algorithm>

#include <heqi/base/secret.h>
#include <heqi/crypto/sm3.h>

namespace heqi::crypto::internal {

inline constexpr std::size_t kHmacBlockSize = 64;

struct HmacPads {
  explicit HmacPads(base::ByteView key) {
    base::SecretArray<kHmacBlockSize> block;
    if (key.size() > kHmacBlockSize) {
      Digest hashed = sm3(key);
      std::copy(hashed.begin(), hashed.end(), block.expose_mutable().begin());
      base::secure_wipe(hashed.data(), hashed.size());
    } else {
      std::copy(key.begin(), key.end(), block.expose_mutable().begin());
    }
    for (std::size_t i = 0; i < kHmacBlockSize; ++i) {
      inner.expose_mutable()[i] = static_cast<std::uint8_t>(block.expose()[i] ^ 0x36);
      outer.expose_mutable()[i] = static_cast<std::uint8_t>(block.expose()[i] ^ 0x5C);
    }
  }
  base::SecretArray<kHmacBlockSize> inner, outer;
};

}  // namespace heqi::crypto::internal
