// joint_transcript.h: what the proofs of an opening are bound to.
#pragma once
#include <heqi/cosign/joint.h>

namespace heqi::cosign {

inline constexpr std::string_view kJointD1Domain = "heqi joint d1",
                                  kJointK3Domain = "heqi joint k3";

// opening_transcript covers the key, its epoch, P, the counter and every (e, T), not the proofs.
inline base::Bytes opening_transcript(const Opening& opening, const crypto::PublicKey& p) {
  Transcript transcript("heqi joint opening 1");
  transcript.key(opening.name).point(p.point()).number(opening.counter);
  transcript.number(opening.items.size());
  for (const OpeningItem& item : opening.items) transcript.bytes(item.e).point(item.t);
  return transcript.view();
}

// item_transcript is that of the proof of one k3.
inline base::Bytes item_transcript(base::ByteView opening, std::size_t index) {
  return Transcript("heqi joint item 1").bytes(opening).number(index).view();
}

}  // namespace heqi::cosign
