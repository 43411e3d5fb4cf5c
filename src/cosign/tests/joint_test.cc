// The joint exchange when all are honest, and what comes out.
#include <heqi/cosign/codec.h>

#include "tests/openssl_stranger.h"
#include "tests/parties.h"

namespace heqi::cosign {
namespace {

using base::bytes_of;
using base::Code;

struct Outcome {
  crypto::Signature signature;
  Answer answer;
};

base::Result<Outcome> sign_jointly(Parties& parties, std::string_view message,
                                   std::uint64_t counter = 1) {
  Device device = parties.device();
  HEQI_TRY(Opened opened, device.open({digest_of(parties, message)}, counter));
  HEQI_TRY(Opening received, parse_opening(encode_opening(opened.opening)));
  Server server = parties.server();
  HEQI_TRY(const Answered answered, server.answer(std::move(received)));
  HEQI_TRY(const Answer answer, parse_answer(encode_answer(answered.answer)));
  HEQI_TRY(const Confirm made, device.finish(std::move(opened.nonces), answer));
  HEQI_TRY(const Confirm confirmed, parse_confirm(encode_confirm(made)));
  HEQI_TRY(confirm(parties.server_key.p, answered.expected, confirmed, parties.server_random));
  return Outcome{confirmed.signatures.at(0), answer};
}

// shows: ECP-KEY-12
// shows-part: COS-sig-5 (the joint exchange, not the flow as printed)
TEST(Joint, TheResultIsAnOrdinarySm2Signature) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Parties parties = make_parties(seed);
    const auto outcome = sign_jointly(parties, "合同正文");
    ASSERT_OK(outcome);
    EXPECT_OK(crypto::verify(parties.server_key.p, bytes_of("合同正文"), outcome->signature));
    EXPECT_TRUE(
        testing::openssl_verifies(parties.server_key.p, bytes_of("合同正文"), outcome->signature));
    EXPECT_FALSE(
        testing::openssl_verifies(parties.server_key.p, bytes_of("合同正本"), outcome->signature));
  }
}

TEST(Joint, ABatchGivesOneSignatureForEachDigestInOrder) {
  Parties parties = make_parties(3);
  Device device = parties.device();
  std::vector<crypto::Digest> digests;
  for (const char* text : {"one", "two", "three"}) digests.push_back(digest_of(parties, text));
  auto opened = device.open(digests, 9);
  ASSERT_OK(opened);
  Server server = parties.server();
  auto answered = server.answer(std::move(opened->opening));
  ASSERT_OK(answered);
  const auto made = device.finish(std::move(opened->nonces), answered->answer);
  ASSERT_OK(made);
  EXPECT_OK(confirm(parties.server_key.p, answered->expected, *made, parties.server_random));
  for (std::size_t i = 0; i < digests.size(); ++i)
    EXPECT_OK(crypto::verify_digest(parties.server_key.p, digests[i], made->signatures[i]));
}

TEST(Joint, TwoExchangesOverOneDigestUseDifferentNonces) {
  Parties parties = make_parties(4);
  const auto first = sign_jointly(parties, "text", 1);
  const auto second = sign_jointly(parties, "text", 2);
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_FALSE(equal_vartime(first->signature.r, second->signature.r));
  EXPECT_FALSE(equal_vartime(first->answer.items[0].r2, second->answer.items[0].r2));
}

TEST(Joint, NothingOrTooMuchIsNotOpened) {
  Parties parties = make_parties(5);
  Device device = parties.device();
  EXPECT_ERROR(device.open({}, 1), Code::malformed);
  EXPECT_ERROR(device.open(std::vector<crypto::Digest>(kBatchMax + 1), 1), Code::limit_exceeded);
}

TEST(Joint, ADeviceWithoutRandomnessOpensNothing) {
  Parties parties = make_parties(6);
  testing::ScriptedRandom empty({});
  auto device =
      Device::with_key({parties.server_key.name, parties.server_key.p, parties.d1.clone()}, empty);
  ASSERT_OK(device);
  EXPECT_ERROR(device->open({crypto::Digest{}}, 1), Code::crypto_random_failed);
}

// shows: COS-pub-2
TEST(Joint, NeitherShareAloneIsTheKey) {
  Parties parties = make_parties(7);
  for (const crypto::SecretScalar* share : {&parties.d1, &parties.d2}) {
    const auto key = crypto::PrivateKey::decode(share->expose().encode());
    ASSERT_OK(key);
    EXPECT_FALSE(key->public_key() == parties.server_key.p);
    const auto signature =
        crypto::sign_digest(*key, digest_of(parties, "text"), parties.device_random);
    ASSERT_OK(signature);
    EXPECT_ERROR(
        crypto::verify_digest(parties.server_key.p, digest_of(parties, "text"), *signature),
        Code::invalid_signature);
  }
}

// play_both takes the steps of both parties by their formulas, with the shares that one of them
// made up, and without the guards, which would stop it.
crypto::Signature play_both(const crypto::Scalar& d1, const crypto::Scalar& d2,
                            const crypto::Digest& e, base::Random& random) {
  const crypto::Scalar k1 = *crypto::Scalar::draw(random), k2 = *crypto::Scalar::draw(random),
                       k3 = *crypto::Scalar::draw(random);
  const crypto::Point r1 = crypto::mul(k1, crypto::mul_base(d1)), r2 = crypto::mul_base(k2);
  const crypto::Scalar r = crypto::Scalar::reduce(e) + (crypto::mul(k3, r1) + r2).x_mod_n();
  const crypto::Scalar s1 = k1 * d2.inverse(), s2 = (r + k2) * d2.inverse();
  return {r, k3 * s1 + s2 * d1.inverse() - r};
}

// shows: COS-pub-2
TEST(Joint, WhoHasOneShareAndMakesUpTheOtherMakesNoSignature) {
  Parties parties = make_parties(11);
  const crypto::Digest e = digest_of(parties, "text");
  const crypto::Scalar &d1 = parties.d1.expose(), &d2 = parties.d2.expose();
  base::Random& random = parties.device_random;
  ASSERT_OK(crypto::verify_digest(parties.server_key.p, e, play_both(d1, d2, e, random)));
  for (int guess = 0; guess < 20; ++guess) {
    const crypto::Scalar other = *crypto::Scalar::draw(random);
    for (const auto& made : {play_both(d1, other, e, random), play_both(other, d2, e, random)})
      EXPECT_ERROR(crypto::verify_digest(parties.server_key.p, e, made), Code::invalid_signature);
  }
}

TEST(Joint, AConfirmationOfAnotherSignatureIsNotTaken) {
  Parties parties = make_parties(8);
  Device device = parties.device();
  auto opened = device.open({digest_of(parties, "text")}, 1);
  ASSERT_OK(opened);
  Server server = parties.server();
  auto answered = server.answer(std::move(opened->opening));
  ASSERT_OK(answered);
  const auto made = device.finish(std::move(opened->nonces), answered->answer);
  ASSERT_OK(made);

  Confirm wrong = *made;
  wrong.signatures[0].s = wrong.signatures[0].s + crypto::Scalar::from_word(1);
  EXPECT_ERROR(confirm(parties.server_key.p, answered->expected, wrong, parties.server_random),
               Code::cosign_peer_cheated);
  wrong = *made;
  wrong.signatures[0].r = wrong.signatures[0].r + crypto::Scalar::from_word(1);
  EXPECT_ERROR(confirm(parties.server_key.p, answered->expected, wrong, parties.server_random),
               Code::cosign_peer_cheated);
  wrong = *made;
  wrong.counter = 2;
  EXPECT_ERROR(confirm(parties.server_key.p, answered->expected, wrong, parties.server_random),
               Code::cosign_replayed);
  wrong = *made;
  wrong.signatures.push_back(wrong.signatures[0]);
  EXPECT_ERROR(confirm(parties.server_key.p, answered->expected, wrong, parties.server_random),
               Code::cosign_replayed);
}

// The equations of a list are asked at once; what does not hold is found all the same.
// shows-part: COS-sig-8 (what the key centre records of a list)
TEST(Joint, AConfirmationOfAListHoldsOnlyAsAWhole) {
  Parties parties = make_parties(12);
  Device device = parties.device();
  std::vector<crypto::Digest> digests;
  for (const char* text : {"a", "b", "c", "d", "e"}) digests.push_back(digest_of(parties, text));
  auto opened = device.open(digests, 1);
  ASSERT_OK(opened);
  auto answered = parties.server().answer(std::move(opened->opening));
  ASSERT_OK(answered);
  const auto made = device.finish(std::move(opened->nonces), answered->answer);
  ASSERT_OK(made);
  const crypto::PublicKey& p = parties.server_key.p;
  const crypto::Scalar one = crypto::Scalar::from_word(1);
  const auto check = [&](const Expected& expected, const Confirm& given) {
    return confirm(p, expected, given, parties.server_random);
  };
  const Expected& expected = answered->expected;
  EXPECT_OK(check(expected, *made));
  for (std::size_t i = 0; i < digests.size(); ++i)
    for (std::size_t j = i; j < digests.size(); ++j) {
      Confirm wrong = *made;
      wrong.signatures[i].s = wrong.signatures[i].s + one;
      if (j != i) wrong.signatures[j].s = wrong.signatures[j].s - one;
      EXPECT_ERROR(check(expected, wrong), Code::cosign_peer_cheated) << i << " and " << j;
    }
  // r + s = n and s = 0, which no verifier takes.
  Confirm wrong = *made;
  wrong.signatures[2].s = -wrong.signatures[2].r;
  EXPECT_ERROR(check(expected, wrong), Code::cosign_peer_cheated);
  wrong.signatures[2].s = crypto::Scalar();
  EXPECT_ERROR(check(expected, wrong), Code::cosign_peer_cheated);
  // Points decide nothing: without them, or with wrong ones, each signature is verified.
  Expected changed = expected;
  changed.points.clear();
  EXPECT_OK(check(changed, *made));
  EXPECT_ERROR(check(changed, wrong), Code::cosign_peer_cheated);
  changed = expected;
  changed.points[1] = -changed.points[1];
  EXPECT_OK(check(changed, *made));
  changed.points[1] = crypto::Point::infinity();
  EXPECT_OK(check(changed, *made));
  // A point that fits a wrong signature does not fit r.
  wrong = *made;
  crypto::Signature& forged = wrong.signatures[3];
  forged.s = forged.s + one;
  changed = expected;
  changed.points[3] = crypto::mul_base(forged.s) + crypto::mul(forged.r + forged.s, p.point());
  EXPECT_ERROR(check(changed, wrong), Code::cosign_peer_cheated);
  testing::ScriptedRandom empty({});
  EXPECT_ERROR(confirm(p, expected, *made, empty), Code::crypto_random_failed);
}

TEST(JointDeathTest, ANonceIsSpentOnce) {
  testing::SeededRandom random(1);
  auto nonce = Nonce::draw(random, crypto::SecretScalar(crypto::Scalar::from_word(5)), "test", {});
  ASSERT_OK(nonce);
  static_cast<void>(std::move(*nonce).spend());
  EXPECT_DEATH(static_cast<void>(std::move(*nonce).spend()), "fresh_");
}

TEST(JointExchange, AnOpeningOfAnotherVersionIsNotTakenForAWrongPin) {
  Parties p = make_parties(3);
  Device device = p.device();
  auto opened = device.open({digest_of(p, "text")}, 1);
  ASSERT_OK(opened);
  base::Bytes encoded = encode_opening(opened->opening);
  // SEQUENCE with two octets of length, then INTEGER with one octet.
  ASSERT_EQ(base::to_hex(base::ByteView(encoded).subspan(4, 3)), "020103");
  for (std::uint8_t older = 1; older <= 2; ++older) {
    encoded[6] = older;
    EXPECT_ERROR(parse_opening(encoded), base::Code::device_outdated);
  }
  encoded[6] = 4;
  EXPECT_ERROR(parse_opening(encoded), base::Code::unsupported);
}

}  // namespace
}  // namespace heqi::cosign
