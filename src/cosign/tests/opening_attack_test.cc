// Attacks of a device on the points of its opening, each with the guard named in tests/mutants.
#include <algorithm>

#include "joint_transcript.h"
#include "tests/sides.h"

namespace heqi::cosign {
namespace {

using base::Code;
using crypto::Point;
using crypto::Scalar;

// prove gives an opening the proofs that a device has which holds d1 and thinks that T and U of
// every item are [k]P1.
void prove(Parties& parties, Opening& opening, const Scalar& k) {
  const Scalar& d1 = parties.d1.expose();
  const Point p1 = crypto::mul_base(d1);
  const base::Bytes transcript = opening_transcript(opening, parties.server_key.p);
  base::Random& random = parties.device_random;
  opening.proof_d1 =
      *crypto::prove_schnorr(d1, Point::generator(), p1, kJointD1Domain, transcript, random);
  std::vector<crypto::SecretScalar> logarithms(2 * opening.items.size());
  for (crypto::SecretScalar& one : logarithms) one = crypto::SecretScalar(k);
  opening.proof_nonces = *crypto::prove_schnorr_list(logarithms, {d1, p1}, nonce_points(opening),
                                                     kJointNoncesDomain, transcript, random);
}

// forge_opening is what a device that holds d1 can make around points T and U of its choice.
Opening forge_opening(Parties& parties, const std::vector<std::array<Point, 2>>& points,
                      const Scalar& k) {
  Opening opening;
  opening.name = parties.server_key.name;
  opening.counter = 1;
  for (const auto& [t, u] : points)
    opening.items.push_back({digest_of(parties, std::to_string(opening.items.size())), t, u});
  prove(parties, opening, k);
  return opening;
}

// A server that answers for a T or U of unknown logarithm is a Diffie–Hellman oracle for d2: with
// ±R found from r, [d2](T + [b]U) = [1/s1](R − R2).
// shows-part: COS-sig-8 (points of the device without proof)
TEST(OpeningAttack, ATOrUWithoutProofGetsNoHalf) {
  for (const std::size_t unproven : {0, 1}) {
    Parties parties = make_parties(20);
    const Scalar k = Scalar::from_word(12345);
    std::array<Point, 2> points;
    points.fill(crypto::mul(k, parties.server_key.p1));
    points[unproven] = make_parties(21).server_key.p1;
    Opening forged = forge_opening(parties, {points}, k);
    const OpeningItem item = forged.items[0];
    const base::Bytes transcript = opening_transcript(forged, parties.server_key.p);
    Server server = parties.server();
    const auto answered = server.answer(std::move(forged));
    EXPECT_ERROR(answered, Code::crypto_proof_invalid);
    if (!answered) continue;
    const AnswerItem& half = answered->answer.items[0];
    const ServerPoints answered_with{half.r1, half.r2};
    const Scalar b = binding_values(transcript, std::span(&answered_with, 1))[0];
    const Point wanted = crypto::mul(parties.d2.expose(), item.t + crypto::mul(b, item.u));
    base::Bytes compressed = {2};
    base::append(compressed, (half.r - Scalar::reduce(item.e)).encode());
    const auto lifted = Point::decode(compressed);
    ASSERT_OK(lifted);
    for (const Point& r_point : {*lifted, -*lifted})
      EXPECT_FALSE(equal_vartime(crypto::mul(half.s1.inverse(), r_point + -half.r2), wanted))
          << "the attack multiplied a foreign point by d2";
  }
}

// One proof is for all T and U; foreign points that make up for each other do not pass, nor does a
// foreign one among many.
// shows-part: COS-sig-8 (points of the device without proof)
TEST(OpeningAttack, ForeignPointsOfAListDoNotMakeUpForEachOther) {
  const Point foreign = make_parties(21).server_key.p1;
  const Scalar k = Scalar::from_word(12345);
  for (std::size_t first = 0; first < 4; ++first)
    for (std::size_t second = first; second < 4; ++second) {
      Parties parties = make_parties(28);
      const Point honest = crypto::mul(k, parties.server_key.p1);
      std::vector<std::array<Point, 2>> points(2, {honest, honest});
      points[first / 2][first % 2] = honest + foreign;
      if (second != first) points[second / 2][second % 2] = honest + -foreign;
      EXPECT_ERROR(parties.server().answer(forge_opening(parties, points, k)),
                   Code::crypto_proof_invalid)
          << first << " and " << second;
    }
}

// shows-part: COS-sig-8 (points of the device without proof)
TEST(OpeningAttack, TheProofOfNoncesIsOfThisOpeningAndBase) {
  Parties parties = make_parties(31);
  const Scalar k = Scalar::from_word(12345), &d1 = parties.d1.expose();
  const Point honest = crypto::mul(k, parties.server_key.p1),
              other = crypto::mul(k + k, parties.server_key.p1);
  const auto refused = [&](Opening&& opening) {
    EXPECT_ERROR(parties.server().answer(std::move(opening)), Code::crypto_proof_invalid);
  };
  EXPECT_OK(parties.server().answer(forge_opening(parties, {{honest, honest}}, k)));
  // The points of the base G.
  refused(forge_opening(parties, {{crypto::mul_base(k), crypto::mul_base(k)}}, k));
  // That of the next opening, which has the same points.
  Opening next = forge_opening(parties, {{honest, honest}}, k);
  next.counter = 2;
  prove(parties, next, k);
  Opening opening = forge_opening(parties, {{honest, honest}}, k);
  opening.proof_nonces = next.proof_nonces;
  refused(std::move(opening));
  // T and U changed places, and what proves d1 was made for that.
  opening = forge_opening(parties, {{honest, other}}, k);
  const base::Bytes transcript = opening_transcript(opening, parties.server_key.p);
  std::vector<crypto::SecretScalar> logarithms(2);
  logarithms[0] = crypto::SecretScalar(k);
  logarithms[1] = crypto::SecretScalar(k + k);
  const auto prove_nonces = [&] {
    return *crypto::prove_schnorr_list(logarithms, {d1, parties.server_key.p1},
                                       nonce_points(opening), kJointNoncesDomain, transcript,
                                       parties.device_random);
  };
  opening.proof_nonces = prove_nonces();
  EXPECT_OK(parties.server().answer(copy_of(opening)));
  Opening swapped = forge_opening(parties, {{other, honest}}, k);
  swapped.proof_nonces = opening.proof_nonces;
  refused(std::move(swapped));
  // Any part of the proof changed.
  Opening wrong = copy_of(opening);
  wrong.proof_nonces.response = wrong.proof_nonces.response + Scalar::from_word(1);
  refused(std::move(wrong));
  wrong = copy_of(opening);
  wrong.proof_nonces.commitment = -wrong.proof_nonces.commitment;
  refused(std::move(wrong));
  wrong = copy_of(opening);
  wrong.proof_nonces.commitment = Point::infinity();
  refused(std::move(wrong));
  wrong = copy_of(opening);
  wrong.proof_nonces = wrong.proof_d1;
  refused(std::move(wrong));
}

// Whoever knows the challenges before A fits A to any points: A = [z]P1 − [c3]T − [c4]U.
// shows-part: COS-sig-8 (points of the device without proof)
TEST(OpeningAttack, ACommitmentThatIsMadeToFitIsRefused) {
  Parties parties = make_parties(34);
  const Point foreign = make_parties(21).server_key.p1, p1 = parties.server_key.p1;
  Opening forged = forge_opening(parties, {{foreign, foreign}}, Scalar::from_word(12345));
  // With the same r, responses for other logarithms tell the challenges of one A.
  const auto response_for = [&](std::uint64_t k3, std::uint64_t k4) {
    std::vector<crypto::SecretScalar> logarithms(2);
    logarithms[0] = crypto::SecretScalar(Scalar::from_word(k3));
    logarithms[1] = crypto::SecretScalar(Scalar::from_word(k4));
    testing::SeededRandom same(1);
    return crypto::prove_schnorr_list(logarithms, {parties.d1.expose(), p1}, nonce_points(forged),
                                      kJointNoncesDomain,
                                      opening_transcript(forged, parties.server_key.p), same)
        ->response;
  };
  const Scalar r = response_for(0, 0), c3 = response_for(1, 0) - r, c4 = response_for(0, 1) - r;
  const Scalar z = Scalar::from_word(9);
  forged.proof_nonces = {crypto::mul(z, p1) + crypto::mul(-(c3 + c4), foreign), z};
  EXPECT_ERROR(parties.server().answer(std::move(forged)), Code::crypto_proof_invalid);
}

// Both proofs are checked by one sum, in which what is too much in one could make up for the other.
// shows-part: ECP-KEY-10 (the key centre's side: the proof of d1 alone)
TEST(OpeningAttack, TheProofOfNoncesDoesNotMakeUpForThatOfD1) {
  Sides sides = open_exchange(32);
  Opening forged = copy_of(sides.opened.opening);
  forged.proof_nonces.response = forged.proof_nonces.response + Scalar::from_word(1);
  forged.proof_d1.response = forged.proof_d1.response - sides.parties.d1.expose();
  EXPECT_ERROR(sides.parties.server().answer(std::move(forged)), Code::cosign_wrong_pin);
}

// replaced is encoded with one string of octets in place of another of the same length.
base::Bytes replaced(base::Bytes encoded, base::ByteView what, base::ByteView by) {
  const auto at = std::search(encoded.begin(), encoded.end(), what.begin(), what.end());
  HEQI_CHECK(at != encoded.end() && what.size() == by.size());
  std::copy(by.begin(), by.end(), at);
  return encoded;
}

TEST(OpeningAttack, WhatIsNoProofOfNoncesIsNotRead) {
  Sides sides = open_exchange(33);
  const auto with = [&](auto&& change) {
    Opening wrong = copy_of(sides.opened.opening);
    change(wrong);
    return parse_opening(encode_opening(wrong));
  };
  EXPECT_OK(with([](Opening&) {}));
  EXPECT_ERROR(with([](Opening& o) { o.proof_nonces.commitment = Point::infinity(); }),
               Code::crypto_not_on_curve);
  EXPECT_ERROR(with([](Opening& o) { o.proof_nonces.response = Scalar(); }),
               Code::crypto_scalar_range);
  EXPECT_ERROR(with([](Opening& o) { o.items[0].t = Point::infinity(); }),
               Code::crypto_not_on_curve);
  EXPECT_ERROR(with([](Opening& o) { o.items[0].u = Point::infinity(); }),
               Code::crypto_not_on_curve);
  const Opening& good = sides.opened.opening;
  const base::Bytes encoded = encode_opening(good);
  // z = 2^256 − 1 and points beside the curve.
  EXPECT_ERROR(parse_opening(replaced(encoded, good.proof_nonces.response.encode(),
                                      base::Bytes(crypto::kScalarSize, 0xFF))),
               Code::crypto_scalar_range);
  for (const Point& point : {good.proof_nonces.commitment, good.items[0].t, good.items[0].u}) {
    crypto::PointBytes beside = point.encode();
    beside.back() ^= 1;
    EXPECT_ERROR(parse_opening(replaced(encoded, point.encode(), beside)),
                 Code::crypto_not_on_curve);
  }
  // Without the proof: the list stands in its place.
  asn1::Writer without;
  without.sequence([&](asn1::Writer& w) {
    w.integer(3);
    write_key_name(w, good.name);
    w.integer(1);
    w.sequence([&](asn1::Writer& proof) {
      proof.octet_string(good.proof_d1.commitment.encode());
      proof.octet_string(good.proof_d1.response.encode());
    });
    w.sequence([&](asn1::Writer& list) {
      list.sequence([&](asn1::Writer& item) {
        item.octet_string(good.items[0].e);
        item.octet_string(good.items[0].t.encode());
        item.octet_string(good.items[0].u.encode());
      });
    });
  });
  EXPECT_ERROR(parse_opening(without.take()), Code::malformed);
}

}  // namespace
}  // namespace heqi::cosign
