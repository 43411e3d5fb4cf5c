// sm2_signature.h: the inside of an SM2 signature (GB/T 32918.2 §6.1 A3 to A6, §7.1 B4 to B7), for
// the callers that sign or verify one by one, in batches, or with a faulty kernel in a test.
#pragma once
#include <optional>

#include <heqi/crypto/sm2.h>

#include "curve_kernel.h"

namespace heqi::crypto::internal {

// SigningSecrets are d and (1+d)⁻¹ of one key, held by its owner.
struct SigningSecrets {
  const Scalar& d;
  const Scalar& inverse_1_plus_d;
};

// Commitment is the x coordinate of [k]G modulo n, with k as the multiplication really used it.
struct Commitment {
  Scalar x, k;
};

// commit computes the commitment to k, which is not zero. Fails with internal where the result is
// not a point of the curve.
base::Result<Commitment> commit(const Scalar& k, const CurveKernel& kernel);

// complete is A5 and A6: empty where the standard draws again. Fails with internal where
// s(1 + d) + r·d is not the k of the commitment (docs/adr/0010).
base::Result<std::optional<Signature>> complete(const SigningSecrets& secrets, const Scalar& e,
                                                const Scalar& k, const Commitment& commitment);

// attempt_signature is both.
base::Result<std::optional<Signature>> attempt_signature(const SigningSecrets& secrets,
                                                         const Scalar& e, const Scalar& k,
                                                         const CurveKernel& kernel);

// has_x_vartime asks whether x modulo n of a point of the curve is value, without an inversion.
bool has_x_vartime(const JacobianPoint& point, const Scalar& value);

}  // namespace heqi::crypto::internal
