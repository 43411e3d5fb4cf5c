// heqi/crypto/sm4.h: the SM4 block cipher (GB/T 32907) and its modes without authentication (GB/T
// 17964). Constant time: the S-box is computed, never looked up by a secret. GCM, CCM, XTS and the
// CMAC have headers of their own.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include <heqi/base/result.h>
#include <heqi/base/secret.h>

namespace heqi::crypto {

namespace internal {
struct Sm4Kernel;
struct Sm4Keys {
  alignas(64) std::array<std::uint32_t, 32> encrypt;
  std::array<std::uint32_t, 32> decrypt;
};
}  // namespace internal

inline constexpr std::size_t kSm4KeySize = 16, kSm4BlockSize = 16;
using Sm4Key = base::SecretArray<kSm4KeySize>;
using Sm4Block = std::array<std::uint8_t, kSm4BlockSize>;

// CbcMessage is one of several messages that are encrypted side by side.
struct CbcMessage {
  Sm4Block iv;
  base::ByteView in;
  base::MutableByteView out;
};

// Sm4 is a key schedule. Its round keys are wiped when it goes. In every call in and out have the
// same size (checked) and are the same memory, or do not meet.
class Sm4 {
 public:
  explicit Sm4(const Sm4Key& key);
  ~Sm4();
  Sm4(const Sm4&) = delete;
  Sm4& operator=(const Sm4&) = delete;

  // encrypt_blocks and decrypt_blocks work block by block (ECB). The size must be a multiple of 16
  // (checked).
  void encrypt_blocks(base::ByteView in, base::MutableByteView out) const;
  void decrypt_blocks(base::ByteView in, base::MutableByteView out) const;

  // ctr is counter mode with a 128-bit big-endian counter; it is its own inverse. counter is left
  // at the first one not used. Only the last part of a message may have a part of a block.
  void ctr(Sm4Block& counter, base::ByteView in, base::MutableByteView out) const;

  // Cipher block chaining without padding: sizes are multiples of 16, else malformed. chain begins
  // as the IV and is left at the last block of ciphertext.
  base::Status cbc_encrypt(Sm4Block& chain, base::ByteView in, base::MutableByteView out) const;
  base::Status cbc_decrypt(Sm4Block& chain, base::ByteView in, base::MutableByteView out) const;
  // cbc_encrypt_each encrypts any number of messages under this key, sixteen at a time: chaining
  // leaves most of the processor idle, which the others fill. Fails with malformed, and has then
  // written nothing, if one of them is not a multiple of 16.
  base::Status cbc_encrypt_each(std::span<const CbcMessage> messages) const;

  // The kernel of this object, and its round keys in that kernel's form: for the other modes.
  const internal::Sm4Kernel& kernel() const { return *kernel_; }
  const internal::Sm4Keys& round_keys() const { return keys_; }

 private:
  internal::Sm4Keys keys_;
  const internal::Sm4Kernel* kernel_;
};

// sm4_cbc_encrypt and sm4_cbc_decrypt fail with malformed where a size is not a multiple of 16.
base::Result<base::SecretBytes> sm4_cbc_encrypt(const Sm4Key& key, const Sm4Block& iv,
                                                base::ByteView plain);
base::Result<base::SecretBytes> sm4_cbc_decrypt(const Sm4Key& key, const Sm4Block& iv,
                                                base::ByteView cipher);

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
