// legacy_cipher.h: the ciphers of encrypted PDFs: RC4, and AES in CBC (FIPS 197) with keys of 16
// and 32 octets. The keys are those of an empty password, which everybody can derive: not written
// to keep anything secret. Private to the reader.
#pragma once
#include <array>

#include <heqi/base/bytes.h>

namespace heqi::documents::pdf {

// rc4 encrypts and decrypts; key has 1 to 256 octets.
base::Bytes rc4(base::ByteView key, base::ByteView data);

// Aes is one key, of 16 or 32 octets.
class Aes {
 public:
  using Block = std::array<std::uint8_t, 16>;
  explicit Aes(base::ByteView key);

  Block encrypt(Block block) const;
  Block decrypt(Block block) const;
  // encrypt_cbc and decrypt_cbc take whole blocks, without padding.
  base::Bytes encrypt_cbc(const Block& initial, base::ByteView data) const;
  base::Bytes decrypt_cbc(const Block& initial, base::ByteView data) const;

 private:
  std::vector<Block> rounds_;
};

}  // namespace heqi::documents::pdf
