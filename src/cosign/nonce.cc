#include <heqi/cosign/nonce.h>
#include <heqi/crypto/hmac.h>

namespace heqi::cosign {

base::Result<Nonce> Nonce::draw(base::Random& random, const crypto::SecretScalar& share,
                                std::string_view purpose, base::ByteView transcript) {
  constexpr std::size_t kFreshSize = 32, kWideSize = 2 * crypto::kSm3Size;
  base::SecretArray<kFreshSize> fresh;
  crypto::Scalar value;
  do {
    HEQI_TRY(random.fill(fresh.expose_mutable()));
    const base::SecretArray<crypto::kScalarSize> key(share.expose().encode());
    base::SecretArray<kWideSize> wide;
    for (std::uint8_t half = 0; half < 2; ++half) {
      crypto::HmacSm3 mac(key.expose());
      mac.update({&half, 1}).update(fresh.expose());
      mac.update(Transcript(purpose).bytes(transcript).view());
      const base::SecretArray<crypto::kSm3Size> part(mac.finish());
      std::copy(part.expose().begin(), part.expose().end(),
                wide.expose_mutable().begin() + half * crypto::kSm3Size);
    }
    value = crypto::Scalar::reduce(wide.expose());
  } while (value.is_zero());
  return Nonce(crypto::SecretScalar(value));
}

crypto::Scalar Nonce::spend() && {
  HEQI_CHECK(fresh_);
  fresh_ = false;
  const crypto::Scalar value = value_.expose();
  value_ = crypto::SecretScalar();
  return value;
}

}  // namespace heqi::cosign
