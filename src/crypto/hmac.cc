#include <heqi/crypto/hmac.h>

#include <algorithm>

namespace heqi::crypto {

HmacSm3::HmacSm3(base::ByteView key) {
  base::SecretArray<64> block, pad;
  if (key.size() > 64) {
    Digest hashed = sm3(key);
    std::copy(hashed.begin(), hashed.end(), block.expose_mutable().begin());
    base::secure_wipe(hashed.data(), hashed.size());
  } else {
    std::copy(key.begin(), key.end(), block.expose_mutable().begin());
  }
  const auto start = [&](Sm3& hash, std::uint8_t filler) {
    for (std::size_t i = 0; i < 64; ++i)
      pad.expose_mutable()[i] = static_cast<std::uint8_t>(block.expose()[i] ^ filler);
    hash.update(pad.expose());
  };
  start(inner_start_, 0x36);
  start(outer_start_, 0x5C);
  inner_ = inner_start_;
}

HmacSm3& HmacSm3::update(base::ByteView part) {
  inner_.update(part);
  return *this;
}

Digest HmacSm3::finish() {
  Digest inner = inner_.finish();
  inner_ = inner_start_;
  Sm3 outer = outer_start_;
  const Digest out = outer.update(inner).finish();
  base::secure_wipe(inner.data(), inner.size());
  return out;
}

Digest hmac_sm3(base::ByteView key, base::ByteView message) {
  return HmacSm3(key).update(message).finish();
}

}  // namespace heqi::crypto
