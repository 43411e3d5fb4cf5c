// heqi/device/local_services.h: what LocalService does with a key that is open, alike in the
// terminal's module and in the server's.
#pragma once
#include <optional>
#include <string>

#include <heqi/crypto/sm2_exchange.h>
#include <heqi/device/local_keys.h>

namespace heqi::device {

// BegunAgreement is user A's part of a key exchange between its two services. Memory only.
struct BegunAgreement {
  std::string name;  // of the key
  crypto::ExchangeInitiator initiator;
};

// serve_without_key verifies or encrypts. Fails with invalid_signature, crypto_not_on_curve,
// malformed.
base::Result<base::SecretBytes> serve_without_key(const LocalRequest& request,
                                                  base::Random& random);
// serve_with_key signs, decrypts or does a step of an agreement. begun is taken by finish_agreement
// and made by begin_agreement. Fails with invalid_signature (a ciphertext that is not for this key,
// a confirmation that does not fit), not_found (an agreement that was begun), crypto_not_on_curve,
// malformed.
base::Result<base::SecretBytes> serve_with_key(const crypto::PrivateKey& key,
                                               const LocalRequest& request,
                                               std::optional<BegunAgreement>& begun,
                                               base::Random& random);

}  // namespace heqi::device
