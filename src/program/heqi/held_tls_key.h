// held_tls_key.h: the key of a server's TLS connections with its octets, as only the process that
// holds keys has it (key_holder.h).
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/random.h>
#include <heqi/base/tls_key.h>
#include <heqi/x509/certificate.h>

namespace heqi::program {

// HeldTlsKey signs handshakes.
struct HeldTlsKey {
  std::unique_ptr<base::TlsKey> key;
  x509::PublicKeyInfo public_key;
  std::vector<x509::Certificate> certificates = {};  // of a folder: the server's, and the root
};

// open_tls_key_file takes PEM. Fails with not_found, malformed, unsupported (an encrypted key, or
// another kind than RSA of 2048 to 8192 bits, P-256, P-384 and P-521).
base::Result<HeldTlsKey> open_tls_key_file(const std::string& path);

// open_tls_folder takes the server's key of a folder, and makes what is missing: a root, and below
// it a certificate for names. A certificate that lacks one of them, is of another key, or has less
// than a third of its period left is made anew with its key. The root's key is here as long as that
// takes. Fails with malformed (a name; a root that is not of its key), expired (the root), storage.
base::Result<HeldTlsKey> open_tls_folder(const std::string& path,
                                         const std::vector<std::string>& names,
                                         const base::Clock& clock, base::Random& random);

// The names in such a folder.
inline constexpr const char *kTlsRootFile = "root.pem", *kTlsServerKeyFile = "server-key.pem";

}  // namespace heqi::program
