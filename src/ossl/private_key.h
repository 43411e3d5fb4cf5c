// Private keys in PEM, for whoever signs with them. Private to this layer.
#pragma once
#include <heqi/base/bytes.h>

#include "openssl_types.h"

namespace heqi::ossl {

// read_private_key takes an unencrypted PEM block. Fails with malformed, limit_exceeded.
base::Result<Pkey> read_private_key(base::ByteView pem);

// write_public_key gives the SubjectPublicKeyInfo of key, DER.
base::Result<base::Bytes> write_public_key(const EVP_PKEY* key);

// check_rsa_size fails with unsupported where key has fewer bits than are safe, or more than any.
base::Status check_rsa_size(const EVP_PKEY* key);

}  // namespace heqi::ossl
