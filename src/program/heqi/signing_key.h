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

// KeyFiles are the files: key is PKCS#12 (.p12, .pfx), PEM, a PKCS#11 URI, that of a key of
// heqi-device (device_key.h) or of a server's device (sdf_key.h); certificate is PEM or DER, the
// signer's first, perhaps followed by its chain; not needed with PKCS#12. program is the heqi whose
// process opens a key of a file (key_process.h); empty: the one beside this program.
struct KeyFiles {
  std::string key, certificate, program = {};
};

// is_key_file tells whether the key is in a file, and not named by a URI.
bool is_key_file(const std::string& path);
// asks_for_password tells whether the key is PKCS#12, in a token, in heqi-device, or in a server's
// device whose URI names no file of the password.
bool asks_for_password(const std::string& path);

// open_signing_key fails with not_found (a file, or no certificate), malformed, denied (password),
// conflict (the certificate is of another key), unsupported (an encrypted PEM key, or another kind
// of key than SM2, RSA and ECDSA), and as open_key_elsewhere, open_pkcs11_key,
// open_device_key and open_sdf_key.
base::Result<SigningKey> open_signing_key(const KeyFiles& files, const base::SecretBytes& password);

}  // namespace heqi::program
