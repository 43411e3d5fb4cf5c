// sm2_batch_core.h: the signing of a batch with nonces that are given. A nonce used twice, or known
// to another, gives the key away: for sm2_batch.cc, tests and benchmarks only.
#pragma once
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

// sign_batch_core signs each item; empty where the standard draws again. Fails with internal where
// a check finds a fault.
base::Result<std::vector<std::optional<Signature>>> sign_batch_core(
    std::span<const NonceAndDigest> items);

}  // namespace heqi::crypto::internal
