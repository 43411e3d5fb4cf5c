// heqi/cosign/blind.h: the `blind` exchange: the flow of GM/Y 5013 §5.3.3.2.2 4), in which the key
// centre never sees e, with the guards that it needs. No I/O, no clock, no log. The argument and
// its limits: docs/security/two-party-sm2.md, section 11. `joint` is the default; see there why.
//   device                                        key centre
//                                    Open→        one open session for each key; k1, k2
//   R1, R2 on the curve, not O       ←Commitment  R1 = [k1]P1, R2 = [k2]G, session id
//   k3, k4; R = [k3]R1 + R2 + [k4]G;
//   r = e + x(R), r' = r + k4;       Request→     the session is spent; proof of d1 holds;
//   proof of d1, bound to all of it               s1 = k1/d2, s2 = (r' + k2)/d2, checked
//   R1 = [s1](P+G)? R2 + [r']G = [s2]P2?  ←Answer
//   s = k3·s1 + s2/d1 − r; verified  Close→       the next session may open
#pragma once
#include <array>
#include <map>
#include <mutex>
#include <optional>

#include <heqi/base/clock.h>
#include <heqi/cosign/joint.h>

namespace heqi::cosign {

inline constexpr std::size_t kSessionIdSize = 32;
using SessionId = std::array<std::uint8_t, kSessionIdSize>;
inline constexpr base::Duration kBlindSession = std::chrono::seconds(60);  // docs/limits.md

// BlindOpening asks for a session.
struct BlindOpening {
  KeyName name;
  std::uint64_t counter = 0;
};

// BlindCommitment is the key centre's first message. counter is the device's, of the opening.
struct BlindCommitment {
  SessionId session{};
  std::uint64_t counter = 0;
  crypto::Point r1, r2;
};

// BlindRequest is the device's message: r' = r + k4, and the proof of d1 bound to name, epoch, P,
// counter, session, R1, R2 and r'.
struct BlindRequest {
  SessionId session{};
  crypto::Scalar r_blinded;
  crypto::SchnorrProof proof_d1;
};

// NamedBlindRequest is a request on its way, for the key of this name.
struct NamedBlindRequest {
  KeyName name;
  BlindRequest request;
};

struct BlindAnswer {
  SessionId session{};
  crypto::Scalar s1, s2;
};

// BlindSession is what the key centre holds of one open session. The nonces live in this object
// only; it is moved into its one answer.
class BlindSession {
 public:
  // open draws the nonces. key, d2 and random as in Server.
  static base::Result<BlindSession> open(const ServerKey& key, const crypto::SecretScalar& d2,
                                         std::uint64_t counter, base::Random& random);
  const BlindCommitment& commitment() const { return commitment_; }

  // answer spends the session, whatever comes of it. The try was charged, durably, before. Errors:
  // cosign_replayed (of another session), cosign_wrong_pin (no proof of d1), crypto_scalar_range
  // (r' = 0), internal (an own fault: nothing leaves).
  base::Result<BlindAnswer> answer(const ServerKey& key, const crypto::SecretScalar& d2,
                                   const BlindRequest& request, base::Random& random) &&;
  // answer_printed is the flow as GM/Y 5013 prints it: without the proof, so that a wrong PIN is
  // answered too and can then be searched offline. For comparison with other implementations and
  // for the tests that show why; no program calls it.
  base::Result<BlindAnswer> answer_printed(const crypto::SecretScalar& d2,
                                           const crypto::Scalar& r_blinded) &&;

 private:
  BlindSession(Nonce k1, Nonce k2) : k1_(std::move(k1)), k2_(std::move(k2)) {}
  base::Result<BlindAnswer> halves(const crypto::SecretScalar& d2,
                                   const crypto::Scalar& r_blinded) &&;
  Nonce k1_, k2_;
  BlindCommitment commitment_;
};

// BlindPending is what the device keeps of a request until the answer.
class BlindPending {
 public:
  BlindPending(BlindPending&&) = default;
  BlindPending& operator=(BlindPending&&) = default;
  BlindPending(const BlindPending&) = delete;
  BlindPending& operator=(const BlindPending&) = delete;

 private:
  friend class BlindDevice;
  explicit BlindPending(Nonce k3) : k3_(std::move(k3)) {}
  Nonce k3_;
  crypto::Digest e_{};
  crypto::Scalar r_, r_blinded_;
  BlindCommitment commitment_;
};

struct BlindRequested {
  BlindRequest request;
  BlindPending pending;
};

// BlindDevice is the device's half for as long as d1 is in memory.
class BlindDevice {
 public:
  // with_key as Device::with_key. random outlives the object.
  static base::Result<BlindDevice> with_key(DeviceKey key, base::Random& random);
  // request answers a commitment with r' for e. counter is the one that the session was opened
  // with: cosign_replayed for another. cosign_peer_cheated where R1 or R2 is infinity.
  base::Result<BlindRequested> request(const crypto::Digest& e, const BlindCommitment& commitment,
                                       std::uint64_t counter);
  // finish checks both halves, completes and verifies. cosign_peer_cheated: stop using the key.
  base::Result<crypto::Signature> finish(BlindPending pending, const BlindAnswer& answer) const;

 private:
  BlindDevice(DeviceKey key, base::Random& random) : key_(std::move(key)), random_(random) {}
  base::Status check_halves(const BlindPending& pending, const BlindAnswer& answer) const;
  DeviceKey key_;
  crypto::SecretScalar d1_inverse_;
  crypto::Point p1_, p2_, q_;
  base::Random& random_;
};

// OpenSessions is the key centre's register of blind sessions: one for each key, in memory only, so
// that a restart ends them all. Against 256 sessions at once one more signature than sessions can
// be had (ROS); against one at a time it cannot. Thread-safe.
class OpenSessions {
 public:
  // reserve fails with cosign_session_open while another session of the key runs; now is a steady
  // time.
  base::Status reserve(const KeyId& key, base::Duration now);
  void keep(const KeyId& key, BlindSession session);
  // take gives the session out for its one answer: cosign_session_answered where there is none of
  // this id any more, expired after its time. From here on the session is spent; the key is free
  // after close, or after the time of the session.
  base::Result<BlindSession> take(const KeyId& key, const SessionId& session, base::Duration now);
  void close(const KeyId& key);

 private:
  struct Place {
    base::Duration ends{};
    std::optional<BlindSession> session;
  };
  std::mutex mutex_;
  std::map<KeyId, Place> places_;
};

}  // namespace heqi::cosign
