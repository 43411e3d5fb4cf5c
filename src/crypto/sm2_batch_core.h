// sm2_batch_core.h: the signing of a batch with nonces that are given. A nonce used twice, or known
// to another, gives the key away: for sm2_batch.cc, tests and benchmarks only.
#pragma once
#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include <heqi/crypto/sm2.h>

namespace heqi::crypto::internal {

// NonceAndDigest is one signature's input: k in 1…n−1.
struct NonceAndDigest {
  const PrivateKey* key;
  Digest e;
  Scalar k;
};

// kBatchChunk items are worked on together: enough for all lanes, few enough for the nearest
// caches.
inline constexpr std::size_t kBatchChunk = 64;

// in_chunks calls work(first, count) for all of count items until a call fails.
template <class Work>
base::Status in_chunks(std::size_t count, Work work) {
  for (std::size_t at = 0; at < count; at += kBatchChunk)
    if (base::Status done = work(at, std::min(kBatchChunk, count - at)); !done) return done;
  return {};
}

// draw_nonces draws at most kBatchChunk scalars in 1…n−1 from random at once.
base::Status draw_nonces(std::span<Scalar> nonces, base::Random& random);

// sign_batch_core signs each item; empty where the standard draws again. Fails with internal where
// a check finds a fault.
base::Result<std::vector<std::optional<Signature>>> sign_batch_core(
    std::span<const NonceAndDigest> items);

}  // namespace heqi::crypto::internal
