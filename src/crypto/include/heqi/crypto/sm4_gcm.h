// heqi/crypto/sm4_gcm.h: SM4 in Galois/counter mode (GB/T 36624 §10, RFC 8998) for many messages
// under one key: the key schedule and the powers of the hash key are made once.
#pragma once
#include <heqi/crypto/sm4.h>

namespace heqi::crypto {

class Sm4Gcm {
 public:
  using Tag = std::array<std::uint8_t, kGcmTagSize>;

  explicit Sm4Gcm(const Sm4Key& key);
  ~Sm4Gcm();
  Sm4Gcm(const Sm4Gcm&) = delete;
  Sm4Gcm& operator=(const Sm4Gcm&) = delete;

  // seal writes the ciphertext, which is as long as plain and may take its place, and returns the
  // tag. The nonce has 12 bytes, else malformed, and must never repeat under a key. At most
  // 2^36 - 32 bytes, else limit_exceeded.
  base::Result<Tag> seal(base::ByteView nonce, base::ByteView associated, base::ByteView plain,
                         base::MutableByteView sealed) const;
  // open writes the plaintext, which may take the ciphertext's place. It fails with malformed for a
  // nonce or tag of another length, with invalid_signature when the tag is wrong; plain is then all
  // zeros.
  base::Status open(base::ByteView nonce, base::ByteView associated, base::ByteView sealed,
                    base::ByteView tag, base::MutableByteView plain) const;

 private:
  struct Message;

  Sm4 cipher_;
  alignas(64) std::array<std::uint8_t, 1024> powers_;
};

}  // namespace heqi::crypto
