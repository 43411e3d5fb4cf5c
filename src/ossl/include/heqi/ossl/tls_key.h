// heqi/ossl/tls_key.h: the private key of a TLS server, with its octets.
#pragma once
#include <memory>

#include <heqi/base/tls_key.h>

namespace heqi::ossl {

// parse_tls_key takes an unencrypted PEM block of an RSA key of 2048 to 8192 bits or of a key on
// P-256, P-384 or P-521. Fails with malformed, unsupported (another kind of key), limit_exceeded.
base::Result<std::unique_ptr<base::TlsKey>> parse_tls_key(base::ByteView pem);

}  // namespace heqi::ossl
