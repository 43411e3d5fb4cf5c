#include <heqi/cosign/joint.h>

#include <heqi/base/fault_hooks.h>

#include "hedged_random.h"
#include "joint_transcript.h"
#include "publish.h"

namespace heqi::cosign {
namespace {

base::Error cheated(const char* what) {
  return base::fail(base::Code::cosign_peer_cheated, what);
}

}  // namespace

base::Result<Device> Device::with_key(DeviceKey key, base::Random& random) {
  HEQI_TRY(check_key_name(key.name));
  Device device(std::move(key), random);
  const crypto::Scalar& d1 = device.key_.d1.expose();
  if (d1.is_zero()) return base::fail(base::Code::crypto_scalar_range, "d1 is zero");
  device.q_ = device.key_.p.point() + crypto::Point::generator();
  if (device.q_.is_infinity())
    return base::fail(base::Code::crypto_not_on_curve, "joint key: P + G is the point at infinity");
  device.d1_inverse_ = crypto::SecretScalar(d1.inverse());
  HEQI_TRY(device.p1_, affine(crypto::mul_base(d1)));
  HEQI_TRY(device.p2_, affine(crypto::mul(device.d1_inverse_.expose(), device.q_)));
  return device;
}

base::Result<Opened> Device::open(const std::vector<crypto::Digest>& digests,
                                  std::uint64_t counter) {
  if (digests.empty()) return base::fail(base::Code::malformed, "opening: no digest to sign");
  if (digests.size() > kBatchMax)
    return base::fail(base::Code::limit_exceeded,
                      "opening: " + std::to_string(digests.size()) + " digests, at most 100");
  Opening opening;
  opening.name = key_.name;
  opening.counter = counter;
  Nonces nonces;
  nonces.counter_ = counter;
  nonces.digests_ = digests;
  std::vector<crypto::SecretScalar> k3, k4;
  for (const crypto::Digest& e : digests) {
    const base::Bytes bound =
        Transcript("k").key(key_.name).number(counter).number(k3.size()).bytes(e).view();
    HEQI_TRY(Nonce first, Nonce::draw(random_, key_.d1, "heqi joint k3", bound));
    HEQI_TRY(Nonce second, Nonce::draw(random_, key_.d1, "heqi joint k4", bound));
    k3.emplace_back(std::move(first).spend());
    k4.emplace_back(std::move(second).spend());
    HEQI_REVEAL("k3", k3.back().expose().words().data(), crypto::kScalarSize);
    HEQI_REVEAL("k4", k4.back().expose().words().data(), crypto::kScalarSize);
    OpeningItem item;
    item.e = e;
    // [k3]P1 and [k4]P1, of which the device knows P1 = [d1]G.
    HEQI_TRY(item.t, affine(crypto::mul_base(k3.back().expose() * key_.d1.expose())));
    HEQI_TRY(item.u, affine(crypto::mul_base(k4.back().expose() * key_.d1.expose())));
    opening.items.push_back(std::move(item));
  }
  const base::Bytes transcript = opening_transcript(opening, key_.p);
  // One hedged source for the nonces of all proofs of this opening.
  HEQI_TRY(HedgedRandom hedged,
           HedgedRandom::make(random_, key_.d1, "heqi joint proofs", transcript));
  HEQI_TRY(opening.proof_d1, crypto::prove_schnorr(key_.d1.expose(), crypto::Point::generator(),
                                                   p1_, kJointD1Domain, transcript, hedged));
  const crypto::KnownBase known_p1{key_.d1.expose(), p1_};
  for (std::size_t i = 0; i < k3.size(); ++i) {
    OpeningItem& item = opening.items[i];
    const base::Bytes bound = item_transcript(transcript, i);
    HEQI_TRY(item.proof_k3, crypto::prove_schnorr(k3[i].expose(), known_p1, item.t, kJointK3Domain,
                                                  bound, hedged));
    HEQI_TRY(item.proof_k4, crypto::prove_schnorr(k4[i].expose(), known_p1, item.u, kJointK4Domain,
                                                  bound, hedged));
    nonces.k3_.push_back(Nonce::keep(std::move(k3[i])));
    nonces.k4_.push_back(Nonce::keep(std::move(k4[i])));
  }
  nonces.transcript_ = transcript;
  HEQI_STOP_AT("joint_open");
  return Opened{std::move(opening), std::move(nonces)};
}

base::Result<Confirm> Device::finish(Nonces nonces, const Answer& answer) {
  if (answer.counter != nonces.counter_ || answer.items.size() != nonces.digests_.size())
    return base::fail(base::Code::cosign_replayed, "answer: not to the opening at hand");
  Binding binding(nonces.transcript_);
  for (const AnswerItem& half : answer.items) binding.add(half.r1, half.r2);
  Confirm confirm;
  confirm.counter = nonces.counter_;
  for (std::size_t i = 0; i < answer.items.size(); ++i) {
    const crypto::Scalar k3 = std::move(nonces.k3_[i]).spend(),
                         k4 = std::move(nonces.k4_[i]).spend();
    HEQI_TRY(const crypto::Signature signature,
             complete(nonces.digests_[i], k3 + binding.b(i) * k4, answer.items[i]));
    confirm.signatures.push_back(signature);
  }
  return confirm;
}

// complete checks one half of the server and makes the signature of it. With R1 = O and s1 = 0 both
// half equations would hold, the signature would be valid, and d1 = s2/(s + r) would be everyone's.
base::Result<crypto::Signature> Device::complete(const crypto::Digest& e, const crypto::Scalar& k,
                                                 const AnswerItem& half) const {
  if (half.s1.is_zero() || half.r1.is_infinity()) return cheated("answer: R1 or s1 is zero");
  if (half.s2.is_zero() || half.r2.is_infinity()) return cheated("answer: R2 or s2 is zero");
  if (half.r.is_zero()) return cheated("answer: r is zero");
  if (!equal_vartime(half.r1, crypto::mul_vartime(half.s1, q_)))
    return cheated("answer: R1 is not [s1](P+G)");
  if (!equal_vartime(half.r2, crypto::mul_add_vartime(-half.r, half.s2, p2_)))
    return cheated("answer: R2 + [r]G is not [s2]P2");

  HEQI_STOP_AT("joint_finish");
  const crypto::Point r_point = crypto::mul(k, half.r1) + half.r2;
  if (r_point.is_infinity()) return cheated("answer: R is the point at infinity");
  if (!(half.r - (crypto::Scalar::reduce(e) + r_point.x_mod_n())).is_zero())
    return cheated("answer: r is not e + x(R)");

  const crypto::Signature signature{half.r, k * half.s1 + half.s2 * d1_inverse_.expose() - half.r};
  declassify(signature.s);
  // A value that does not verify may be a function of d1 (a fault in this processor): it stays
  // here.
  if (const base::Status verified = crypto::verify_digest(key_.p, e, signature); !verified)
    return base::fail(base::Code::internal, "the completed signature does not verify");
  return signature;
}

}  // namespace heqi::cosign
