// software_key.h: SM2 keys in files: a signer's own key in the clear, the keys of a file-backed
// authority sealed under a passphrase.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/file_store.h>
#include <heqi/base/random.h>
#include <heqi/base/secret.h>
#include <heqi/crypto/drbg.h>
#include <heqi/crypto/sm2.h>
#include <heqi/keys/sealing.h>
#include <heqi/ossl/signer.h>

#include "held_key.h"

namespace heqi::program {

// Randomness is a generator of its own for one command.
struct Randomness {
  base::SystemClock clock;
  base::SystemRandom system;
  std::unique_ptr<crypto::HashDrbg> generator;
};
base::Result<std::unique_ptr<Randomness>> make_randomness();

inline constexpr std::size_t kKeyFileSizeMax = 64 * 1024;

// WipedOctets is a file's content, or another buffer, that is wiped when it goes.
struct WipedOctets {
  ~WipedOctets() { base::secure_wipe(octets.data(), octets.size()); }
  base::Bytes octets;
};

// parse_software_key takes the content of a key file: PKCS#8 or SEC 1, PEM or DER, unencrypted.
// Fails with malformed, unsupported (encrypted, or of another curve).
base::Result<crypto::PrivateKey> parse_software_key(base::ByteView file);
// write_software_key writes PKCS#8 PEM that only this user may read; conflict where the file is
// there.
base::Status write_software_key(const std::string& path, const crypto::PrivateKey& key);

// SealedKeys are the keys in a folder, under a key that is sealed under a passphrase.
class SealedKeys {
 public:
  // make fails with conflict where the folder has keys already.
  static base::Result<SealedKeys> make(base::FileStore& files, const base::SecretBytes& passphrase,
                                       base::Random& random);
  // open fails with denied for a wrong passphrase.
  static base::Result<SealedKeys> open(base::FileStore& files, const base::SecretBytes& passphrase);

  // get fails with not_found; what the key may sign goes by its name.
  base::Result<HeldKey> get(std::string_view name) const;
  // get_or_make makes the key where it is not there: SM2, or of kind.
  base::Result<HeldKey> get_or_make(std::string_view name, std::optional<ossl::KeyKind> kind,
                                    base::Random& random);
  // wrapping is for what else is kept under the same passphrase.
  const keys::WrappingKey& wrapping() const { return wrapping_; }

 private:
  SealedKeys(base::FileStore& files, keys::WrappingKey wrapping)
      : files_(&files), wrapping_(std::move(wrapping)) {}
  base::FileStore* files_;
  keys::WrappingKey wrapping_;
};

}  // namespace heqi::program
