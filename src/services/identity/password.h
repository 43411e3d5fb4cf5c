// password.h: argon2id (RFC 9106) through libargon2.
#pragma once
#include <string>

#include <heqi/services/identity/account.h>

namespace heqi::services::identity {

// hash_password is the encoded form with its parameters and a fresh salt.
base::Result<std::string> hash_password(const base::SecretBytes& password, PasswordCost cost,
                                        base::Random& random);
// verify_password does the work of the parameters in encoded. Fails with identity_sign_in_failed,
// internal.
base::Status verify_password(const std::string& encoded, const base::SecretBytes& password);

}  // namespace heqi::services::identity
