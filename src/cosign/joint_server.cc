#include <heqi/cosign/joint.h>

#include <heqi/base/fault_hooks.h>
#include <heqi/crypto/curve_batch.h>
#include <heqi/crypto/sm2_batch.h>

#include "half_equations.h"
#include "hedged_random.h"
#include "joint_transcript.h"
#include "publish.h"

namespace heqi::cosign {
namespace {

base::Status add_proof_of_d1(crypto::WeightedCheck& check, const Opening& opening,
                             const crypto::Point& p1, base::ByteView transcript) {
  return crypto::add_schnorr(check, opening.proof_d1, crypto::Point::generator(), p1,
                             kJointD1Domain, transcript);
}

base::Status add_proof_of_nonces(crypto::WeightedCheck& check, const Opening& opening,
                                 const crypto::Point& p1, base::ByteView transcript) {
  return crypto::add_schnorr_list(check, opening.proof_nonces, p1, nonce_points(opening),
                                  kJointNoncesDomain, transcript);
}

base::Status verify_proof_of_nonces(const Opening& opening, const crypto::Point& p1,
                                    base::ByteView transcript) {
  const std::vector<const crypto::Point*> points = nonce_points(opening);
  for (const crypto::Point* point : points)
    if (point->is_infinity())
      return base::fail(base::Code::crypto_not_on_curve, "opening: T or U is infinity");
  return crypto::verify_schnorr_list(opening.proof_nonces, p1, points, kJointNoncesDomain,
                                     transcript);
}

// multiples_of_u are [b]U of each item, all of it public.
base::Result<std::vector<crypto::Point>> multiples_of_u(const Opening& opening,
                                                        std::span<const crypto::Scalar> b) {
  const std::size_t count = opening.items.size();
  if (count >= crypto::kLanesPay) {
    std::vector<crypto::Multiplication> products;
    for (std::size_t i = 0; i < count; ++i) products.push_back({&b[i], &opening.items[i].u});
    return crypto::mul_batch(products);
  }
  std::vector<crypto::Point> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(crypto::mul_vartime(b[i], opening.items[i].u));
  return out;
}

// verify_all is crypto::verify_batch where its lanes pay.
std::vector<base::Status> verify_all(std::span<const crypto::BatchSignature> signatures) {
  if (signatures.size() >= crypto::kLanesPay) return crypto::verify_batch(signatures);
  std::vector<base::Status> out;
  for (const crypto::BatchSignature& one : signatures)
    out.push_back(crypto::verify_digest(*one.key, one.e, one.signature));
  return out;
}

}  // namespace

Server::Server(const ServerKey& key, crypto::SecretScalar d2, base::Random& random)
    : key_(key),
      d2_(std::move(d2)),
      d2_inverse_(d2_.expose().inverse()),
      q_(key.p.point() + crypto::Point::generator()),
      random_(random) {}

base::Status Server::check(const Opening& opening, base::ByteView transcript,
                           base::Random& weights) const {
  using base::Code;
  if (!(opening.name == key_.name))
    return base::fail(Code::cosign_key_unknown, "opening: another key or epoch");
  if (opening.counter <= key_.last_counter)
    return base::fail(Code::cosign_replayed, "opening: the counter was used before");
  if (opening.items.empty()) return base::fail(Code::malformed, "opening: nothing to sign");
  if (opening.items.size() > kBatchMax)
    return base::fail(Code::limit_exceeded, "opening: more than 100 digests");
  if (check_together(opening, transcript, weights)) return {};
  return check_each(opening, transcript);
}

// check_together verifies both proofs of an opening at once; it does not tell which one is wrong.
base::Status Server::check_together(const Opening& opening, base::ByteView transcript,
                                    base::Random& weights) const {
  const crypto::Point& p1 = key_.p1;
  crypto::WeightedCheck check(weights, {&p1});
  HEQI_TRY(add_proof_of_nonces(check, opening, p1, transcript));
  HEQI_TRY(add_proof_of_d1(check, opening, p1, transcript));
  if (!check.holds_vartime())
    return base::fail(base::Code::crypto_proof_invalid, "opening: a proof does not hold");
  return {};
}

// check_each says what is wrong: without a proof of d1 it is the PIN.
base::Status Server::check_each(const Opening& opening, base::ByteView transcript) const {
  using base::Code;
  if (const base::Status proven = crypto::verify_schnorr(
          opening.proof_d1, crypto::Point::generator(), key_.p1, kJointD1Domain, transcript);
      !proven)
    return base::fail(Code::cosign_wrong_pin, "opening: no proof of d1");
  return verify_proof_of_nonces(opening, key_.p1, transcript);
}

// Drawn are the nonces of each item with R1 = [k1]P1 and R2 = [k2]G.
struct Server::Drawn {
  std::vector<crypto::SecretScalar> k1, k2;
  std::vector<crypto::Point> r1, r2;
};

base::Result<Server::Drawn> Server::draw(const Opening& opening, base::ByteView transcript) {
  const std::size_t count = opening.items.size();
  HEQI_TRY(HedgedRandom hedged, HedgedRandom::make(random_, d2_, "heqi joint k1 k2", transcript));
  hedged.draw_ahead(2 * count);
  Drawn drawn;
  std::vector<crypto::Scalar> first_nonces, second_nonces;
  first_nonces.reserve(count);
  second_nonces.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    HEQI_TRY(drawn.k1.emplace_back(), crypto::SecretScalar::draw(hedged));
    HEQI_TRY(drawn.k2.emplace_back(), crypto::SecretScalar::draw(hedged));
    HEQI_REVEAL("k1", drawn.k1.back().expose().words().data(), crypto::kScalarSize);
    HEQI_REVEAL("k2", drawn.k2.back().expose().words().data(), crypto::kScalarSize);
    first_nonces.push_back(drawn.k1.back().expose());
    second_nonces.push_back(drawn.k2.back().expose());
  }
  HEQI_TRY(const std::vector<crypto::Point> r1, crypto::mul_one_batch(key_.p1, first_nonces));
  HEQI_TRY(const std::vector<crypto::Point> r2, crypto::mul_base_batch(second_nonces));
  for (std::size_t i = 0; i < count; ++i) {
    HEQI_TRY(drawn.r1.emplace_back(), affine(r1[i]));
    HEQI_TRY(drawn.r2.emplace_back(), affine(r2[i]));
  }
  return drawn;
}

// commitments are R = [k1](T + [b]U) + R2 of each item.
base::Result<std::vector<crypto::Point>> Server::commitments(const Opening& opening,
                                                             const Drawn& drawn,
                                                             base::ByteView transcript) const {
  const std::size_t count = opening.items.size();
  std::vector<ServerPoints> points;
  points.reserve(count);
  for (std::size_t i = 0; i < count; ++i) points.push_back({drawn.r1[i], drawn.r2[i]});
  const std::vector<crypto::Scalar> b = binding_values(transcript, points);
  HEQI_TRY(std::vector<crypto::Point> bound, multiples_of_u(opening, b));
  std::vector<crypto::Multiplication> products;
  for (std::size_t i = 0; i < count; ++i) {
    bound[i] = opening.items[i].t + bound[i];
    products.push_back({&drawn.k1[i].expose(), &bound[i]});
  }
  HEQI_TRY(std::vector<crypto::Point> out, crypto::mul_batch(products));
  for (std::size_t i = 0; i < count; ++i) out[i] = out[i] + drawn.r2[i];
  crypto::make_affine(out);
  return out;
}

base::Result<Answered> Server::answer(Opening&& opening) {
  const Opening taken = std::move(opening);
  const base::Bytes transcript = opening_transcript(taken, key_.p);
  HEQI_TRY(HedgedRandom weights,
           HedgedRandom::make(random_, d2_, "heqi joint weights", transcript));
  weights.draw_ahead(1 + taken.items.size());
  HEQI_TRY(check(taken, transcript, weights));
  HEQI_TRY(const Drawn drawn, draw(taken, transcript));
  HEQI_TRY(const std::vector<crypto::Point> points, commitments(taken, drawn, transcript));
  Answered answered;
  answered.answer.counter = taken.counter;
  HEQI_TRY(answered.answer.items, halves(taken, drawn, points));
  HEQI_TRY(check_halves(answered.answer.items, weights));
  answered.expected.counter = taken.counter;
  for (std::size_t i = 0; i < taken.items.size(); ++i) {
    answered.expected.digests.push_back(taken.items[i].e);
    answered.expected.r.push_back(answered.answer.items[i].r);
    HEQI_TRY(answered.expected.points.emplace_back(), affine(points[i]));
  }
  HEQI_STOP_AT("joint_answer");
  return answered;
}

// halves fails where the nonces of an item do not serve (GB/T 32918.2 §6.1 A5, A6): once in 2^254
// answers. Whether r + K = n, for which there would be [r]G to make, is asked of the result: r + s
// is zero then, and only then.
base::Result<std::vector<AnswerItem>> Server::halves(
    const Opening& opening, const Drawn& drawn, std::span<const crypto::Point> commitments) const {
  const base::Error again = base::fail(base::Code::unavailable, "answer: draw again");
  std::vector<crypto::Scalar> r;
  for (std::size_t i = 0; i < commitments.size(); ++i) {
    const crypto::Scalar one =
        crypto::Scalar::reduce(opening.items[i].e) + commitments[i].x_mod_n();
    declassify(one);
    if (commitments[i].is_infinity() || one.is_zero()) return again;
    r.push_back(one);
  }
  std::vector<AnswerItem> out;
  for (std::size_t i = 0; i < commitments.size(); ++i) {
    const crypto::Scalar s1 = drawn.k1[i].expose() * d2_inverse_.expose();
    const crypto::Scalar s2 = (r[i] + drawn.k2[i].expose()) * d2_inverse_.expose();
    declassify(s1);
    declassify(s2);
    if (s2.is_zero()) return again;
    out.push_back({drawn.r1[i], drawn.r2[i], r[i], s1, s2});
  }
  return out;
}

// check_halves: a faulted half is a function of d2 that the device must not see.
base::Status Server::check_halves(const std::vector<AnswerItem>& halves,
                                  base::Random& weights) const {
  HEQI_TRY(const crypto::Point p2, affine(crypto::mul_base(d2_.expose())));
  crypto::WeightedCheck check(weights, {&q_, &p2});
  for (const AnswerItem& half : halves) {
    HEQI_TRY(add_first_half(check, half, q_));
    HEQI_TRY(add_second_half(check, half, p2));
  }
  if (!check.holds_vartime())
    return base::fail(base::Code::internal, "the server's half does not fit the key");
  return {};
}

namespace {

// hold_together asks the equations of all signatures at once, where the points are known whose x
// made r.
base::Result<bool> hold_together(const crypto::PublicKey& p, const Expected& expected,
                                 const Confirm& confirm, base::Random& random) {
  const std::size_t count = expected.r.size();
  if (expected.points.size() != count || count < crypto::kLanesPay) return false;
  base::SecretArray<32> seed;
  HEQI_TRY(random.fill(seed.expose_mutable()));
  HedgedRandom weights = HedgedRandom::resume(seed);
  weights.draw_ahead(count / 2);
  crypto::WeightedCheck check(weights, {&p.point()});
  for (std::size_t i = 0; i < count; ++i) {
    const crypto::Point& r_point = expected.points[i];
    if (r_point.is_infinity() || !is_made_by(expected.r[i], expected.digests[i], r_point))
      return false;
    if (!add_signature(check, confirm.signatures[i], r_point, p.point())) return false;
  }
  return check.holds_vartime();
}

}  // namespace

base::Status confirm(const crypto::PublicKey& p, const Expected& expected, const Confirm& confirm,
                     base::Random& random) {
  if (confirm.counter != expected.counter || confirm.signatures.size() != expected.r.size())
    return base::fail(base::Code::cosign_replayed, "confirmation: not of the answer at hand");
  std::vector<crypto::BatchSignature> signatures;
  for (std::size_t i = 0; i < expected.r.size(); ++i) {
    if (!equal_vartime(confirm.signatures[i].r, expected.r[i]))
      return base::fail(base::Code::cosign_peer_cheated, "confirmation: another r");
    signatures.push_back({&p, expected.digests[i], confirm.signatures[i]});
  }
  HEQI_TRY(const bool hold, hold_together(p, expected, confirm, random));
  if (hold) return {};
  for (const base::Status& verified : verify_all(signatures))
    if (!verified)
      return base::fail(base::Code::cosign_peer_cheated, "confirmation: does not verify");
  return {};
}

}  // namespace heqi::cosign
