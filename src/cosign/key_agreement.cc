#include <heqi/base/constant_time.h>
#include <heqi/cosign/key_agreement.h>

#include "hedged_random.h"
#include "publish.h"

namespace heqi::cosign {
namespace {

constexpr std::string_view kD1Domain = "heqi key agreement d1", kD2Domain = "heqi key agreement d2";

base::Bytes transcript_of(const KeyContext& context) {
  return Transcript("heqi key agreement 1").key(context.name).bytes(context.device_key).view();
}

// The server's proof is bound to the device's whole message as well.
base::Bytes answer_transcript(const KeyContext& context, const KeyInit& init) {
  return Transcript("heqi key agreement answer 1")
      .bytes(transcript_of(context))
      .point(init.p1)
      .point(init.proof.commitment)
      .bytes(init.proof.response.encode())
      .view();
}

}  // namespace

base::Result<DeviceKeyAgreement> DeviceKeyAgreement::begin(KeyContext context,
                                                           base::Random& random) {
  HEQI_TRY(crypto::SecretScalar d1, crypto::SecretScalar::draw(random));
  return resume(std::move(context), std::move(d1), random);
}

base::Result<DeviceKeyAgreement> DeviceKeyAgreement::resume(KeyContext context,
                                                            crypto::SecretScalar d1,
                                                            base::Random& random) {
  HEQI_TRY(check_key_name(context.name));
  KeyInit message;
  HEQI_TRY(message.p1, affine(crypto::mul_base(d1.expose())));
  HEQI_TRY(message.proof, crypto::prove_schnorr(d1.expose(), crypto::Point::generator(), message.p1,
                                                kD1Domain, transcript_of(context), random));
  return DeviceKeyAgreement(std::move(context), std::move(d1), std::move(message));
}

base::Result<DeviceKey> DeviceKeyAgreement::finish(const KeyInitAnswer& answer) && {
  const crypto::Point q = answer.p.point() + crypto::Point::generator();
  if (q.is_infinity())
    return base::fail(base::Code::crypto_not_on_curve, "joint key: P + G is the point at infinity");
  HEQI_TRY(crypto::verify_schnorr(answer.proof, message_.p1, q, kD2Domain,
                                  answer_transcript(context_, message_)));
  return DeviceKey{std::move(context_.name), answer.p, std::move(d1_)};
}

base::Result<AgreedKey> agree_on_key(const KeyContext& context, const KeyInit& init,
                                     const crypto::SecretScalar& d2, base::Random& random) {
  HEQI_TRY(check_key_name(context.name));
  if (init.p1.is_infinity())
    return base::fail(base::Code::crypto_not_on_curve, "P1 is the point at infinity");
  HEQI_TRY(crypto::verify_schnorr(init.proof, crypto::Point::generator(), init.p1, kD1Domain,
                                  transcript_of(context)));
  const crypto::Point q = crypto::mul(d2.expose(), init.p1);
  // P is sent; decode refuses P = O, that is d1·d2 = 1.
  const crypto::PointBytes sent = (q + -crypto::Point::generator()).encode();
  base::ct::declassify(sent);
  HEQI_TRY(const crypto::PublicKey p, crypto::PublicKey::decode(sent));
  const base::Bytes transcript = answer_transcript(context, init);
  HEQI_TRY(HedgedRandom hedged, HedgedRandom::make(random, d2, kD2Domain, transcript));
  HEQI_TRY(const crypto::SchnorrProof proof,
           crypto::prove_schnorr(d2.expose(), init.p1, q, kD2Domain, transcript, hedged));
  return AgreedKey{init.p1, KeyInitAnswer{p, proof}};
}

}  // namespace heqi::cosign
