// key_process.h: a key in a file, in a process of its own: `heqi worker key`, which alone opens the
// file. Who signs has the public key, and gets signatures.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <heqi/base/secret.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

namespace heqi::program {

inline constexpr std::size_t kSignedMessageSizeMax = std::size_t{1} << 30;  // docs/limits.md

// KeyOfFile is what one sees of it. The process lives as long as the signer.
struct KeyOfFile {
  std::unique_ptr<x509::Signer> signer;
  x509::PublicKeyInfo public_key;
  std::vector<x509::Certificate> certificates;  // of PKCS#12, the key's own first
};

// open_key_elsewhere starts the process. It takes PKCS#12 (.p12, .pfx) with password, PEM, and of
// SM2 also DER. Fails with not_found, malformed, denied (password), unsupported (an encrypted PEM
// key, or another kind of key than SM2, RSA and ECDSA), unavailable where the process ends.
base::Result<KeyOfFile> open_key_elsewhere(const std::string& path,
                                           const base::SecretBytes& password);
// open_key_here is the same in this process, for who has no such program beside it. random outlives
// the signer.
base::Result<KeyOfFile> open_key_here(const std::string& path, const base::SecretBytes& password,
                                      base::Random& random);
// make_key_elsewhere has the process make an SM2 key in a file that only this user may read;
// conflict where the file is there.
base::Result<KeyOfFile> make_key_elsewhere(const std::string& path);

// serve_key is the other end: one key, then messages to sign until nobody is there any more.
int serve_key();

// is_pkcs12 tells it by the file's name.
bool is_pkcs12(const std::string& path);

}  // namespace heqi::program
