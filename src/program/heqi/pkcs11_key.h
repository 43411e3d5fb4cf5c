// pkcs11_key.h: a signer's key in a token (PKCS#11 2.40): a USB key, a smart card, a hardware
// module. The private key stays there.
#pragma once
#include <memory>

#include <heqi/base/secret.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

#include "pkcs11_uri.h"

namespace heqi::program {

// open_pkcs11_key loads the token's library, signs in with pin and finds the key. The signer signs
// with RSA (PKCS#1 v1.5, SHA-256) or ECDSA (P-256, P-384, P-521 with the hash of their size), as
// the certificate's key asks, and gives no signature that does not hold under that key. Fails with
// not_found (library, token, key), conflict (several match, or the key is not the certificate's),
// denied (PIN), unsupported (kind of key), unavailable (the token fails; the detail has its
// number).
base::Result<std::unique_ptr<x509::Signer>> open_pkcs11_key(const Pkcs11Uri& uri,
                                                            const base::SecretBytes& pin,
                                                            const x509::Certificate& certificate);

}  // namespace heqi::program
