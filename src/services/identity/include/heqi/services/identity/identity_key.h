// heqi/services/identity/identity_key.h: the key under which this service hides what it must find
// again.
#pragma once
#include <functional>

#include <heqi/base/result.h>
#include <heqi/crypto/sm3.h>

namespace heqi::services::identity {

// IdentityKey is a secret of the installation that is not in the database, nor here: the module has
// it. Without it a copy of the database gives no ID numbers.
class IdentityKey {
 public:
  // Asked gives HMAC-SM3 of a message under the key. Thread-safe.
  using Asked = std::function<base::Result<base::Bytes>(base::ByteView message)>;
  explicit IdentityKey(Asked asked) : asked_(std::move(asked)) {}
  // mac is the HMAC over purpose and value; different purposes never collide. Fails as Asked does.
  base::Result<crypto::Digest> mac(std::string_view purpose, std::string_view value) const;

 private:
  Asked asked_;
};

}  // namespace heqi::services::identity
