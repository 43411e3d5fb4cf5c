// half_equations.h: what the server's half of a signature and the whole one have to fulfil; both
// parties check it.
#pragma once
#include <heqi/cosign/joint.h>
#include <heqi/crypto/weighted_check.h>

namespace heqi::cosign {

// is_usable tells whether a signature may have this r, with R its sum of points (GB/T 32918.2 §6.1
// A5): r ≠ 0, and [r]G + R ≠ O, which is r + k ≠ n.
inline bool is_usable(const crypto::Scalar& r, const crypto::Point& sum) {
  return !r.is_zero() && !(crypto::mul_base(r) + sum).is_infinity();
}

// add_first_half adds R1 = [s1]Q, for Q = P + G.
inline base::Status add_first_half(crypto::WeightedCheck& check, const AnswerItem& half,
                                   const crypto::Point& q) {
  HEQI_TRY(check.begin());
  check.add(half.r1);
  check.add(-half.s1, q);
  return {};
}

// add_second_half adds R2 + [r]G = [s2]P2.
inline base::Status add_second_half(crypto::WeightedCheck& check, const AnswerItem& half,
                                    const crypto::Point& p2) {
  HEQI_TRY(check.begin());
  check.add(half.r2);
  check.add_base(half.r);
  check.add(-half.s2, p2);
  return {};
}

// is_made_by asks r = e + x(R).
inline bool is_made_by(const crypto::Scalar& r, const crypto::Digest& e,
                       const crypto::Point& r_point) {
  return (r - (crypto::Scalar::reduce(e) + r_point.x_mod_n())).is_zero();
}

// add_signature adds R = [s]G + [r + s]P (GB/T 32918.2 §7.1) for the R whose x made r; fails with
// invalid_signature where s or r + s is zero.
inline base::Status add_signature(crypto::WeightedCheck& check, const crypto::Signature& signature,
                                  const crypto::Point& r_point, const crypto::Point& p) {
  const crypto::Scalar t = signature.r + signature.s;
  if (signature.s.is_zero() || t.is_zero())
    return base::fail(base::Code::invalid_signature, "s = 0 or r + s = n");
  HEQI_TRY(check.begin());
  check.add(r_point);
  check.add_base(-signature.s);
  check.add(-t, p);
  return {};
}

}  // namespace heqi::cosign
