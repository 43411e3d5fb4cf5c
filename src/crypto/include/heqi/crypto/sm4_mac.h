// heqi/crypto/sm4_mac.h: message authentication codes from SM4: CMAC (GB/T 15852.1 algorithm 5, SP
// 800-38B) and CBC-MAC, the ground of others.
#pragma once
#include <heqi/crypto/sm4.h>

namespace heqi::crypto {

class Sm4Cmac {
 public:
  explicit Sm4Cmac(const Sm4Key& key);

  Sm4Block tag(base::ByteView message) const;
  // verify compares in constant time. Tags of 8 bytes to 16, the first ones of the whole, else
  // malformed; invalid_signature where the tag is wrong.
  base::Status verify(base::ByteView message, base::ByteView tag) const;
  // tag_each is tag of many messages, sixteen at a time. Both have the same number (checked).
  void tag_each(std::span<const base::ByteView> messages, std::span<Sm4Block> tags) const;

 private:
  Sm4Block last_block(base::ByteView message) const;

  Sm4 cipher_;
  base::SecretArray<kSm4BlockSize> whole_, padded_;  // K1 and K2
};

// sm4_cbc_mac is the CBC-MAC of whole blocks, else malformed: no padding, no last step (GB/T
// 15852.1 algorithm 1 with padding 1). By itself it is safe only where all messages have one
// length.
base::Result<Sm4Block> sm4_cbc_mac(const Sm4& cipher, base::ByteView message);

}  // namespace heqi::crypto
