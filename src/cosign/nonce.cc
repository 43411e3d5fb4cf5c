#include <heqi/cosign/nonce.h>

#include "hedged_random.h"

namespace heqi::cosign {

base::Result<Nonce> Nonce::draw(base::Random& random, const crypto::SecretScalar& share,
                                std::string_view purpose, base::ByteView transcript) {
  HEQI_TRY(HedgedRandom hedged, HedgedRandom::make(random, share, purpose, transcript));
  HEQI_TRY(crypto::SecretScalar value, crypto::SecretScalar::draw(hedged));
  return Nonce(std::move(value));
}

crypto::Scalar Nonce::spend() && {
  HEQI_CHECK(fresh_);
  fresh_ = false;
  const crypto::Scalar value = value_.expose();
  value_ = crypto::SecretScalar();
  return value;
}

}  // namespace heqi::cosign
