// heqi/keys/sealing.h: secrets at rest (architecture decision 12). Everything that the module keeps
// on a disk is sealed by SM4-GCM under the root wrapping key, bound to what it is, or under a
// passphrase that is told once.
#pragma once
#include <string>

#include <heqi/base/file_store.h>
#include <heqi/base/random.h>
#include <heqi/crypto/sm4.h>

namespace heqi::keys {

// SealContext says what a sealed secret is; it is authenticated, so that blobs cannot be swapped.
struct SealContext {
  std::string_view purpose;  // "service-key", "master-key", "joint-public-share"…
  std::string_view name;
  std::int64_t version = 1;
};

// WrappingKey is the module's root wrapping key, or a key derived from a passphrase.
class WrappingKey {
 public:
  explicit WrappingKey(crypto::Sm4Key key) : key_(std::move(key)) {}

  // open_or_make reads the key from a file that only the module's user may read, or makes it at
  // first start. Fails with denied where the file has another size, and with what store reports.
  static base::Result<WrappingKey> open_or_make(base::FileStore& store, std::string_view file,
                                                base::Random& random);

  // seal returns nonce || ciphertext || tag.
  base::Result<base::Bytes> seal(const SealContext& context, base::ByteView secret,
                                 base::Random& random) const;
  // open fails with invalid_signature when the blob was changed or belongs to another context.
  base::Result<base::SecretBytes> open(const SealContext& context, base::ByteView sealed) const;

 private:
  crypto::Sm4Key key_;
};

// seal_under_passphrase seals with a key stretched from the passphrase: salt(16) || rounds(4) ||
// sealed.
base::Result<base::Bytes> seal_under_passphrase(const SealContext& context,
                                                base::ByteView passphrase, base::ByteView secret,
                                                base::Random& random);
// open_under_passphrase fails with invalid_signature for a wrong passphrase.
base::Result<base::SecretBytes> open_under_passphrase(const SealContext& context,
                                                      base::ByteView passphrase,
                                                      base::ByteView sealed);

// make_passphrase draws 160 bits and writes them as eight groups of four Base32 characters.
base::Result<base::SecretBytes> make_passphrase(base::Random& random);

}  // namespace heqi::keys
