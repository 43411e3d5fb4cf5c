#include <heqi/cosign/joint.h>

#include <heqi/base/fault_hooks.h>

#include "joint_transcript.h"
#include "publish.h"

namespace heqi::cosign {

Server::Server(const ServerKey& key, crypto::SecretScalar d2, base::Random& random)
    : key_(key),
      d2_(std::move(d2)),
      d2_inverse_(d2_.expose().inverse()),
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
    if (item.t.is_infinity() || item.u.is_infinity())
      return base::fail(Code::crypto_not_on_curve, "opening: T or U is infinity");
    const base::Bytes bound = item_transcript(transcript, i);
    HEQI_TRY(crypto::verify_schnorr(item.proof_k3, key_.p1, item.t, kJointK3Domain, bound));
    HEQI_TRY(crypto::verify_schnorr(item.proof_k4, key_.p1, item.u, kJointK4Domain, bound));
  }
  return {};
}

struct Server::Drawn {
  crypto::SecretScalar k1, k2;
  crypto::Point r1, r2;
};

base::Result<std::vector<Server::Drawn>> Server::draw(const Opening& opening,
                                                      base::ByteView transcript) {
  std::vector<Drawn> all;
  for (std::size_t i = 0; i < opening.items.size(); ++i) {
    const base::Bytes bound = item_transcript(transcript, i);
    HEQI_TRY(Nonce first, Nonce::draw(random_, d2_, "heqi joint k1", bound));
    HEQI_TRY(Nonce second, Nonce::draw(random_, d2_, "heqi joint k2", bound));
    Drawn drawn{crypto::SecretScalar(std::move(first).spend()),
                crypto::SecretScalar(std::move(second).spend()),
                {},
                {}};
    HEQI_REVEAL("k1", drawn.k1.expose().words().data(), crypto::kScalarSize);
    HEQI_REVEAL("k2", drawn.k2.expose().words().data(), crypto::kScalarSize);
    HEQI_TRY(drawn.r1, affine(crypto::mul(drawn.k1.expose(), key_.p1)));
    HEQI_TRY(drawn.r2, affine(crypto::mul_base(drawn.k2.expose())));
    all.push_back(std::move(drawn));
  }
  return all;
}

base::Result<Answered> Server::answer(Opening&& opening) {
  const Opening taken = std::move(opening);
  HEQI_TRY(check(taken));
  HEQI_TRY(p2_, affine(crypto::mul_base(d2_.expose())));
  const base::Bytes transcript = opening_transcript(taken, key_.p);
  HEQI_TRY(const std::vector<Drawn> all, draw(taken, transcript));
  Binding binding(transcript);
  for (const Drawn& drawn : all) binding.add(drawn.r1, drawn.r2);
  Answered answered;
  answered.answer.counter = taken.counter;
  answered.expected.counter = taken.counter;
  for (std::size_t i = 0; i < taken.items.size(); ++i) {
    HEQI_TRY(const std::optional<AnswerItem> half,
             answer_item(taken.items[i], all[i], binding.b(i)));
    // r = 0, r + k = n or s2 = 0, once in 2^254 answers: the device opens again.
    if (!half) return base::fail(base::Code::unavailable, "answer: draw again");
    answered.answer.items.push_back(*half);
    answered.expected.digests.push_back(taken.items[i].e);
    answered.expected.r.push_back(half->r);
  }
  HEQI_STOP_AT("joint_answer");
  return answered;
}

// answer_item is one half, or nothing where its nonces do not serve (GB/T 32918.2 §6.1 A5, A6).
base::Result<std::optional<AnswerItem>> Server::answer_item(const OpeningItem& item,
                                                            const Drawn& drawn,
                                                            const crypto::Scalar& b) const {
  const crypto::Scalar &k1 = drawn.k1.expose(), &k2 = drawn.k2.expose();
  const crypto::Point r_point = crypto::mul(k1, item.t + crypto::mul_vartime(b, item.u)) + drawn.r2;
  const crypto::Scalar r = crypto::Scalar::reduce(item.e) + r_point.x_mod_n();
  declassify(r);
  if (r_point.is_infinity() || r.is_zero() || (crypto::mul_base(r) + r_point).is_infinity())
    return std::optional<AnswerItem>{};

  AnswerItem half{drawn.r1, drawn.r2, r, {}, {}};
  half.s1 = k1 * d2_inverse_.expose();
  half.s2 = (r + k2) * d2_inverse_.expose();
  declassify(half.s1);
  declassify(half.s2);
  if (half.s2.is_zero()) return std::optional<AnswerItem>{};

  // A faulted half is a function of d2 that the device must not see.
  if (!equal_vartime(half.r1, crypto::mul_vartime(half.s1, q_)) ||
      !equal_vartime(half.r2, crypto::mul_add_vartime(-r, half.s2, p2_)))
    return base::fail(base::Code::internal, "the server's half does not fit the key");
  return std::optional<AnswerItem>(half);
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
