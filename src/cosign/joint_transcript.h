// joint_transcript.h: what the proofs of an opening and the binding of its answer are bound to.
#pragma once
#include <heqi/cosign/joint.h>
#include <heqi/crypto/sm3.h>

namespace heqi::cosign {

inline constexpr std::string_view kJointD1Domain = "heqi joint d1",
                                  kJointK3Domain = "heqi joint k3",
                                  kJointK4Domain = "heqi joint k4";

// opening_transcript covers the key, its epoch, P, the counter and every (e, T, U), not the proofs.
inline base::Bytes opening_transcript(const Opening& opening, const crypto::PublicKey& p) {
  Transcript transcript("heqi joint opening 1");
  transcript.key(opening.name).point(p.point()).number(opening.counter);
  transcript.number(opening.items.size());
  for (const OpeningItem& item : opening.items)
    transcript.bytes(item.e).point(item.t).point(item.u);
  return transcript.view();
}

// item_transcript is that of the proofs of one item.
inline base::Bytes item_transcript(base::ByteView opening, std::size_t index) {
  return Transcript("heqi joint item 1").bytes(opening).number(index).view();
}

// Binding hashes the opening and all of the server's points; each item has its own b.
class Binding {
 public:
  explicit Binding(base::ByteView opening) : transcript_("heqi joint binding 1") {
    transcript_.bytes(opening);
  }
  void add(const crypto::Point& r1, const crypto::Point& r2) { transcript_.point(r1).point(r2); }
  crypto::Scalar b(std::size_t index) const {
    base::Bytes wide;
    for (std::uint64_t half = 0; half < 2; ++half) {
      Transcript one = transcript_;
      base::append(wide, crypto::sm3(one.number(index).number(half).view()));
    }
    return crypto::Scalar::reduce(wide);
  }

 private:
  Transcript transcript_;
};

}  // namespace heqi::cosign
