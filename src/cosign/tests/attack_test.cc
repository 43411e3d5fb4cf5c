// Attack drivers: each one does the attack in full and succeeds against a build in which the guard
// named in tests/mutants is removed.
#include <algorithm>
#include <optional>

#include "tests/sides.h"

namespace heqi::cosign {
namespace {

using base::Code;
using crypto::Point;
using crypto::Scalar;

Answer honest_answer(Sides& sides) {
  Server server = sides.parties.server();
  auto answered = server.answer(copy_of(sides.opened.opening));
  HEQI_CHECK(answered.has_value());
  return answered->answer;
}

// d2 = (r − r')/(s2 − s2') where k2 was the same.
Scalar extract_d2(const AnswerItem& a, const AnswerItem& b) {
  return (a.r - b.r) * (a.s2 - b.s2).inverse();
}

// shows-part: COS-sig-7 (the try counter's database is in keys)
TEST(Attack, AnOpeningIsAnsweredOnce) {
  Sides sides = open_exchange(11);
  Server first = sides.parties.server();
  ASSERT_OK(first.answer(copy_of(sides.opened.opening)));
  sides.parties.server_key.last_counter = sides.opened.opening.counter;
  Server second = sides.parties.server();
  EXPECT_ERROR(second.answer(copy_of(sides.opened.opening)), Code::cosign_replayed);
}

// shows-part: COS-sig-7 (counters of openings)
TEST(Attack, CountersDoNotGoBack) {
  Sides sides = open_exchange(12, "text", 5);
  sides.parties.server_key.last_counter = 6;
  Server server = sides.parties.server();
  EXPECT_ERROR(server.answer(copy_of(sides.opened.opening)), Code::cosign_replayed);
}

// shows-part: COS-sig-6 (a restored image of the server)
TEST(Attack, ARestoredSnapshotOfTheServerDoesNotUseItsNoncesTwice) {
  Parties parties = make_parties(13);
  std::vector<AnswerItem> halves;
  for (const char* message : {"first", "second"}) {
    testing::SeededRandom frozen_device(1);  // the cheating device keeps k3, so that T is the same
    auto device = Device::with_key(
        {parties.server_key.name, parties.server_key.p, parties.d1.clone()}, frozen_device);
    ASSERT_OK(device);
    auto opened = device->open({digest_of(parties, message)}, 1);
    ASSERT_OK(opened);
    testing::SeededRandom frozen_server(2);
    Server server(parties.server_key, parties.d2.clone(), frozen_server);
    auto answered = server.answer(std::move(opened->opening));
    ASSERT_OK(answered);
    halves.push_back(answered->answer.items[0]);
  }
  const Scalar guess = extract_d2(halves[0], halves[1]);
  EXPECT_FALSE(equal_vartime(guess, parties.d2.expose())) << "the attack extracted d2";
  EXPECT_FALSE(equal_vartime(halves[0].r2, halves[1].r2)) << "k2 was used twice";
}

// shows-part: COS-sig-8 (the server's lie with R1 = O)
TEST(Attack, AServerThatAnswersWithInfinityIsRefusedBeforeAnythingLeaves) {
  Sides sides = open_exchange(14);
  testing::SeededRandom random(99);
  const auto k2 = Scalar::draw(random);
  ASSERT_OK(k2);
  AnswerItem lie;
  lie.r1 = Point::infinity();
  lie.s1 = Scalar();  // n on the wire
  lie.r2 = crypto::mul_base(*k2);
  lie.r = Scalar::reduce(sides.opened.opening.items[0].e) + lie.r2.x_mod_n();
  lie.s2 = (lie.r + *k2) * sides.parties.d2.expose().inverse();

  const auto made = sides.device.finish(std::move(sides.opened.nonces), Answer{1, {lie}});
  EXPECT_ERROR(made, Code::cosign_peer_cheated);
  if (made) {
    const crypto::Signature& released = made->signatures[0];
    const Scalar d1 = lie.s2 * (released.s + released.r).inverse();
    EXPECT_FALSE(equal_vartime(d1, sides.parties.d1.expose())) << "the attack extracted d1";
  }
}

// A8: a bit of 1/d1 flips in the device's memory while it signs. Where the result leaves, the
// difference to a good signature of the same nonces tells whether the bit was set.
// shows-part: COS-sig-5 (what does not verify under P stays in the device)
TEST(Attack, ASignatureOfAFaultedDeviceStaysThereAndTellsNoBitOfItsShare) {
  const auto sign_with_flipped = [](std::optional<std::size_t> bit) {
    Sides sides = open_exchange(23);
    const Answer answer = honest_answer(sides);
    if (bit) {
      const auto stored = sides.parties.d1.expose().inverse().words();
      const auto* wanted = reinterpret_cast<const std::uint8_t*>(stored.data());
      auto* memory = reinterpret_cast<std::uint8_t*>(&sides.device);
      std::uint8_t* const end = memory + sizeof sides.device;
      std::uint8_t* found = std::search(memory, end, wanted, wanted + sizeof stored);
      EXPECT_NE(found, end) << "1/d1 is not where the fault is to hit";
      if (found != end) found[*bit / 8] ^= static_cast<std::uint8_t>(1 << (*bit % 8));
    }
    return sides.device.finish(std::move(sides.opened.nonces), answer);
  };
  ASSERT_OK(sign_with_flipped({}));
  const Scalar good = sign_with_flipped({})->signatures.at(0).s;
  for (const std::size_t bit : {0u, 77u, 200u}) {
    const auto faulted = sign_with_flipped(bit);
    EXPECT_ERROR(faulted, Code::internal);
    if (faulted) {
      EXPECT_TRUE(equal_vartime(faulted->signatures.at(0).s, good))
          << "the attack sees which way bit " << bit << " went";
    }
  }
}

TEST(Attack, InfinityHasNoEncodingThatIsRead) {
  Sides sides = open_exchange(15);
  Answer answer = honest_answer(sides);
  ASSERT_OK(parse_answer(encode_answer(answer)));
  for (Point AnswerItem::*point : {&AnswerItem::r1, &AnswerItem::r2}) {
    Answer lie = answer;
    lie.items[0].*point = Point::infinity();
    EXPECT_ERROR(parse_answer(encode_answer(lie)), Code::crypto_not_on_curve);
  }
  for (Scalar AnswerItem::*scalar : {&AnswerItem::r, &AnswerItem::s1, &AnswerItem::s2}) {
    Answer lie = answer;
    lie.items[0].*scalar = Scalar();
    EXPECT_ERROR(parse_answer(encode_answer(lie)), Code::crypto_scalar_range);
  }
}

// shows-part: COS-sig-8 (every part of the server's half, one at a time)
TEST(Attack, AServerWhoseHalvesDoNotFitIsCalledACheat) {
  const Scalar one = Scalar::from_word(1);
  for (int part = 0; part < 5; ++part) {
    Sides sides = open_exchange(16);
    Answer answer = honest_answer(sides);
    AnswerItem& half = answer.items[0];
    if (part == 0) half.r1 = half.r1 + Point::generator();
    if (part == 1) half.r2 = half.r2 + Point::generator();
    if (part == 2) half.r = half.r + one;
    if (part == 3) half.s1 = half.s1 + one;
    if (part == 4) half.s2 = half.s2 + one;
    EXPECT_ERROR(sides.device.finish(std::move(sides.opened.nonces), answer),
                 Code::cosign_peer_cheated)
        << part;
  }
}

// A server that knows d2 can make halves that fit each other for another k1, k2, r.
// shows-part: COS-sig-8 (the challenge that the server sends)
TEST(Attack, AServerThatChoosesTheChallengeIsRefused) {
  Sides sides = open_exchange(17);
  Answer answer = honest_answer(sides);
  AnswerItem& half = answer.items[0];
  const Scalar shift = Scalar::from_word(5);
  half.r = half.r + shift;  // r is no longer e + x(R), but both half equations hold
  half.s2 = half.s2 + shift * sides.parties.d2.expose().inverse();
  const auto made = sides.device.finish(std::move(sides.opened.nonces), answer);
  ASSERT_ERROR(made, Code::cosign_peer_cheated);
  EXPECT_NE(made.error().detail.find("r is not e + x(R)"), std::string::npos);
}

TEST(Attack, HalvesOfOneExchangeDoNotFitAnother) {
  Sides sides = open_exchange(18, "text", 1);
  const Answer old = honest_answer(sides);
  Device device = sides.parties.device();
  auto next = device.open({digest_of(sides.parties, "text")}, 2);
  ASSERT_OK(next);
  EXPECT_ERROR(device.finish(std::move(next->nonces), old), Code::cosign_replayed);
  auto third = device.open({digest_of(sides.parties, "text")}, 3);
  ASSERT_OK(third);
  Answer renamed = old;
  renamed.counter = 3;
  EXPECT_ERROR(device.finish(std::move(third->nonces), renamed), Code::cosign_peer_cheated);
}

// shows-part: ECP-KEY-10 (the key centre's side: no half for a wrong PIN)
TEST(Attack, AWrongPinGetsNoHalf) {
  Parties parties = make_parties(19);
  const Scalar wrong = parties.d1.expose() + Scalar::from_word(1);
  auto device =
      Device::with_key({parties.server_key.name, parties.server_key.p, crypto::SecretScalar(wrong)},
                       parties.device_random);
  ASSERT_OK(device);  // the device cannot tell
  auto opened = device->open({digest_of(parties, "text")}, 1);
  ASSERT_OK(opened);
  Server server = parties.server();
  EXPECT_ERROR(server.answer(std::move(opened->opening)), Code::cosign_wrong_pin);
}

// Whoever knows P1 can prove k3 and k4 without d1.
// shows-part: ECP-KEY-10 (the key centre's side: the proof of d1 alone)
TEST(Attack, WithoutAProofOfD1TheOtherProofsGetNoHalf) {
  Sides sides = open_exchange(30);
  Opening forged = copy_of(sides.opened.opening);
  forged.proof_d1.response = forged.proof_d1.response + Scalar::from_word(1);
  EXPECT_ERROR(sides.parties.server().answer(std::move(forged)), Code::cosign_wrong_pin);
}

// shows-part: COS-sig-8 (a list with one half that does not fit, and two that make up for it)
TEST(Attack, HalvesOfAListDoNotMakeUpForEachOther) {
  for (int part = 0; part < 3; ++part) {
    Parties parties = make_parties(29);
    Device device = parties.device();
    std::vector<crypto::Digest> digests;
    for (const char* text : {"a", "b", "c", "d", "e"}) digests.push_back(digest_of(parties, text));
    auto opened = device.open(digests, 1);
    ASSERT_OK(opened);
    auto answered = parties.server().answer(copy_of(opened->opening));
    ASSERT_OK(answered);
    std::vector<AnswerItem>& items = answered->answer.items;
    const Scalar one = Scalar::from_word(1);
    if (part != 1) items[1].s1 = items[1].s1 + one;
    if (part != 0) items[3].s1 = items[3].s1 - one;
    EXPECT_ERROR(device.finish(std::move(opened->nonces), answered->answer),
                 Code::cosign_peer_cheated)
        << part;
  }
}

// Every item of a list is tied to all of the server's points: a server that learns T and U of the
// whole list cannot choose its points item by item.
// shows-part: COS-sig-9 (the items of one list, which are open at the same time)
TEST(Attack, ItemsAnsweredApartDoNotFitTheList) {
  Parties parties = make_parties(27);
  Device device = parties.device();
  auto opened = device.open({digest_of(parties, "a"), digest_of(parties, "b")}, 1);
  ASSERT_OK(opened);
  Answer mixed;
  for (std::size_t taken = 0; taken < 2; ++taken) {
    Server server = parties.server();
    auto answered = server.answer(copy_of(opened->opening));
    ASSERT_OK(answered);
    mixed.counter = 1;
    mixed.items.push_back(answered->answer.items[taken]);
  }
  EXPECT_ERROR(device.finish(std::move(opened->nonces), mixed), Code::cosign_peer_cheated);
}

// shows-part: COS-sig-8 (a digest swapped on the way)
TEST(Attack, ADigestSwappedOnTheWayGetsNoHalf) {
  Sides sides = open_exchange(22);
  Opening swapped = copy_of(sides.opened.opening);
  swapped.items[0].e = digest_of(sides.parties, "another text");
  Server server = sides.parties.server();
  EXPECT_ERROR(server.answer(std::move(swapped)), Code::cosign_wrong_pin);
}

// The proof is bound to the counter: an old opening under a new counter shows no d1.
// shows-part: COS-sig-7 (a proof of another session)
TEST(Attack, AProofOfAnotherSessionIsRefused) {
  Sides sides = open_exchange(23);
  Opening replayed = copy_of(sides.opened.opening);
  replayed.counter = 2;
  sides.parties.server_key.last_counter = 1;
  Server server = sides.parties.server();
  EXPECT_ERROR(server.answer(std::move(replayed)), Code::cosign_wrong_pin);
}

// shows-part: COS-d2-0 (at the exchange)
TEST(Attack, AProofOfAnotherKeyOrEpochIsRefused) {
  Sides sides = open_exchange(24);
  Opening foreign = copy_of(sides.opened.opening);
  foreign.name = test_name(8);
  Server server = sides.parties.server();
  EXPECT_ERROR(server.answer(std::move(foreign)), Code::cosign_key_unknown);
  Opening old = copy_of(sides.opened.opening);
  old.name.epoch = 2;
  EXPECT_ERROR(sides.parties.server().answer(std::move(old)), Code::cosign_key_unknown);

  // The same shares under another name: the name is in the transcript.
  ServerKey renamed{test_name(8), sides.parties.server_key.p1, sides.parties.server_key.p, 0};
  Opening relabelled = copy_of(sides.opened.opening);
  relabelled.name = renamed.name;
  Server other(renamed, sides.parties.d2.clone(), sides.parties.server_random);
  EXPECT_ERROR(other.answer(std::move(relabelled)), Code::cosign_wrong_pin);
}

TEST(Attack, ItemsOfABatchDoNotChangePlaces) {
  Parties parties = make_parties(25);
  Device device = parties.device();
  auto opened = device.open({digest_of(parties, "a"), digest_of(parties, "b")}, 1);
  ASSERT_OK(opened);
  Opening swapped = copy_of(opened->opening);
  std::swap(swapped.items[0], swapped.items[1]);
  EXPECT_ERROR(parties.server().answer(std::move(swapped)), Code::cosign_wrong_pin);
  Opening shortened = copy_of(opened->opening);
  shortened.items.pop_back();
  EXPECT_ERROR(parties.server().answer(std::move(shortened)), Code::cosign_wrong_pin);
}

// shows-part: COS-sig-8 (a fault of the server)
TEST(Attack, AServerWhoseShareIsDamagedLetsNothingLeave) {
  Sides sides = open_exchange(26);
  const Scalar damaged = sides.parties.d2.expose() + Scalar::from_word(1);
  Server server(sides.parties.server_key, crypto::SecretScalar(damaged),
                sides.parties.server_random);
  EXPECT_ERROR(server.answer(copy_of(sides.opened.opening)), Code::internal);
}

}  // namespace
}  // namespace heqi::cosign
