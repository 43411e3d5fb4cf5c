// blind_transcript.h: what the proof of d1 in a blind exchange is bound to.
#pragma once
#include <heqi/cosign/blind.h>

namespace heqi::cosign {

inline constexpr std::string_view kBlindD1Domain = "heqi blind d1";

inline base::Bytes blind_transcript(const KeyName& name, const crypto::PublicKey& p,
                                    const BlindCommitment& commitment,
                                    const crypto::Scalar& r_blinded) {
  return Transcript("heqi blind request 1")
      .key(name)
      .point(p.point())
      .number(commitment.counter)
      .bytes(commitment.session)
      .point(commitment.r1)
      .point(commitment.r2)
      .bytes(r_blinded.encode())
      .view();
}

}  // namespace heqi::cosign
