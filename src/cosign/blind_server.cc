#include "blind_transcript.h"
#include "publish.h"

namespace heqi::cosign {

base::Result<BlindSession> BlindSession::open(const ServerKey& key, const crypto::SecretScalar& d2,
                                              std::uint64_t counter, base::Random& random) {
  BlindCommitment commitment;
  commitment.counter = counter;
  HEQI_TRY(random.fill(commitment.session));
  const base::Bytes transcript = Transcript("heqi blind session 1")
                                     .key(key.name)
                                     .number(counter)
                                     .bytes(commitment.session)
                                     .view();
  HEQI_TRY(Nonce k1, Nonce::draw(random, d2, "heqi blind k1", transcript));
  HEQI_TRY(Nonce k2, Nonce::draw(random, d2, "heqi blind k2", transcript));
  const crypto::Scalar first = std::move(k1).spend(), second = std::move(k2).spend();
  HEQI_TRY(commitment.r1, affine(crypto::mul(first, key.p1)));
  HEQI_TRY(commitment.r2, affine(crypto::mul_base(second)));
  BlindSession session(Nonce::keep(crypto::SecretScalar(first)),
                       Nonce::keep(crypto::SecretScalar(second)));
  session.commitment_ = commitment;
  return session;
}

base::Result<BlindAnswer> BlindSession::answer(const ServerKey& key, const crypto::SecretScalar& d2,
                                               const BlindRequest& request,
                                               base::Random& random) && {
  if (request.session != commitment_.session)
    return base::fail(base::Code::cosign_replayed, "blind: of another session");
  if (request.r_blinded.is_zero())
    return base::fail(base::Code::crypto_scalar_range, "blind: r' is zero");
  if (!crypto::verify_schnorr(request.proof_d1, crypto::Point::generator(), key.p1, kBlindD1Domain,
                              blind_transcript(key.name, key.p, commitment_, request.r_blinded)))
    return base::fail(base::Code::cosign_wrong_pin);
  const BlindCommitment sent = commitment_;
  HEQI_TRY(const BlindAnswer answer, std::move(*this).halves(d2, request.r_blinded));

  // A faulted half is a function of d2 that the device must not see.
  const crypto::Point q = key.p.point() + crypto::Point::generator();
  HEQI_TRY(const crypto::Point p2, affine(crypto::mul_base(d2.expose())));
  crypto::WeightedCheck check(random, {&q, &p2});
  HEQI_TRY(check.begin());
  check.add(sent.r1);
  check.add(-answer.s1, q);
  HEQI_TRY(check.begin());
  check.add(sent.r2);
  check.add_base(request.r_blinded);
  check.add(-answer.s2, p2);
  if (!check.holds_vartime())
    return base::fail(base::Code::internal, "the server's half does not fit the key");
  return answer;
}

base::Result<BlindAnswer> BlindSession::answer_printed(const crypto::SecretScalar& d2,
                                                       const crypto::Scalar& r_blinded) && {
  return std::move(*this).halves(d2, r_blinded);
}

base::Result<BlindAnswer> BlindSession::halves(const crypto::SecretScalar& d2,
                                               const crypto::Scalar& r_blinded) && {
  const crypto::SecretScalar inverse(d2.expose().inverse());
  const crypto::SecretScalar k1(std::move(k1_).spend()), k2(std::move(k2_).spend());
  BlindAnswer answer{commitment_.session, k1.expose() * inverse.expose(),
                     (r_blinded + k2.expose()) * inverse.expose()};
  declassify(answer.s1);
  declassify(answer.s2);
  if (answer.s2.is_zero()) return base::fail(base::Code::unavailable, "blind: draw again");
  return answer;
}

base::Status OpenSessions::reserve(const KeyId& key, base::Duration now) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(key);
  if (found != places_.end() && now < found->second.ends)
    return base::fail(base::Code::cosign_session_open);
  places_[key] = Place{now + kBlindSession, std::nullopt};
  return {};
}

void OpenSessions::keep(const KeyId& key, BlindSession session) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(key);
  if (found != places_.end()) found->second.session.emplace(std::move(session));
}

base::Result<BlindSession> OpenSessions::take(const KeyId& key, const SessionId& session,
                                              base::Duration now) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(key);
  if (found == places_.end() || !found->second.session ||
      found->second.session->commitment().session != session)
    return base::fail(base::Code::cosign_session_answered, "blind: no such session is open");
  BlindSession taken = std::move(*found->second.session);
  found->second.session.reset();
  if (now >= found->second.ends) return base::fail(base::Code::expired, "blind: the session");
  return taken;
}

void OpenSessions::close(const KeyId& key) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(key);
  if (found != places_.end() && !found->second.session) places_.erase(found);
}

}  // namespace heqi::cosign
