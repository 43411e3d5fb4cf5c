#include <heqi/services/identity/identity_key.h>

#include <algorithm>

#include <heqi/base/secret.h>

namespace heqi::services::identity {

base::Result<crypto::Digest> IdentityKey::mac(std::string_view purpose,
                                              std::string_view value) const {
  HEQI_CHECK(purpose.size() < 256);
  // The length in front keeps ("a", "bc") and ("ab", "c") apart.
  base::Bytes message{static_cast<std::uint8_t>(purpose.size())};
  base::append(message, base::bytes_of(purpose));
  base::append(message, base::bytes_of(value));
  const auto made = asked_(message);
  base::secure_wipe(message.data(), message.size());
  if (!made) return made.error();
  crypto::Digest out;
  if (made->size() != out.size()) return base::fail(base::Code::malformed, "a MAC of another size");
  std::copy(made->begin(), made->end(), out.begin());
  return out;
}

}  // namespace heqi::services::identity
