#include <heqi/crypto/hmac.h>

#include "hmac_pads.h"

namespace heqi::crypto {

HmacSm3::HmacSm3(base::ByteView key) {
  const internal::HmacPads pads(key);
  inner_start_.update(pads.inner.expose());
  outer_start_.update(pads.outer.expose());
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
