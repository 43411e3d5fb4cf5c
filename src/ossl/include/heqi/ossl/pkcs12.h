// heqi/ossl/pkcs12.h: a key with its certificates in one file under a password (RFC 7292).
#pragma once
#include <vector>

#include <heqi/base/secret.h>
#include <heqi/x509/certificate.h>

namespace heqi::ossl {

inline constexpr std::size_t kPkcs12SizeMax = std::size_t{1} << 20;  // docs/limits.md

// KeyWithCertificates is what a file holds: an RSA, ECDSA or SM2 key as PKCS#8 PEM in the clear,
// its certificate, and the others beside it.
struct KeyWithCertificates {
  base::SecretBytes key_pem;
  x509::Certificate certificate;
  std::vector<x509::Certificate> others;
};

// parse_pkcs12 opens a PFX. Fails with denied (wrong password), malformed, unsupported (no key or
// no certificate in it, or a cipher that OpenSSL no longer offers), limit_exceeded.
base::Result<KeyWithCertificates> parse_pkcs12(base::ByteView der,
                                               const base::SecretBytes& password);

}  // namespace heqi::ossl
