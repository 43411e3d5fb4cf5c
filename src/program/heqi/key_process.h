// key_process.h: keys in a process of their own: `heqi worker key`, which alone opens them. Who
// signs has the public key, and gets signatures.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/secret.h>
#include <heqi/services/kmc/centre.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

#include "key_channel.h"

namespace heqi::program {

class KeyConnections;

// KeyOfFile is what one sees of it. The process lives as long as the signer, and signs for as many
// threads at once as it has connections.
struct KeyOfFile {
  std::unique_ptr<x509::Signer> signer;
  x509::PublicKeyInfo public_key;
  std::vector<x509::Certificate> certificates;  // of PKCS#12, the key's own first
};

struct KeyProcessOptions {
  std::string program = {};  // heqi; empty: the one beside this program
  int connections = 1;
};

// open_key_elsewhere starts the process. Fails as open_key_file (held_key.h), and with unavailable
// where the process ends, not_found where there is no such program.
base::Result<KeyOfFile> open_key_elsewhere(const std::string& path,
                                           const base::SecretBytes& password,
                                           const KeyProcessOptions& options = {});
// make_key_elsewhere has the process make an SM2 key in a file that only this user may read;
// conflict where the file is there.
base::Result<KeyOfFile> make_key_elsewhere(const std::string& path);

// FolderKeys are the keys of an authority's folder (SealedKeys), in one process.
class FolderKeys {
 public:
  // open fails with denied for a wrong passphrase, not_found for a key that is not there.
  static base::Result<FolderKeys> open(const std::string& folder,
                                       const base::SecretBytes& passphrase,
                                       std::vector<std::string> names);
  // make makes what is not there, of kind (nullopt: SM2).
  static base::Result<FolderKeys> make(const std::string& folder,
                                       const base::SecretBytes& passphrase,
                                       std::vector<std::string> names,
                                       std::optional<ossl::KeyKind> kind);

  // signer and public_key are those of the key of this place among the names.
  x509::Signer& signer(std::size_t place) const { return *signers_[place]; }
  const x509::PublicKeyInfo& public_key(std::size_t place) const { return seen_[place].public_key; }
  // vault keeps encryption keys under the same passphrase.
  services::kmc::Vault& vault() const { return *vault_; }
  // is_running tells whether the process is still there.
  bool is_running() const;

 private:
  static base::Result<FolderKeys> start(KeyWish wish);
  std::shared_ptr<KeyConnections> connections_;
  std::vector<SeenKey> seen_;
  std::vector<std::unique_ptr<x509::Signer>> signers_;
  std::unique_ptr<services::kmc::Vault> vault_;
};

}  // namespace heqi::program
