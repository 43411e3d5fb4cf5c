#include <heqi/services/identity/identity_key.h>

#include <heqi/crypto/hmac.h>

namespace heqi::services::identity {

crypto::Digest IdentityKey::mac(std::string_view purpose, std::string_view value) const {
  // The length in front keeps ("a", "bc") and ("ab", "c") apart.
  const std::uint8_t size = static_cast<std::uint8_t>(purpose.size());
  HEQI_CHECK(purpose.size() < 256);
  return crypto::HmacSm3(key_.expose())
      .update({&size, 1})
      .update(base::bytes_of(purpose))
      .update(base::bytes_of(value))
      .finish();
}

}  // namespace heqi::services::identity
