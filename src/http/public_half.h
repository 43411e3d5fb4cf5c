// public_half.h: what OpenSSL has of a server's key: the public half, and whom to ask for the rest.
#pragma once
#include <openssl/evp.h>

#include <memory>

#include <heqi/base/tls_key.h>

namespace heqi::http {

struct FreePublicHalf {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using PublicHalf = std::unique_ptr<EVP_PKEY, FreePublicHalf>;

// public_half_of makes a key whose signatures key makes; key outlives it, and every context that it
// is given to. Fails with malformed, and with unsupported where key is neither RSA nor of a curve.
base::Result<PublicHalf> public_half_of(base::TlsKey& key);

}  // namespace heqi::http
