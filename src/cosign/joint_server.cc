#include <heqi/cosign/joint.h>

#include "joint_transcript.h"

namespace heqi::cosign {

Server::Server(const ServerKey& key, crypto::SecretScalar d2, base::Random& random)
    : key_(key),
      d2_(std::move(d2)),
      d2_inverse_(d2_.expose().inverse()),
      p2_(crypto::mul_base(d2_.expose())),
      q_(key.p.point() + crypto::Point::generator()),
      random_(random) {}

base::Status Server::check(const Opening& opening) const {
  using base::Code;
  if (!(opening.name == key_.name))
    return base::fail(Code::cosign_key_unknown, "opening: another key or epoch");
  if (opening.counter <= key_.last_counter)
    return base::fail(Code::cosign_replayed, "opening: the counter was used before");
  if (opening.items.empty()) return base::fail(Code::malformed, "opening: nothing to sign");
  if (opening.items.size() > kBatchMax)
    return base::fail(Code::limit_exceeded, "opening: more than 100 digests");
  const base::Bytes transcript = opening_transcript(opening, key_.p);
  if (const base::Status proven = crypto::verify_schnorr(
          opening.proof_d1, crypto::Point::generator(), key_.p1, kJointD1Domain, transcript);
      !proven)
    return base::fail(Code::cosign_wrong_pin, "opening: no proof of d1");
  for (std::size_t i = 0; i < opening.items.size(); ++i) {
    const OpeningItem& item = opening.items[i];
    if (item.t.is_infinity())
      return base::fail(Code::crypto_not_on_curve, "opening: T is infinity");
    HEQI_TRY(crypto::verify_schnorr(item.proof_k3, key_.p1, item.t, kJointK3Domain,
                                    item_transcript(transcript, i)));
  }
  return {};
}

base::Result<Answered> Server::answer(Opening&& opening) {
  const Opening taken = std::move(opening);
  HEQI_TRY(check(taken));
  const base::Bytes transcript = opening_transcript(taken, key_.p);
  Answered answered;
  answered.answer.counter = taken.counter;
  answered.expected.counter = taken.counter;
  for (std::size_t i = 0; i < taken.items.size(); ++i) {
    HEQI_TRY(const AnswerItem half, answer_item(taken.items[i], item_transcript(transcript, i)));
    answered.answer.items.push_back(half);
    answered.expected.digests.push_back(taken.items[i].e);
    answered.expected.r.push_back(half.r);
  }
  return answered;
}

base::Result<AnswerItem> Server::answer_item(const OpeningItem& item, base::ByteView transcript) {
  for (;;) {  // again with fresh nonces on r = 0, r + k = n and s2 = 0: never seen in practice
    HEQI_TRY(Nonce drawn1, Nonce::draw(random_, d2_, "heqi joint k1", transcript));
    HEQI_TRY(Nonce drawn2, Nonce::draw(random_, d2_, "heqi joint k2", transcript));
    const crypto::Scalar k1 = std::move(drawn1).spend(), k2 = std::move(drawn2).spend();
    const crypto::Point r_point = crypto::mul(k1, item.t) + crypto::mul_base(k2);
    if (r_point.is_infinity()) continue;
    const crypto::Scalar r = crypto::Scalar::reduce(item.e) + r_point.x_mod_n();
    if (r.is_zero() || (crypto::mul_base(r) + r_point).is_infinity()) continue;

    AnswerItem half;
    half.r1 = crypto::mul(k1, key_.p1);
    half.r2 = crypto::mul_base(k2);
    half.r = r;
    half.s1 = k1 * d2_inverse_.expose();
    half.s2 = (r + k2) * d2_inverse_.expose();
    if (half.s2.is_zero()) continue;

    // A faulted half is a function of d2 that the device must not see.
    if (!equal_vartime(half.r1, crypto::mul(half.s1, q_)) ||
        !equal_vartime(half.r2 + crypto::mul_base(r), crypto::mul(half.s2, p2_)))
      return base::fail(base::Code::internal, "the server's half does not fit the key");
    return half;
  }
}

base::Status confirm(const crypto::PublicKey& p, const Expected& expected, const Confirm& confirm) {
  if (confirm.counter != expected.counter || confirm.signatures.size() != expected.r.size())
    return base::fail(base::Code::cosign_replayed, "confirmation: not of the answer at hand");
  for (std::size_t i = 0; i < expected.r.size(); ++i) {
    const crypto::Signature& signature = confirm.signatures[i];
    if (!equal_vartime(signature.r, expected.r[i]))
      return base::fail(base::Code::cosign_peer_cheated, "confirmation: another r");
    if (!crypto::verify_digest(p, expected.digests[i], signature))
      return base::fail(base::Code::cosign_peer_cheated, "confirmation: does not verify");
  }
  return {};
}

}  // namespace heqi::cosign
