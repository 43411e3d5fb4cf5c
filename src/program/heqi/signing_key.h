// signing_key.h: a signer's key with its certificates, from the files that a command line names.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <heqi/base/random.h>
#include <heqi/base/secret.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

namespace heqi::program {

// SigningKey is who signs. chain has no self-signed certificates: verifiers bring their roots.
struct SigningKey {
  std::unique_ptr<x509::Signer> signer;
  x509::Certificate certificate;
  std::vector<x509::Certificate> chain;
};

// KeyHolder is whose memory a key of a file is in: that of a process which signs and does nothing
// else (key_process.h), or the caller's, where no heqi lies beside its program.
enum class KeyHolder : std::uint8_t { another_process, caller };

// KeyFiles are the files: key is PKCS#12 (.p12, .pfx), PEM, a PKCS#11 URI or that of a key of
// heqi-device (device_key.h); certificate is PEM or DER, the signer's first, perhaps followed by
// its chain; not needed with PKCS#12.
struct KeyFiles {
  std::string key, certificate;
  KeyHolder holder = KeyHolder::another_process;
};

// asks_for_password tells whether the key is PKCS#12, in a token, or in heqi-device.
bool asks_for_password(const std::string& path);

// open_signing_key fails with not_found (a file, or no certificate), malformed, denied (password),
// conflict (the certificate is of another key), unsupported (an encrypted PEM key, or another kind
// of key than SM2, RSA and ECDSA), and as open_pkcs11_key and open_device_key. random outlives the
// key.
base::Result<SigningKey> open_signing_key(const KeyFiles& files, const base::SecretBytes& password,
                                          base::Random& random);

}  // namespace heqi::program
