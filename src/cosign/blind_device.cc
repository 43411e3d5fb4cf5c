#include "blind_transcript.h"
#include "half_equations.h"
#include "hedged_random.h"
#include "publish.h"

namespace heqi::cosign {

base::Result<BlindDevice> BlindDevice::with_key(DeviceKey key, base::Random& random) {
  if (key.d1.expose().is_zero()) return base::fail(base::Code::crypto_scalar_range, "d1 is zero");
  BlindDevice device(std::move(key), random);
  const crypto::Scalar& d1 = device.key_.d1.expose();
  device.d1_inverse_ = crypto::SecretScalar(d1.inverse());
  device.q_ = device.key_.p.point() + crypto::Point::generator();
  HEQI_TRY(device.p1_, affine(crypto::mul_base(d1)));
  HEQI_TRY(device.p2_, affine(crypto::mul(device.d1_inverse_.expose(), device.q_)));
  return device;
}

base::Result<BlindRequested> BlindDevice::request(const crypto::Digest& e,
                                                  const BlindCommitment& commitment,
                                                  std::uint64_t counter) {
  if (commitment.counter != counter)
    return base::fail(base::Code::cosign_replayed, "blind: a commitment of another opening");
  if (commitment.r1.is_infinity() || commitment.r2.is_infinity())
    return base::fail(base::Code::cosign_peer_cheated, "blind: R1 or R2 is infinity");
  // The nonces depend on the message and on all that the key centre sent: its random numbers, or a
  // restored image of the device, do not decide them.
  const base::Bytes transcript = Transcript("heqi blind nonces 1")
                                     .key(key_.name)
                                     .number(counter)
                                     .bytes(commitment.session)
                                     .point(commitment.r1)
                                     .point(commitment.r2)
                                     .bytes(e)
                                     .view();
  HEQI_TRY(Nonce k3, Nonce::draw(random_, key_.d1, "heqi blind k3", transcript));
  HEQI_TRY(Nonce k4, Nonce::draw(random_, key_.d1, "heqi blind k4", transcript));
  const crypto::SecretScalar third(std::move(k3).spend()), fourth(std::move(k4).spend());
  const crypto::Point sum = crypto::mul(third.expose(), commitment.r1) + commitment.r2 +
                            crypto::mul_base(fourth.expose());
  HEQI_TRY(const crypto::Point r_point, affine(sum));
  const crypto::Scalar r = crypto::Scalar::reduce(e) + r_point.x_mod_n();
  if (!is_usable(r, r_point)) return base::fail(base::Code::unavailable, "blind: draw again");

  BlindPending pending(Nonce::keep(third.clone()));
  pending.e_ = e;
  pending.r_ = r;
  pending.r_blinded_ = r + fourth.expose();
  pending.commitment_ = commitment;
  declassify(pending.r_blinded_);
  BlindRequest request{commitment.session, pending.r_blinded_, {}};
  const base::Bytes bound = blind_transcript(key_.name, key_.p, commitment, request.r_blinded);
  HEQI_TRY(HedgedRandom hedged, HedgedRandom::make(random_, key_.d1, kBlindD1Domain, bound));
  HEQI_TRY(request.proof_d1, crypto::prove_schnorr(key_.d1.expose(), crypto::Point::generator(),
                                                   p1_, kBlindD1Domain, bound, hedged));
  return BlindRequested{request, std::move(pending)};
}

base::Status BlindDevice::check_halves(const BlindPending& pending,
                                       const BlindAnswer& answer) const {
  const base::Error lie = base::fail(base::Code::cosign_peer_cheated, "blind: the server's half");
  if (answer.s1.is_zero() || answer.s2.is_zero()) return lie;
  crypto::WeightedCheck check(random_, {&q_, &p2_});
  HEQI_TRY(check.begin());
  check.add(pending.commitment_.r1);
  check.add(-answer.s1, q_);
  HEQI_TRY(check.begin());
  check.add(pending.commitment_.r2);
  check.add_base(pending.r_blinded_);
  check.add(-answer.s2, p2_);
  if (!check.holds_vartime()) return lie;
  return {};
}

base::Result<crypto::Signature> BlindDevice::finish(BlindPending pending,
                                                    const BlindAnswer& answer) const {
  if (answer.session != pending.commitment_.session)
    return base::fail(base::Code::cosign_replayed, "blind: an answer of another session");
  HEQI_TRY(check_halves(pending, answer));
  const crypto::SecretScalar k3(std::move(pending.k3_).spend());
  crypto::Signature signature;
  signature.r = pending.r_;
  signature.s = k3.expose() * answer.s1 + answer.s2 * d1_inverse_.expose() - pending.r_;
  declassify(signature.r);
  declassify(signature.s);
  if (!crypto::verify_digest(key_.p, pending.e_, signature))
    return base::fail(base::Code::internal, "blind: the signature does not verify");
  return signature;
}

}  // namespace heqi::cosign
