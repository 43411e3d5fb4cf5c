// heqi/ossl/signer.h: RSA and ECDSA keys that sign: for TLS material and for interoperability.
#pragma once
#include <memory>

#include <heqi/base/secret.h>
#include <heqi/x509/public_key_info.h>
#include <heqi/x509/signer.h>

namespace heqi::ossl {

// RsaPadding says how an RSA key signs (RFC 8017 §8.1, §8.2).
enum class RsaPadding : std::uint8_t { pss, pkcs1_v15 };

struct SignerOptions {
  RsaPadding rsa_padding = RsaPadding::pkcs1_v15;
};

// KeyPair is a private key in OpenSSL's keeping with its public part.
struct KeyPair {
  std::unique_ptr<x509::Signer> signer;
  x509::PublicKeyInfo public_key;
};

// parse_private_key_pem takes an unencrypted PKCS#8 (or traditional) PEM block of an RSA key or a
// key on P-256, P-384 or P-521; it signs with SHA-256, SHA-384 or SHA-512 by strength (RSA:
// SHA-256). Fails with malformed, unsupported.
base::Result<KeyPair> parse_private_key_pem(base::ByteView pem, const SignerOptions& options = {});

// KeyKind is what a software key can be made as.
enum class KeyKind : std::uint8_t { p256, p384, p521, rsa2048, rsa3072, rsa4096 };

// make_key_pem draws a key from OpenSSL's random source, as PKCS#8 PEM in the clear.
base::Result<base::SecretBytes> make_key_pem(KeyKind kind);

// make_throw_away_signer draws a key that signs with algorithm and is never kept: for looking at a
// structure in its signed form before the real key signs it. Fails with unsupported.
base::Result<std::unique_ptr<x509::Signer>> make_throw_away_signer(
    const x509::AlgorithmIdentifier& algorithm);

// make_p256_key_pem draws a P-256 key from OpenSSL's random source, as PKCS#8 PEM in the clear.
base::Result<base::SecretBytes> make_p256_key_pem();

}  // namespace heqi::ossl
