// heqi/cosign/joint.h: the `joint` exchange, one round for one ordinary SM2 signature of two
// parties. No I/O, no clock, no log. The argument: docs/security/two-party-sm2.md.
//   device                                           key centre
//   k3, k4; T = [k3]P1, U = [k4]P1;       Opening→   proofs hold; k1, k2; R1 = [k1]P1, R2 = [k2]G,
//   proofs of d1, and of all k3, k4                  b = H(opening, every R1 and R2),
//                                                    R = [k1](T + [b]U) + [k2]G, r = e + x(R)
//   R1 = [s1](P+G)? R2 + [r]G = [s2]P2?  ←Answer     s1 = k1/d2, s2 = (r + k2)/d2
//   s = (k3 + b·k4)·s1 + s2/d1 − r        Confirm→   (r, s) verified under P
// k4 and b tie every item of a list to all of the server's points: without them a cheating server
// that answers 100 items at once could combine them into a signature that nobody asked for.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include <heqi/cosign/key_agreement.h>
#include <heqi/cosign/nonce.h>

namespace heqi::cosign {

// OpeningItem asks for one signature on e = SM3(Z_A || M).
struct OpeningItem {
  crypto::Digest e{};
  crypto::Point t, u;  // T = [k3]P1, U = [k4]P1
};

// Opening is the device's first message. The proofs are bound to the key, its epoch, the counter
// and every (e, T, U). Move-only: one opening, one answer.
struct Opening {
  Opening() = default;
  Opening(Opening&&) = default;
  Opening& operator=(Opening&&) = default;
  Opening(const Opening&) = delete;
  Opening& operator=(const Opening&) = delete;

  KeyName name;
  std::uint64_t counter = 0;          // grows with every opening of the key
  crypto::SchnorrProof proof_d1;      // P1 = [d1]G: this is the check of the PIN
  crypto::SchnorrProof proof_nonces;  // of every k3 and k4
  std::vector<OpeningItem> items;
};

struct AnswerItem {
  crypto::Point r1, r2;
  crypto::Scalar r, s1, s2;
};

// Answer is the server's half of each signature, in the order of the opening.
struct Answer {
  std::uint64_t counter = 0;  // of the opening
  std::vector<AnswerItem> items;
};

// Confirm tells the server the signatures, so that it knows what its share has made.
struct Confirm {
  std::uint64_t counter = 0;
  std::vector<crypto::Signature> signatures;
};

// Nonces are the k3 and k4 of one opening, held by the device until the answer.
class Nonces {
 public:
  Nonces(Nonces&&) = default;
  Nonces& operator=(Nonces&&) = default;
  Nonces(const Nonces&) = delete;
  Nonces& operator=(const Nonces&) = delete;

 private:
  friend class Device;
  Nonces() = default;
  std::uint64_t counter_ = 0;
  std::vector<crypto::Digest> digests_;
  std::vector<Nonce> k3_, k4_;
  base::Bytes transcript_;         // of the opening
  base::SecretArray<32> weights_;  // seed of the weights for the checks of the answer
};

struct Opened {
  Opening opening;
  Nonces nonces;
};

// Device is the device's half of one key, for as long as d1 is in memory.
class Device {
 public:
  // with_key computes P1 and P2 = [1/d1](P + G). A d1 from a wrong PIN is taken like any other:
  // only the server's answer tells. random outlives the object.
  static base::Result<Device> with_key(DeviceKey key, base::Random& random);

  // open makes the opening for the digests. counter is one that was never used with this key, and
  // is stored before the opening leaves. Fails with limit_exceeded beyond kBatchMax, malformed for
  // none.
  base::Result<Opened> open(const std::vector<crypto::Digest>& digests, std::uint64_t counter);

  // finish checks the answer, completes and verifies the signatures. cosign_peer_cheated means that
  // the server's half does not fit its public key: stop using the key. Nothing is released unless
  // every signature of the batch verifies.
  base::Result<Confirm> finish(Nonces nonces, const Answer& answer);

  const crypto::PublicKey& public_key() const { return key_.p; }

 private:
  Device(DeviceKey key, base::Random& random) : key_(std::move(key)), random_(random) {}
  base::Result<std::vector<crypto::SecretScalar>> draw_nonces(
      std::span<const crypto::Digest> digests, std::uint64_t counter);
  base::Result<std::vector<OpeningItem>> commit(std::span<const crypto::Digest> digests,
                                                std::span<const crypto::SecretScalar> k);
  base::Status prove(Opening& opening, base::ByteView transcript,
                     std::span<const crypto::SecretScalar> k, base::Random& hedged) const;
  base::Status check_halves(const Answer& answer, base::Random& weights) const;
  base::Result<std::vector<crypto::Point>> multiples_of_r1(std::span<const crypto::Scalar> k,
                                                           const Answer& answer) const;
  struct Completed;
  base::Result<std::vector<Completed>> complete(std::span<const crypto::Digest> digests,
                                                std::span<const crypto::Scalar> k,
                                                const Answer& answer) const;
  base::Status check_signatures(std::span<const Completed> completed, base::Random& weights) const;
  DeviceKey key_;
  crypto::SecretScalar d1_inverse_;
  crypto::Point p1_, p2_, q_;  // q = P + G
  base::Random& random_;
};

// ServerKey is the key centre's record of a key, opened for one call. last_counter is the counter
// of the last opening that was charged, without the one at hand.
struct ServerKey {
  KeyName name;
  crypto::Point p1;
  crypto::PublicKey p;
  std::uint64_t last_counter = 0;
};

// Expected is what the server remembers of an answer until the confirmation. Nothing of it is
// secret.
struct Expected {
  std::uint64_t counter = 0;
  std::vector<crypto::Digest> digests;
  std::vector<crypto::Scalar> r;
  std::vector<crypto::Point> points;  // R of each item, r = e + x(R); none where they were not kept
};

struct Answered {
  Answer answer;
  Expected expected;
};

// Server is the key centre's half of one key for one call.
class Server {
 public:
  // key and random outlive the object.
  Server(const ServerKey& key, crypto::SecretScalar d2, base::Random& random);

  // answer is called after the try was charged, durably. Errors: cosign_key_unknown (other key or
  // epoch), cosign_replayed (counter not above last_counter), cosign_wrong_pin (no proof of d1),
  // crypto_proof_invalid (no proof of all k3 and k4), internal (own computation faulted: nothing
  // leaves). Success shows that the PIN was right.
  base::Result<Answered> answer(Opening&& opening);

 private:
  base::Status check(const Opening& opening, base::ByteView transcript,
                     base::Random& weights) const;
  base::Status check_together(const Opening& opening, base::ByteView transcript,
                              base::Random& weights) const;
  base::Status check_each(const Opening& opening, base::ByteView transcript) const;
  struct Drawn;
  base::Result<Drawn> draw(const Opening& opening, base::ByteView transcript);
  base::Result<std::vector<crypto::Point>> commitments(const Opening& opening, const Drawn& drawn,
                                                       base::ByteView transcript) const;
  base::Result<std::vector<AnswerItem>> halves(const Opening& opening, const Drawn& drawn,
                                               std::span<const crypto::Point> commitments) const;
  base::Status check_halves(const std::vector<AnswerItem>& halves, base::Random& weights) const;

  const ServerKey& key_;
  crypto::SecretScalar d2_, d2_inverse_;
  crypto::Point q_;
  base::Random& random_;
};

// confirm checks the signatures that the device made of an answer: cosign_peer_cheated where one
// has another r or does not verify under p. random is for the weights of a list's equations.
base::Status confirm(const crypto::PublicKey& p, const Expected& expected, const Confirm& confirm,
                     base::Random& random);

}  // namespace heqi::cosign
