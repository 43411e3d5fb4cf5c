// The blind exchange and the attacks on it. Each driver does its attack in full; where the product
// is asked, it fails, and against the flow without the guard it succeeds, in the same test.
#include <heqi/cosign/blind.h>

#include "half_equations.h"
#include "tests/parties.h"
#include "tests/ros.h"

namespace heqi::cosign {
namespace {

using base::Code;
using crypto::Point;
using crypto::Scalar;

constexpr base::Duration kNow = std::chrono::seconds(1000);

BlindDevice blind_device(Parties& parties, const Scalar& d1) {
  auto made = BlindDevice::with_key(
      {parties.server_key.name, parties.server_key.p, crypto::SecretScalar(d1)},
      parties.device_random);
  HEQI_CHECK(made.has_value());
  return *std::move(made);
}
BlindDevice blind_device(Parties& parties) {
  return blind_device(parties, parties.d1.expose());
}

BlindSession open_session(Parties& parties, std::uint64_t counter = 1) {
  auto session = BlindSession::open(parties.server_key, parties.d2, counter, parties.server_random);
  HEQI_CHECK(session.has_value());
  return *std::move(session);
}

base::Result<crypto::Signature> sign(Parties& parties, std::string_view message,
                                     std::uint64_t counter) {
  BlindDevice device = blind_device(parties);
  BlindSession session = open_session(parties, counter);
  HEQI_TRY(BlindRequested asked,
           device.request(digest_of(parties, message), session.commitment(), counter));
  HEQI_TRY(const BlindAnswer answer,
           std::move(session).answer(parties.server_key, parties.d2, asked.request,
                                     parties.server_random));
  return device.finish(std::move(asked.pending), answer);
}

// shows: COS-sig-3, COS-sig-4, COS-sig-5
TEST(Blind, TheResultIsAnOrdinarySm2Signature) {
  for (std::uint64_t seed = 40; seed < 44; ++seed) {
    Parties parties = make_parties(seed);
    const auto signature = sign(parties, "合同正文", 1);
    ASSERT_OK(signature);
    EXPECT_OK(crypto::verify(parties.server_key.p, base::bytes_of("合同正文"), *signature));
    EXPECT_ERROR(crypto::verify(parties.server_key.p, base::bytes_of("别的正文"), *signature),
                 Code::invalid_signature);
  }
}

// Both come once in 2^254, so that the question is asked of the device's own rule.
// shows: COS-sig-3
TEST(Blind, AnRThatIsZeroOrTheEndOfTheSumIsNotSignedWith) {
  const Scalar k = Scalar::from_word(7);
  const Point sum = crypto::mul_base(k);
  EXPECT_TRUE(is_usable(Scalar::from_word(1), sum));
  EXPECT_TRUE(is_usable(k, sum));
  EXPECT_FALSE(is_usable(Scalar(), sum));
  EXPECT_FALSE(is_usable(Scalar() - k, sum)) << "r + k = n";
  EXPECT_TRUE(is_usable(Scalar() - k + Scalar::from_word(1), sum));
}

// shows: COS-sig-10, COS-sig-2
TEST(Blind, TheKeyCentreSeesNothingOfTheMessage) {
  Parties parties = make_parties(45);
  BlindDevice device = blind_device(parties);
  BlindSession session = open_session(parties);
  const crypto::Digest e = digest_of(parties, "secret text");
  auto asked = device.request(e, session.commitment(), 1);
  ASSERT_OK(asked);
  const auto answer = std::move(session).answer(parties.server_key, parties.d2, asked->request,
                                                parties.server_random);
  ASSERT_OK(answer);
  // r' is a fresh number each time, also for the same message.
  BlindSession other = open_session(parties, 2);
  const auto again = device.request(e, other.commitment(), 2);
  ASSERT_OK(again);
  EXPECT_FALSE(equal_vartime(asked->request.r_blinded, again->request.r_blinded));
  EXPECT_FALSE(equal_vartime(asked->request.r_blinded, Scalar::reduce(e)));
  // Nor is it the r of the signature, by which the key centre could know it again.
  const auto signature = device.finish(std::move(asked->pending), *answer);
  ASSERT_OK(signature);
  EXPECT_FALSE(equal_vartime(asked->request.r_blinded, signature->r));
}

TEST(BlindAttack, Ros256SessionsAtOnceGiveA257thSignatureWhereNothingLimitsThem) {
  Parties parties = make_parties(46);
  Ros attack(blind_device(parties), parties.server_key.p, parties.d1.expose());
  std::vector<BlindSession> sessions;
  for (std::uint64_t j = 0; j < 256; ++j) {
    sessions.push_back(open_session(parties, j + 1));
    attack.choose(sessions.back().commitment());
  }
  attack.combine("nobody ever opened this");
  std::vector<BlindAnswer> answers;
  for (std::size_t j = 0; j < 256; ++j) {
    auto answer =
        std::move(sessions[j])
            .answer(parties.server_key, parties.d2, attack.request(j), parties.server_random);
    ASSERT_OK(answer) << "the requests of the attack are in perfect order";
    answers.push_back(*answer);
  }
  EXPECT_OK(crypto::verify(parties.server_key.p, base::bytes_of("nobody ever opened this"),
                           attack.signature(answers)))
      << "the driver is wrong: without the guard it has to succeed";
}

// shows: COS-sig-9
TEST(BlindAttack, Ros256SessionsGetOneAtATimeAndNoSignatureMore) {
  Parties parties = make_parties(46);
  Ros attack(blind_device(parties), parties.server_key.p, parties.d1.expose());
  OpenSessions open;
  std::size_t opened = 0;
  for (std::uint64_t j = 0; j < 256; ++j) {
    const base::Status reserved = open.reserve(parties.server_key.name.key_id, kNow);
    if (!reserved) {
      EXPECT_EQ(reserved.error().code, Code::cosign_session_open);
      continue;
    }
    ++opened;
    BlindSession session = open_session(parties, j + 1);
    attack.choose(session.commitment());
    open.keep(parties.server_key.name.key_id, std::move(session));
  }
  EXPECT_EQ(opened, 1u) << "more than one session of a key is open";
}

// shows: COS-sig-7, COS-sig-6
TEST(BlindAttack, ASessionIsAnsweredOnceAndOnlyInItsTime) {
  Parties parties = make_parties(47);
  OpenSessions open;
  const KeyId& key = parties.server_key.name.key_id;
  const auto start = [&](std::uint64_t counter, base::Duration now) {
    EXPECT_OK(open.reserve(key, now));
    BlindSession session = open_session(parties, counter);
    const SessionId id = session.commitment().session;
    open.keep(key, std::move(session));
    return id;
  };
  const SessionId first = start(1, kNow);
  EXPECT_ERROR(open.take(key, SessionId{}, kNow), Code::cosign_session_answered);
  EXPECT_ERROR(open.take(test_name(9).key_id, first, kNow), Code::cosign_session_answered);
  open.close(key);  // what is not answered is not closed
  EXPECT_ERROR(open.reserve(key, kNow), Code::cosign_session_open);
  ASSERT_OK(open.take(key, first, kNow));
  EXPECT_ERROR(open.take(key, first, kNow), Code::cosign_session_answered);
  EXPECT_ERROR(open.reserve(key, kNow), Code::cosign_session_open) << "before its close";
  open.close(key);
  const SessionId second = start(2, kNow);
  EXPECT_NE(first, second);
  EXPECT_ERROR(open.take(key, second, kNow + kBlindSession), Code::expired);
  EXPECT_ERROR(open.take(key, second, kNow), Code::cosign_session_answered) << "it is burnt";
  start(3, kNow + kBlindSession);  // an abandoned one ends by its time
}

// A1: two answers with one pair of nonces give d2. The driver makes them with a frozen source and a
// frozen session, which is what a restored image of a running key centre would be.
TEST(BlindAttack, TwoAnswersOfOneSessionWouldGiveD2) {
  Parties parties = make_parties(48);
  std::vector<Scalar> asked, s2;
  for (const char* message : {"first", "second"}) {
    testing::SeededRandom frozen(5);
    auto session = BlindSession::open(parties.server_key, parties.d2, 1, frozen);
    ASSERT_OK(session);
    BlindDevice device = blind_device(parties);
    auto request = device.request(digest_of(parties, message), session->commitment(), 1);
    ASSERT_OK(request);
    asked.push_back(request->request.r_blinded);
    const auto answer =
        std::move(*session).answer(parties.server_key, parties.d2, request->request, frozen);
    ASSERT_OK(answer);
    s2.push_back(answer->s2);
  }
  const Scalar d2 = (asked[0] - asked[1]) * (s2[0] - s2[1]).inverse();
  EXPECT_TRUE(equal_vartime(d2, parties.d2.expose()))
      << "the driver is wrong: what OpenSessions and the boot epoch prevent has to succeed here";
}

// A6: who has the device's files and no PIN searches it offline with one answered session.
// finds_pin tests candidates against an answer; 0 where none fits.
std::uint64_t finds_pin(Parties& parties, const BlindCommitment& sent, const Scalar& r_blinded,
                        const Scalar& s2, const Scalar& stolen) {
  const Point q = parties.server_key.p.point() + Point::generator();
  const Point left = sent.r2 + crypto::mul_base(r_blinded);
  for (std::uint64_t pin = 1; pin <= 200; ++pin) {
    const Scalar d1 = stolen + Scalar::from_word(pin);
    if (equal_vartime(left, crypto::mul(s2 * d1.inverse(), q))) return pin;
  }
  return 0;
}

// shows: ECP-KEY-10
TEST(BlindAttack, AnAnswerToAWrongPinWouldGiveTheRightOneAndIsNotMade) {
  constexpr std::uint64_t right = 137;
  Parties parties = make_parties(49);
  const Scalar stolen = parties.d1.expose() - Scalar::from_word(right);
  BlindDevice thief = blind_device(parties, stolen + Scalar::from_word(1));
  {
    BlindSession session = open_session(parties);
    const BlindCommitment sent = session.commitment();
    auto asked = thief.request(digest_of(parties, "x"), sent, 1);
    ASSERT_OK(asked);
    const auto printed = std::move(session).answer_printed(parties.d2, asked->request.r_blinded);
    ASSERT_OK(printed);
    EXPECT_EQ(finds_pin(parties, sent, asked->request.r_blinded, printed->s2, stolen), right)
        << "the driver is wrong: the printed flow has to give the PIN";
  }
  BlindSession session = open_session(parties, 2);
  const BlindCommitment sent = session.commitment();
  auto asked = thief.request(digest_of(parties, "x"), sent, 2);
  ASSERT_OK(asked);
  const auto answer = std::move(session).answer(parties.server_key, parties.d2, asked->request,
                                                parties.server_random);
  ASSERT_ERROR(answer, Code::cosign_wrong_pin);
}

// A2: R1 = O and s1 = 0 make a signature that verifies and gives d1 away.
// shows: COS-sig-8
TEST(BlindAttack, InfinityAndZeroAreRefusedBeforeAnythingLeaves) {
  Parties parties = make_parties(50);
  const Scalar k2 = Scalar::from_word(4711);
  BlindCommitment lie = open_session(parties).commitment();
  lie.r1 = Point::infinity();
  lie.r2 = crypto::mul_base(k2);
  // The text's device: r = e + x(R2 + [k4]G), s = k3·0 + s2/d1 − r.
  const Scalar k4 = Scalar::from_word(99);
  const Scalar r =
      Scalar::reduce(digest_of(parties, "m")) + (lie.r2 + crypto::mul_base(k4)).x_mod_n();
  const Scalar s2 = (r + k4 + k2) * parties.d2.expose().inverse();
  const crypto::Signature released{r, s2 * parties.d1.expose().inverse() - r};
  EXPECT_OK(crypto::verify(parties.server_key.p, base::bytes_of("m"), released));
  EXPECT_TRUE(equal_vartime(s2 * (released.s + released.r).inverse(), parties.d1.expose()))
      << "the driver is wrong: the printed device has to give d1";

  BlindDevice device = blind_device(parties);
  EXPECT_ERROR(device.request(digest_of(parties, "m"), lie, 1), Code::cosign_peer_cheated);
  lie = open_session(parties).commitment();
  lie.r2 = Point::infinity();
  EXPECT_ERROR(device.request(digest_of(parties, "m"), lie, 1), Code::cosign_peer_cheated);
}

// shows: COS-sig-8
TEST(BlindAttack, HalvesThatDoNotFitAreALie) {
  for (int part = 0; part < 6; ++part) {
    Parties parties = make_parties(51);
    BlindDevice device = blind_device(parties);
    BlindSession session = open_session(parties);
    BlindCommitment sent = session.commitment();
    if (part == 4) sent.r1 = sent.r1 + Point::generator();
    if (part == 5) sent.r2 = sent.r2 + Point::generator();
    auto asked = device.request(digest_of(parties, "m"), sent, 1);
    ASSERT_OK(asked);
    auto answer = std::move(session).answer_printed(parties.d2, asked->request.r_blinded);
    ASSERT_OK(answer);
    if (part == 0) answer->s1 = answer->s1 + Scalar::from_word(1);
    if (part == 1) answer->s2 = answer->s2 + Scalar::from_word(1);
    if (part == 2) answer->s1 = Scalar();
    if (part == 3) answer->s2 = Scalar();
    EXPECT_ERROR(device.finish(std::move(asked->pending), *answer), Code::cosign_peer_cheated)
        << part;
  }
}

// A14: a proof of another session, key, counter, request.
// shows: COS-sig-7
TEST(BlindAttack, AProofOfAnythingElseIsNoProofHere) {
  Parties parties = make_parties(52);
  BlindDevice device = blind_device(parties);
  for (int part = 0; part < 4; ++part) {
    BlindSession old = open_session(parties, 1);
    auto asked = device.request(digest_of(parties, "m"), old.commitment(), 1);
    ASSERT_OK(asked);
    BlindRequest replayed = asked->request;
    BlindSession session = open_session(parties, part == 0 ? 1 : 2);
    ServerKey key{parties.server_key.name, parties.server_key.p1, parties.server_key.p, 0};
    if (part == 0) {
      EXPECT_ERROR(std::move(session).answer(key, parties.d2, replayed, parties.server_random),
                   Code::cosign_replayed);
      continue;
    }
    if (part == 1) replayed.session = session.commitment().session;
    BlindSession& asked_of = part == 1 ? session : old;
    if (part == 2) replayed.r_blinded = replayed.r_blinded + Scalar::from_word(1);
    if (part == 3) key.name = test_name(8);
    EXPECT_ERROR(std::move(asked_of).answer(key, parties.d2, replayed, parties.server_random),
                 Code::cosign_wrong_pin)
        << part;
  }
}

// A9: a faulted half is a function of d2.
TEST(BlindAttack, AFaultedHalfOfTheKeyCentreDoesNotLeave) {
  Parties parties = make_parties(53);
  BlindDevice device = blind_device(parties);
  BlindSession session = open_session(parties);
  auto asked = device.request(digest_of(parties, "m"), session.commitment(), 1);
  ASSERT_OK(asked);
  const crypto::SecretScalar damaged(parties.d2.expose() + Scalar::from_word(1));
  // The nonces were drawn with the whole share; the halves are made with the damaged one.
  EXPECT_ERROR(
      std::move(session).answer(parties.server_key, damaged, asked->request, parties.server_random),
      Code::internal);
}

// A10: a device whose random source the key centre knows, or an image of it that was restored. With
// the signature the key centre learns k4 = r' − r, and with the same k3 and k4 for two messages the
// share: (sa + ra − sb − rb) = k3(s1a − s1b) + (s2a − s2b)/d1.
// shows: COS-sig-6
TEST(BlindAttack, AKnownRandomSourceDoesNotDecideTheNoncesOfTheDevice) {
  Parties parties = make_parties(54);
  std::vector<Scalar> k4;
  for (const char* message : {"first", "second"}) {
    testing::SeededRandom restored(7);
    auto device = BlindDevice::with_key(
        {parties.server_key.name, parties.server_key.p, parties.d1.clone()}, restored);
    ASSERT_OK(device);
    BlindSession session = open_session(parties);
    auto asked = device->request(digest_of(parties, message), session.commitment(), 1);
    ASSERT_OK(asked);
    const Scalar blinded = asked->request.r_blinded;
    const auto answer = std::move(session).answer(parties.server_key, parties.d2, asked->request,
                                                  parties.server_random);
    ASSERT_OK(answer);
    const auto signature = device->finish(std::move(asked->pending), *answer);
    ASSERT_OK(signature);
    k4.push_back(blinded - signature->r);
  }
  EXPECT_FALSE(equal_vartime(k4[0], k4[1])) << "k4 was used twice";
}

}  // namespace
}  // namespace heqi::cosign
