#include <heqi/cosign/joint.h>

#include <heqi/base/fault_hooks.h>
#include <heqi/crypto/curve_batch.h>

#include "half_equations.h"
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
  HEQI_TRY(std::vector<crypto::SecretScalar> k, draw_nonces(digests, counter));
  HEQI_TRY(opening.items, commit(digests, k));
  nonces.transcript_ = opening_transcript(opening, key_.p);
  // One hedged source for the nonces of both proofs, and for the weights of the checks of the
  // answer.
  HEQI_TRY(HedgedRandom hedged,
           HedgedRandom::make(random_, key_.d1, "heqi joint proofs", nonces.transcript_));
  HEQI_TRY(prove(opening, nonces.transcript_, k, hedged));
  HEQI_TRY(hedged.fill(nonces.weights_.expose_mutable()));
  for (std::size_t i = 0; i < k.size(); i += 2) {
    nonces.k3_.push_back(Nonce::keep(std::move(k[i])));
    nonces.k4_.push_back(Nonce::keep(std::move(k[i + 1])));
  }
  HEQI_STOP_AT("joint_open");
  return Opened{std::move(opening), std::move(nonces)};
}

// draw_nonces gives k3 and k4 of each item, one after the other.
base::Result<std::vector<crypto::SecretScalar>> Device::draw_nonces(
    std::span<const crypto::Digest> digests, std::uint64_t counter) {
  Transcript transcript("k");
  transcript.key(key_.name).number(counter);
  for (const crypto::Digest& digest : digests) transcript.bytes(digest);
  HEQI_TRY(HedgedRandom hedged,
           HedgedRandom::make(random_, key_.d1, "heqi joint k3 k4", transcript.view()));
  hedged.draw_ahead(2 * digests.size());
  std::vector<crypto::SecretScalar> k;
  k.reserve(2 * digests.size());
  for (std::size_t i = 0; i < digests.size(); ++i) {
    HEQI_TRY(k.emplace_back(), crypto::SecretScalar::draw(hedged));
    HEQI_REVEAL("k3", k.back().expose().words().data(), crypto::kScalarSize);
    HEQI_TRY(k.emplace_back(), crypto::SecretScalar::draw(hedged));
    HEQI_REVEAL("k4", k.back().expose().words().data(), crypto::kScalarSize);
  }
  return k;
}

// commit makes [k3]P1 and [k4]P1 for each item, of which the device knows P1 = [d1]G.
base::Result<std::vector<OpeningItem>> Device::commit(std::span<const crypto::Digest> digests,
                                                      std::span<const crypto::SecretScalar> k) {
  std::vector<crypto::Scalar> logarithms;
  logarithms.reserve(k.size());
  for (const crypto::SecretScalar& one : k) logarithms.push_back(one.expose() * key_.d1.expose());
  HEQI_TRY(const std::vector<crypto::Point> multiples, crypto::mul_base_batch(logarithms));
  std::vector<OpeningItem> items(digests.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].e = digests[i];
    HEQI_TRY(items[i].t, affine(multiples[2 * i]));
    HEQI_TRY(items[i].u, affine(multiples[2 * i + 1]));
  }
  return items;
}

// prove adds the proof of d1 and the one of all k3 and k4.
base::Status Device::prove(Opening& opening, base::ByteView transcript,
                           std::span<const crypto::SecretScalar> k, base::Random& hedged) const {
  HEQI_TRY(opening.proof_d1, crypto::prove_schnorr(key_.d1.expose(), crypto::Point::generator(),
                                                   p1_, kJointD1Domain, transcript, hedged));
  HEQI_TRY(opening.proof_nonces,
           crypto::prove_schnorr_list(k, {key_.d1.expose(), p1_}, nonce_points(opening),
                                      kJointNoncesDomain, transcript, hedged));
  return {};
}

// Completed is a signature with the point [s]G + [s + r]P that it should have.
struct Device::Completed {
  crypto::Signature signature;
  crypto::Point r_point;
};

base::Result<Confirm> Device::finish(Nonces nonces, const Answer& answer) {
  if (answer.counter != nonces.counter_ || answer.items.size() != nonces.digests_.size())
    return base::fail(base::Code::cosign_replayed, "answer: not to the opening at hand");
  HedgedRandom weights = HedgedRandom::resume(nonces.weights_);
  // Two half equations and a signature for each item, two weights of a block.
  weights.draw_ahead((3 * answer.items.size() + 1) / 2);
  HEQI_TRY(check_halves(answer, weights));

  std::vector<ServerPoints> points;
  points.reserve(answer.items.size());
  for (const AnswerItem& half : answer.items) points.push_back({half.r1, half.r2});
  const std::vector<crypto::Scalar> b = binding_values(nonces.transcript_, points);
  std::vector<crypto::Scalar> k;
  k.reserve(answer.items.size());
  for (std::size_t i = 0; i < answer.items.size(); ++i) {
    const crypto::Scalar k3 = std::move(nonces.k3_[i]).spend(),
                         k4 = std::move(nonces.k4_[i]).spend();
    k.push_back(k3 + b[i] * k4);
  }
  HEQI_STOP_AT("joint_finish");
  HEQI_TRY(const std::vector<Completed> completed, complete(nonces.digests_, k, answer));
  // A value that does not verify may be a function of d1 (a fault in this processor): it stays
  // here.
  HEQI_TRY(check_signatures(completed, weights));
  Confirm confirm;
  confirm.counter = nonces.counter_;
  for (const Completed& one : completed) confirm.signatures.push_back(one.signature);
  return confirm;
}

// check_halves is what comes before a nonce is used. With R1 = O and s1 = 0 both half equations
// would hold, the signature would be valid, and d1 = s2/(s + r) would be everyone's.
base::Status Device::check_halves(const Answer& answer, base::Random& weights) const {
  crypto::WeightedCheck check(weights, {&q_, &p2_});
  for (const AnswerItem& half : answer.items) {
    if (half.s1.is_zero() || half.r1.is_infinity()) return cheated("answer: R1 or s1 is zero");
    if (half.s2.is_zero() || half.r2.is_infinity()) return cheated("answer: R2 or s2 is zero");
    if (half.r.is_zero()) return cheated("answer: r is zero");
    HEQI_TRY(add_first_half(check, half, q_));
    HEQI_TRY(add_second_half(check, half, p2_));
  }
  if (!check.holds_vartime())
    return cheated("answer: R1 is not [s1](P+G), or R2 + [r]G not [s2]P2");
  return {};
}

// multiples_of_r1 are [k]R1 of each item. R1 is [s1]Q, as was checked; so in a list they are made
// as multiples of the one Q.
base::Result<std::vector<crypto::Point>> Device::multiples_of_r1(std::span<const crypto::Scalar> k,
                                                                 const Answer& answer) const {
  if (k.size() >= crypto::kTablesPay) {
    std::vector<crypto::Scalar> of_q;
    of_q.reserve(k.size());
    for (std::size_t i = 0; i < k.size(); ++i) of_q.push_back(k[i] * answer.items[i].s1);
    return crypto::mul_one_batch(q_, of_q);
  }
  std::vector<crypto::Multiplication> products;
  products.reserve(k.size());
  for (std::size_t i = 0; i < k.size(); ++i) products.push_back({&k[i], &answer.items[i].r1});
  return crypto::mul_batch(products);
}

base::Result<std::vector<Device::Completed>> Device::complete(
    std::span<const crypto::Digest> digests, std::span<const crypto::Scalar> k,
    const Answer& answer) const {
  HEQI_TRY(std::vector<crypto::Point> sums, multiples_of_r1(k, answer));
  for (std::size_t i = 0; i < k.size(); ++i) sums[i] = sums[i] + answer.items[i].r2;
  crypto::make_affine(sums);
  std::vector<Completed> out;
  out.reserve(k.size());
  for (std::size_t i = 0; i < k.size(); ++i) {
    const AnswerItem& half = answer.items[i];
    if (sums[i].is_infinity()) return cheated("answer: R is the point at infinity");
    HEQI_TRY(const crypto::Point r_point, affine(sums[i]));
    if (!is_made_by(half.r, digests[i], r_point)) return cheated("answer: r is not e + x(R)");
    const crypto::Signature signature{half.r,
                                      k[i] * half.s1 + half.s2 * d1_inverse_.expose() - half.r};
    declassify(signature.s);
    out.push_back({signature, r_point});
  }
  return out;
}

// check_signatures verifies all (GB/T 32918.2 §7.1) against the points whose x made their r.
base::Status Device::check_signatures(std::span<const Completed> completed,
                                      base::Random& weights) const {
  const crypto::Point& p = key_.p.point();
  crypto::WeightedCheck check(weights, {&p});
  for (const Completed& one : completed) {
    if (!add_signature(check, one.signature, one.r_point, p))
      return base::fail(base::Code::internal, "the completed signature has s = 0 or r + s = n");
  }
  if (!check.holds_vartime())
    return base::fail(base::Code::internal, "the completed signature does not verify");
  return {};
}

}  // namespace heqi::cosign
