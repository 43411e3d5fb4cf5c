// pin.h: d1 under the PIN, and under the factors that stand beside it (factors.h); `pin` is all of
// them here. There is no padding, tag or check value: every PIN gives some share, and
// only the key centre knows which one is right.
#pragma once
#include "state.h"

namespace heqi::device {

// Progress is told the percent of the PIN's stretching that is done; it may be empty.
using Progress = std::function<void(unsigned)>;

// protect_share draws a salt and encrypts d1 under PBKDF2-HMAC-SM3(PIN and device secret, salt).
base::Status protect_share(KeySlot& slot, const crypto::SecretScalar& d1, base::ByteView pin,
                           const WrapKeys& keys, std::uint32_t rounds, base::Random& random,
                           const Progress& progress = {});
// new_pin_key draws a salt for slot and gives the PIN's key for it, to encrypt a share that is not
// there yet; encrypt_share does that.
base::Result<crypto::Sm4Key> new_pin_key(KeySlot& slot, base::ByteView pin, const WrapKeys& keys,
                                         std::uint32_t rounds, base::Random& random,
                                         const Progress& progress = {});
void encrypt_share(KeySlot& slot, const crypto::SecretScalar& d1, const crypto::Sm4Key& key);
// recover_share gives the d1 of the right PIN, and some other share for a wrong one.
crypto::SecretScalar recover_share(const KeySlot& slot, base::ByteView pin, const WrapKeys& keys,
                                   const Progress& progress = {});

}  // namespace heqi::device
