// joint_transcript.h: what the proofs of an opening and the binding of its answer are bound to.
#pragma once
#include <heqi/cosign/joint.h>

namespace heqi::cosign {

inline constexpr std::string_view kJointD1Domain = "heqi joint d1",
                                  kJointNoncesDomain = "heqi joint k3 k4";

// opening_transcript is the digest of the key, its epoch, P, the counter and the digest of every
// (e, T, U), not of the proofs: the statement of the proof of all k3 and k4, but for its base. A
// digest, so that what is bound to it item by item does not grow with the list.
base::Bytes opening_transcript(const Opening& opening, const crypto::PublicKey& p);

// nonce_points are T and U of each item, one after the other, as their proof takes them.
std::vector<const crypto::Point*> nonce_points(const Opening& opening);

// ServerPoints are R1 and R2 of one item.
struct ServerPoints {
  const crypto::Point &r1, &r2;
};
// binding_values are b of each item: 512 bits that hash the opening, all of the server's points and
// the place of the item, modulo n.
std::vector<crypto::Scalar> binding_values(base::ByteView opening_transcript,
                                           std::span<const ServerPoints> points);

}  // namespace heqi::cosign
