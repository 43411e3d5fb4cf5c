// heqi/crypto/sm4.h: the SM4 block cipher (GB/T 32907) and its modes. Constant time: bitsliced or
// computed S-box, never a table indexed by a secret.
#pragma once
#include <array>
#include <memory>

#include <heqi/base/result.h>
#include <heqi/base/secret.h>

namespace heqi::crypto {

inline constexpr std::size_t kSm4KeySize = 16, kSm4BlockSize = 16;
using Sm4Key = base::SecretArray<kSm4KeySize>;
using Sm4Block = std::array<std::uint8_t, kSm4BlockSize>;

// Sm4 is a key schedule. Its round keys are wiped when it goes.
class Sm4 {
 public:
  explicit Sm4(const Sm4Key& key);
  ~Sm4();
  Sm4(const Sm4&) = delete;
  Sm4& operator=(const Sm4&) = delete;

  // encrypt_blocks and decrypt_blocks work block by block (ECB); in and out may be the same memory.
  // The size must be a multiple of 16 (checked).
  void encrypt_blocks(base::ByteView in, base::MutableByteView out) const;
  void decrypt_blocks(base::ByteView in, base::MutableByteView out) const;

 private:
  std::array<std::uint32_t, 32> round_keys_;
};

// Cipher block chaining (GB/T 17964) without padding: sizes are multiples of 16, else malformed.
base::Result<base::SecretBytes> sm4_cbc_encrypt(const Sm4Key& key, const Sm4Block& iv,
                                                base::ByteView plain);
base::Result<base::SecretBytes> sm4_cbc_decrypt(const Sm4Key& key, const Sm4Block& iv,
                                                base::ByteView cipher);

// sm4_ctr is counter mode with a 128-bit big-endian counter; it is its own inverse.
base::SecretBytes sm4_ctr(const Sm4Key& key, const Sm4Block& counter, base::ByteView in);

inline constexpr std::size_t kGcmNonceSize = 12, kGcmTagSize = 16;
// sm4_gcm_seal returns ciphertext || tag (GB/T 36624, RFC 8998). The nonce must never repeat under
// a key.
base::Result<base::Bytes> sm4_gcm_seal(const Sm4Key& key, base::ByteView nonce,
                                       base::ByteView associated, base::ByteView plain);
// sm4_gcm_open fails with invalid_signature when the tag is wrong, and then gives out nothing.
base::Result<base::SecretBytes> sm4_gcm_open(const Sm4Key& key, base::ByteView nonce,
                                             base::ByteView associated, base::ByteView sealed);

}  // namespace heqi::crypto
