// joint_transcript.h: what the proofs of an opening and the binding of its answer are bound to.
#pragma once
#include <heqi/cosign/joint.h>
#include <heqi/crypto/sm3.h>

namespace heqi::cosign {

inline constexpr std::string_view kJointD1Domain = "heqi joint d1",
                                  kJointNoncesDomain = "heqi joint k3 k4";

// opening_transcript is the digest of the key, its epoch, P, the counter and every (e, T, U), not
// of the proofs: the statement of the proof of all k3 and k4, but for its base. A digest, so that
// what is bound to it item by item does not grow with the list.
inline base::Bytes opening_transcript(const Opening& opening, const crypto::PublicKey& p) {
  Transcript transcript("heqi joint opening 3");
  transcript.key(opening.name).point(p.point()).number(opening.counter);
  transcript.number(opening.items.size());
  for (const OpeningItem& item : opening.items)
    transcript.bytes(item.e).point(item.t).point(item.u);
  return base::to_bytes(crypto::sm3(transcript.view()));
}

// nonce_points are T and U of each item, one after the other, as their proof takes them.
inline std::vector<const crypto::Point*> nonce_points(const Opening& opening) {
  std::vector<const crypto::Point*> out;
  out.reserve(2 * opening.items.size());
  for (const OpeningItem& item : opening.items) {
    out.push_back(&item.t);
    out.push_back(&item.u);
  }
  return out;
}

// Binding hashes the opening and all of the server's points; each item has its own b.
class Binding {
 public:
  explicit Binding(base::ByteView opening) {
    hash_.update(Transcript("heqi joint binding 2").bytes(opening).view());
  }
  void add(const crypto::Point& r1, const crypto::Point& r2) {
    hash_.update(Transcript("points").point(r1).point(r2).view());
  }
  crypto::Scalar b(std::size_t index) const {
    base::Bytes wide;
    for (std::uint64_t half = 0; half < 2; ++half) {
      crypto::Sm3 one = hash_;
      base::append(wide, one.update(Transcript("item").number(index).number(half).view()).finish());
    }
    return crypto::Scalar::reduce(wide);
  }

 private:
  crypto::Sm3 hash_;
};

}  // namespace heqi::cosign
