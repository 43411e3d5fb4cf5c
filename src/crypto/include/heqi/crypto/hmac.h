// heqi/crypto/hmac.h: HMAC with SM3 (GB/T 15852.2, RFC 2104).
#pragma once
#include <heqi/base/secret.h>
#include <heqi/crypto/sm3.h>

namespace heqi::crypto {

class HmacSm3 {
 public:
  explicit HmacSm3(base::ByteView key);
  HmacSm3& update(base::ByteView part);
  Digest finish();  // the object is then as new, with the same key

 private:
  Sm3 inner_start_, outer_start_, inner_;
};

Digest hmac_sm3(base::ByteView key, base::ByteView message);

}  // namespace heqi::crypto
