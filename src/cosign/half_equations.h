// half_equations.h: what the server's half of a signature has to fulfil; both parties check it.
#pragma once
#include <heqi/cosign/joint.h>
#include <heqi/crypto/weighted_check.h>

namespace heqi::cosign {

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

}  // namespace heqi::cosign
