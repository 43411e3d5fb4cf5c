// heqi/services/identity/identity_key.h: the key under which this service hides what it must find
// again.
#pragma once
#include <heqi/base/secret.h>
#include <heqi/crypto/sm3.h>

namespace heqi::services::identity {

// IdentityKey is a secret of the installation, 32 bytes, that is not in the database. Without it a
// copy of the database gives no ID numbers.
class IdentityKey {
 public:
  explicit IdentityKey(base::SecretBytes key) : key_(std::move(key)) {}
  // mac is HMAC-SM3 over purpose and value; different purposes never collide.
  crypto::Digest mac(std::string_view purpose, std::string_view value) const;

 private:
  base::SecretBytes key_;
};

}  // namespace heqi::services::identity
