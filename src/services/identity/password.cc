#include "password.h"

#include <argon2.h>

namespace heqi::services::identity {
namespace {

constexpr std::size_t kSaltSize = 16, kHashSize = 32;

}  // namespace

base::Result<std::string> hash_password(const base::SecretBytes& password, PasswordCost cost,
                                        base::Random& random) {
  HEQI_TRY(const base::Bytes salt, base::random_bytes(random, kSaltSize));
  std::string encoded(
      argon2_encodedlen(cost.passes, cost.memory_kib, 1, kSaltSize, kHashSize, Argon2_id), '\0');
  const int code = argon2id_hash_encoded(cost.passes, cost.memory_kib, 1, password.expose().data(),
                                         password.size(), salt.data(), salt.size(), kHashSize,
                                         encoded.data(), encoded.size());
  if (code != ARGON2_OK)
    return base::fail(base::Code::internal, std::string("argon2: ") + argon2_error_message(code));
  encoded.resize(encoded.find('\0'));
  return encoded;
}

base::Status verify_password(const std::string& encoded, const base::SecretBytes& password) {
  const int code = argon2id_verify(encoded.c_str(), password.expose().data(), password.size());
  if (code == ARGON2_OK) return {};
  if (code == ARGON2_VERIFY_MISMATCH) return base::fail(base::Code::identity_sign_in_failed);
  return base::fail(base::Code::internal, std::string("argon2: ") + argon2_error_message(code));
}

}  // namespace heqi::services::identity
