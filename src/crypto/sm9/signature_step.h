// signature_step.h: the end of signing (GB/T 38635.2 §6.2), where r and h are known.
#pragma once
#include <optional>

#include <heqi/crypto/sm9.h>

namespace heqi::crypto::sm9::internal {

// finish_signature is steps A5 to A7: S = [r − h]ds, and none where r = h, for which the standard
// draws r again. Fails with internal where a fault threw S off the curve.
base::Result<std::optional<Signature>> finish_signature(const SignKey& key, const Scalar& r,
                                                        const Scalar& h);

}  // namespace heqi::crypto::sm9::internal
