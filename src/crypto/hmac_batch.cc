#include <heqi/crypto/hmac_batch.h>

#include <vector>

#include "hmac_pads.h"

namespace heqi::crypto {

void hmac_sm3_batch(base::ByteView key, std::span<const base::ByteView> messages,
                    std::span<Digest> digests) {
  const internal::HmacPads pads(key);
  std::vector<Sm3Message> hashed;
  hashed.reserve(messages.size());
  for (const base::ByteView message : messages) hashed.push_back({pads.inner.expose(), message});
  std::vector<Digest> inner(messages.size());
  sm3_batch(hashed, inner);
  for (std::size_t i = 0; i < hashed.size(); ++i) hashed[i] = {pads.outer.expose(), inner[i]};
  sm3_batch(hashed, digests);
  base::secure_wipe(inner.data(), inner.size() * sizeof(Digest));
}

}  // namespace heqi::crypto
