// heqi/crypto/sm4_ccm.h: SM4 in counter mode with CBC-MAC (GB/T 36624 §7, RFC 3610, RFC 8998).
#pragma once
#include <heqi/crypto/sm4.h>

namespace heqi::crypto {

class Sm4Ccm {
 public:
  explicit Sm4Ccm(const Sm4Key& key) : cipher_(key) {}

  // seal writes the ciphertext, which is as long as plain and may take its place, and the tag,
  // whose length is 4, 6, 8, 10, 12, 14 or 16 bytes. The nonce has 7 to 13 bytes, leaves 15 - n for
  // the length of plain and must never repeat under a key. malformed or limit_exceeded otherwise.
  base::Status seal(base::ByteView nonce, base::ByteView associated, base::ByteView plain,
                    base::MutableByteView sealed, base::MutableByteView tag) const;
  // open fails with invalid_signature when the tag is wrong; plain is then all zeros.
  base::Status open(base::ByteView nonce, base::ByteView associated, base::ByteView sealed,
                    base::ByteView tag, base::MutableByteView plain) const;

 private:
  struct Message;

  Sm4 cipher_;
};

}  // namespace heqi::crypto
