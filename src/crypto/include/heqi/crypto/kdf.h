// heqi/crypto/kdf.h: keys from passwords and from shared secrets.
#pragma once
#include <functional>

#include <heqi/base/secret.h>

namespace heqi::crypto {

struct StretchOptions {
  std::uint32_t rounds = 600'000;                  // docs/limits.md
  std::function<void(unsigned percent)> progress;  // called now and then; may be empty
};

// stretch is PBKDF2 with HMAC-SM3 (GB/T 32918-family practice, RFC 8018 §5.2): size bytes from a
// password.
base::SecretBytes stretch(base::ByteView password, base::ByteView salt, std::size_t size,
                          const StretchOptions& options);

// sm2_kdf is the KDF of GB/T 32918.4 §5.4.3 with SM3: size bytes from shared || counter.
base::SecretBytes sm2_kdf(base::ByteView shared, std::size_t size);

}  // namespace heqi::crypto
