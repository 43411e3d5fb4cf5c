// heqi/crypto/hmac_batch.h: HMAC with SM3 (GB/T 15852.2) of many messages under one key, side by
// side (sm3_batch.h).
#pragma once
#include <heqi/crypto/sm3_batch.h>

namespace heqi::crypto {

// hmac_sm3_batch makes digests[i] = HMAC-SM3(key, messages[i]). As many digests as messages
// (checked). Constant time in the key and in what the messages hold.
void hmac_sm3_batch(base::ByteView key, std::span<const base::ByteView> messages,
                    std::span<Digest> digests);

}  // namespace heqi::crypto
