// The attacks of a device and of the network on the two-party signature (docs/security/two-party-
// sm2.md, section 13), against a running server over HTTPS and the key centre behind it. Each
// driver does what it can with what it gets; what it must not get is what the guards withhold.
#include <thread>

#include <heqi/base/text.h>

#include "adversary.h"
#include "fault.h"
#include "joint_transcript.h"
#include "tests/ros.h"

namespace heqi::attacks {
namespace {

using base::Bytes;
using base::Code;
using cosign::Opening;
using crypto::Point;
using crypto::Scalar;
using device::Message;
using device::MessageType;

// What the key centre said: the half, or why there is none.
std::optional<cosign::Answer> half_in(const Message& message) {
  if (message.type != MessageType::joint_answer) return std::nullopt;
  const auto answer = must(device::parse_joint_answer(message.body));
  return must(cosign::parse_answer(answer.answer));
}
Code refusal_in(const Message& message) {
  if (message.type == MessageType::joint_refused)
    return must(device::parse_joint_refused(message.body)).code;
  if (message.type == MessageType::failure) return must(device::parse_failure(message.body)).code;
  return Code::internal;
}

class NetworkAttack : public ::testing::Test {
 protected:
  void SetUp() override {
    world_ = must(faults::World::open(faults::enrolled(), {}));
    owner_.emplace(must(Adversary::take_apart(*world_, 0, fetch())));
  }
  static base::Fetch& fetch() { return faults::enrolled().desk->fetch(); }

  // restart_module kills the key centre; the channel is found again.
  void restart_module() {
    ASSERT_OK(world_->restart_module());
    ASSERT_OK(owner_->resynchronise());
  }
  void allow_blind() {
    ASSERT_OK(world_->configure_module("exchanges = \"joint, blind\""));
    ASSERT_OK(owner_->resynchronise());
  }

  cosign::Opened honest_opening(std::string_view text = "text") {
    return must(owner_->joint().open(
        {crypto::message_digest(owner_->key().p, base::bytes_of(text))}, owner_->next_counter()));
  }
  Message ask(const Opening& opening) {
    return must(owner_->ask(MessageType::joint_open, cosign::encode_opening(opening)));
  }
  // is_d2 tells whether a number is the key centre's share of the owner's key: [d2]P1 = P + G.
  bool is_d2(const Scalar& guess) {
    return equal_vartime(crypto::mul(guess, owner_->p1()),
                         owner_->key().p.point() + Point::generator());
  }
  std::unique_ptr<faults::World> world_;
  std::optional<Adversary> owner_;
};

// The control of all others: what the adversary sends is what a device sends.
TEST_F(NetworkAttack, AnHonestOpeningGetsItsHalfAndMakesASignature) {
  cosign::Device device = owner_->joint();
  const crypto::Digest e = crypto::message_digest(owner_->key().p, base::bytes_of("text"));
  cosign::Opened opened = must(device.open({e}, owner_->next_counter()));
  const Message message = ask(opened.opening);
  const auto answer = half_in(message);
  ASSERT_TRUE(answer.has_value()) << static_cast<int>(refusal_in(message));
  const auto made = device.finish(std::move(opened.nonces), *answer);
  ASSERT_OK(made);
  EXPECT_OK(crypto::verify(owner_->key().p, base::bytes_of("text"), made->signatures.at(0)));
}

// A1: one opening, sent again as the network can (the same octets, many times at once) and as the
// device's owner can (in a new envelope, after the key centre's death), has one answer.
// shows-part: COS-sig-7 (over the network)
TEST_F(NetworkAttack, OneOpeningHasOneAnswer) {
  const cosign::Opened opened = honest_opening();
  const Bytes body = cosign::encode_opening(opened.opening);
  device::Channel::Secret sealed = must(owner_->seal(MessageType::joint_open, body));
  std::atomic<int> answers{0};
  std::mutex mutex;
  Bytes first;
  std::vector<std::thread> network;
  for (int i = 0; i < 8; ++i)
    network.emplace_back([&] {
      const auto answer = owner_->carry(sealed.envelope);
      if (!answer) return;
      ++answers;
      const std::lock_guard lock(mutex);
      first = *answer;
    });
  for (std::thread& each : network) each.join();
  ASSERT_EQ(answers, 1);
  const Message message = must(owner_->open(first, std::move(sealed.answer_key)));
  ASSERT_TRUE(half_in(message).has_value());

  for (const bool after_death : {false, true}) {
    if (after_death) restart_module();
    const Message again = must(owner_->ask(MessageType::joint_open, body));
    EXPECT_FALSE(half_in(again).has_value());
    EXPECT_EQ(refusal_in(again), Code::cosign_replayed);
  }
  // A new one with a counter of before.
  Opening older = must(owner_->joint().open({crypto::Digest{}}, opened.opening.counter)).opening;
  EXPECT_EQ(refusal_in(ask(older)), Code::cosign_replayed);
}

// A1 in `blind`: two requests for one session, which give d2 by one division where both are
// answered.
// shows-part: COS-sig-7 (over the network, `blind`)
TEST_F(NetworkAttack, ASessionOfBlindIsAnsweredOnceAlsoAcrossTheKeyCentresDeath) {
  allow_blind();
  cosign::BlindDevice device = owner_->blind();
  const auto open_session = [&](std::uint64_t counter) {
    const Message message = must(owner_->ask_readable(
        MessageType::blind_open, cosign::encode_blind_opening({owner_->key().name, counter})));
    EXPECT_EQ(message.type, MessageType::blind_commitment);
    return must(cosign::parse_blind_commitment(message.body));
  };
  const auto send = [&](const cosign::BlindRequest& request) -> std::optional<Scalar> {
    const Message message = must(owner_->ask(
        MessageType::blind_request, cosign::encode_blind_request({owner_->key().name, request})));
    if (message.type != MessageType::blind_answer) return std::nullopt;
    return must(cosign::parse_blind_answer(message.body)).s2;
  };
  const std::uint64_t counter = owner_->next_counter();
  const cosign::BlindCommitment commitment = open_session(counter);
  const auto a = must(device.request(crypto::Digest{1}, commitment, counter)),
             b = must(device.request(crypto::Digest{2}, commitment, counter));
  const auto one = send(a.request), two = send(b.request);
  ASSERT_TRUE(one.has_value());
  EXPECT_FALSE(two.has_value());
  if (two) {
    EXPECT_FALSE(is_d2((a.request.r_blinded - b.request.r_blinded) * (*one - *two).inverse()))
        << "the attack extracted d2";
  }

  ASSERT_EQ(must(owner_->ask_readable(MessageType::blind_close,
                                      cosign::encode_blind_close(owner_->key().name)))
                .type,
            MessageType::accepted);
  const std::uint64_t next = owner_->next_counter();
  const auto c = must(device.request(crypto::Digest{3}, open_session(next), next));
  restart_module();
  EXPECT_FALSE(send(c.request).has_value()) << "a session outlived its key centre";
}

// A3: P1 off the curve, or at infinity, in the agreement on a key; d2 modulo small numbers follows
// from an answer.
// shows-part: COS-pub-1 (over the network)
TEST_F(NetworkAttack, AP1OffTheCurveGetsNoKey) {
  const auto challenge = [&] {
    const Message message = must(owner_->ask_readable(MessageType::key_ask, {}));
    EXPECT_EQ(message.type, MessageType::key_challenge);
    return must(device::parse_key_challenge(message.body)).name;
  };
  const auto begin = [&](const cosign::KeyName& name) {
    return must(
        cosign::DeviceKeyAgreement::begin({name, owner_->channel_public_key()}, owner_->random()));
  };
  for (const bool at_infinity : {false, true}) {
    const auto agreement = begin(challenge());
    Bytes body = cosign::encode_key_init(agreement.message());
    const auto encoded = agreement.message().p1.encode();
    const auto place = std::search(body.begin(), body.end(), encoded.begin(), encoded.end());
    ASSERT_NE(place, body.end());
    if (at_infinity)
      std::fill_n(place, encoded.size(), std::uint8_t{0});
    else
      place[64] ^= 1;
    const Message message = must(owner_->ask(MessageType::key_init, body));
    EXPECT_EQ(message.type, MessageType::failure);
    EXPECT_EQ(refusal_in(message), Code::crypto_not_on_curve);
  }
  // An honest one is answered.
  EXPECT_EQ(must(owner_->ask(MessageType::key_init,
                             cosign::encode_key_init(begin(challenge()).message())))
                .type,
            MessageType::key_init_answer);
}

// A12: P1 of somebody else, with a proof of one's own d1, and with the owner's own proof of an
// earlier challenge.
// shows-part: COS-pub-1 (over the network)
TEST_F(NetworkAttack, AForeignP1AndAReplayedProofGetNoKey) {
  const auto challenge = [&] {
    return must(device::parse_key_challenge(
                    must(owner_->ask_readable(MessageType::key_ask, {})).body))
        .name;
  };
  const auto begin = [&](const cosign::KeyName& name) {
    return must(
        cosign::DeviceKeyAgreement::begin({name, owner_->channel_public_key()}, owner_->random()));
  };
  const auto refused = [&](const cosign::KeyInit& init, const char* what) {
    const Message message = must(owner_->ask(MessageType::key_init, cosign::encode_key_init(init)));
    EXPECT_EQ(message.type, MessageType::failure) << what;
    EXPECT_EQ(refusal_in(message), Code::crypto_proof_invalid) << what;
  };
  const auto other = must(Adversary::take_apart(*world_, 1, fetch()));
  const auto mine = begin(challenge());
  cosign::KeyInit foreign = mine.message();
  foreign.p1 = other.p1();
  refused(foreign, "P1 of another device");
  const cosign::KeyInit earlier = begin(challenge()).message();
  (void)challenge();
  refused(earlier, "a proof for an earlier challenge");
}

// A4, A5: 256 sessions at once. The driver takes what it gets and asks for as many answers.
// shows-part: COS-sig-9 (over the network)
TEST_F(NetworkAttack, Ros256SessionsGetOne) {
  allow_blind();
  cosign::Ros attack(owner_->blind(), owner_->key().p, owner_->key().d1.expose());
  std::size_t opened = 0;
  for (int i = 0; i < 256; ++i) {
    const Message message = must(owner_->ask_readable(
        MessageType::blind_open,
        cosign::encode_blind_opening({owner_->key().name, owner_->next_counter()})));
    if (message.type != MessageType::blind_commitment) {
      EXPECT_EQ(refusal_in(message), Code::cosign_session_open);
      continue;
    }
    ++opened;
    attack.choose(must(cosign::parse_blind_commitment(message.body)));
  }
  EXPECT_EQ(opened, 1u) << "more than one session of a key is open";
  attack.combine("nobody ever opened this");
  std::vector<cosign::BlindAnswer> answers;
  for (std::size_t j = 0; j < opened; ++j) {
    const Message message =
        must(owner_->ask(MessageType::blind_request,
                         cosign::encode_blind_request({owner_->key().name, attack.request(j)})));
    if (message.type == MessageType::blind_answer)
      answers.push_back(must(cosign::parse_blind_answer(message.body)));
  }
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_FALSE(crypto::verify(owner_->key().p, base::bytes_of("nobody ever opened this"),
                              attack.signature(answers)))
      << "the attack made a signature that nobody asked for";
}

// A6: a thief of the files, who has no PIN, gets nothing for a wrong one that could test others,
// and three tries, however many connections carry them.
// shows-part: COS-sig-9 (over the network), KEP-L2-b (over the network)
TEST_F(NetworkAttack, AThiefOfTheFilesGetsThreeTriesAndNoHalf) {
  struct Try {
    device::Channel::Secret sealed;
    base::Result<Bytes> answer = base::fail(Code::internal);
  };
  std::vector<Try> tries;
  for (int i = 0; i < 24; ++i) {
    auto device = must(cosign::Device::with_key(
        {owner_->key().name, owner_->key().p, owner_->share_of(std::to_string(100'000 + i))},
        owner_->random()));
    const auto opened = must(device.open({crypto::Digest{}}, owner_->next_counter()));
    tries.push_back(
        {must(owner_->seal(MessageType::joint_open, cosign::encode_opening(opened.opening)))});
  }
  // In order, but without waiting for an answer: who comes too early is refused by the channel and
  // comes again.
  std::vector<std::thread> connections;
  for (Try& one : tries)
    connections.emplace_back([&] {
      for (int again = 0; again < 10'000 && !one.answer; ++again)
        one.answer = owner_->carry(one.sealed.envelope);
    });
  for (std::thread& each : connections) each.join();
  int wrong = 0, delayed = 0;
  for (Try& one : tries) {
    ASSERT_OK(one.answer);
    const Message message = must(owner_->open(*one.answer, std::move(one.sealed.answer_key)));
    EXPECT_EQ(message.type, MessageType::joint_refused);
    EXPECT_FALSE(half_in(message).has_value()) << "a wrong PIN got a half";
    if (message.type != MessageType::joint_refused) continue;
    EXPECT_LT(message.body.size(), 64u) << "no point and no scalar is told";
    const Code code = refusal_in(message);
    wrong += code == Code::cosign_wrong_pin ? 1 : 0;
    delayed += code == Code::cosign_pin_delayed ? 1 : 0;
  }
  EXPECT_EQ(wrong, 3);
  EXPECT_EQ(delayed, 21);
  // The right one comes too late, also after a restart of the key centre.
  restart_module();
  EXPECT_EQ(refusal_in(ask(honest_opening().opening)), Code::cosign_pin_delayed);
}

// A11: an AppID and a PlatformID that are divided at another place are another name.
// shows-part: COS-d2-0 (over the network)
TEST_F(NetworkAttack, ANameDividedElsewhereIsNoName) {
  const cosign::KeyName name = owner_->key().name;
  cosign::KeyName divided = name;
  divided.platform_id = divided.app_id.back() + divided.platform_id;
  divided.app_id.pop_back();
  ASSERT_EQ(divided.app_id + divided.platform_id, name.app_id + name.platform_id);
  auto device = must(cosign::Device::with_key({divided, owner_->key().p, owner_->key().d1.clone()},
                                              owner_->random()));
  const auto open = [&] {
    return must(device.open({crypto::Digest{}}, owner_->next_counter())).opening;
  };
  EXPECT_FALSE(half_in(ask(open())).has_value());
  // Where names were only joined, these proofs would be those of the name that is kept.
  Opening renamed = open();
  renamed.name = name;
  EXPECT_FALSE(half_in(ask(renamed)).has_value());
  EXPECT_TRUE(half_in(ask(honest_opening().opening)).has_value());
}

// A14: a proof of d1 from another opening, another counter, another key.
// shows-part: COS-sig-7 (over the network)
TEST_F(NetworkAttack, AProofOfAnotherOpeningOpensNothing) {
  const Opening used = honest_opening().opening;
  ASSERT_TRUE(half_in(ask(used)).has_value());
  Opening spliced = honest_opening("other").opening;
  spliced.proof_d1 = used.proof_d1;
  EXPECT_EQ(refusal_in(ask(spliced)), Code::cosign_wrong_pin);
  // The whole opening with a newer counter, as a replay across exchanges does it.
  Opening again = must(cosign::parse_opening(cosign::encode_opening(used)));
  again.counter = owner_->next_counter();
  const Message message = ask(again);
  EXPECT_FALSE(half_in(message).has_value());
  EXPECT_EQ(refusal_in(message), Code::cosign_wrong_pin);
  const auto other = must(Adversary::take_apart(*world_, 1, fetch()));
  auto device = must(cosign::Device::with_key(
      {other.key().name, other.key().p, other.key().d1.clone()}, owner_->random()));
  const Opening foreign = must(device.open({crypto::Digest{}}, owner_->next_counter())).opening;
  EXPECT_EQ(refusal_in(ask(foreign)), Code::cosign_key_unknown);
}

// A device that holds the right PIN asks with a T of unknown logarithm: an answer multiplies that
// point by d2.
// shows-part: COS-sig-8 (points of the device without proof, over the network)
TEST_F(NetworkAttack, ATWithoutProofGetsNoHalf) {
  const auto other = must(Adversary::take_apart(*world_, 1, fetch()));
  const Scalar k = Scalar::from_word(12345), &d1 = owner_->key().d1.expose();
  const Point p1 = owner_->p1(), honest = crypto::mul(k, p1);
  const auto forge = [&](const Point& t) {
    Opening opening;
    opening.name = owner_->key().name;
    opening.counter = owner_->next_counter();
    opening.items.push_back({crypto::Digest{}, t, honest});
    const Bytes transcript = cosign::opening_transcript(opening, owner_->key().p);
    opening.proof_d1 = must(crypto::prove_schnorr(
        d1, Point::generator(), p1, cosign::kJointD1Domain, transcript, owner_->random()));
    std::vector<crypto::SecretScalar> logarithms(2);
    for (crypto::SecretScalar& one : logarithms) one = crypto::SecretScalar(k);
    opening.proof_nonces =
        must(crypto::prove_schnorr_list(logarithms, {d1, p1}, cosign::nonce_points(opening),
                                        cosign::kJointNoncesDomain, transcript, owner_->random()));
    return opening;
  };
  EXPECT_TRUE(half_in(ask(forge(honest))).has_value()) << "the driver's proofs are in order";
  const Message message = ask(forge(other.p1()));
  EXPECT_FALSE(half_in(message).has_value());
  EXPECT_EQ(refusal_in(message), Code::crypto_proof_invalid);
}

// A15: failing answers are no oracle. Whatever fails after the PIN was charged costs a try.
// shows-part: COS-sig-9 (over the network)
TEST_F(NetworkAttack, FailingOpeningsAreNoOracle) {
  for (int i = 0; i < 3; ++i) {
    Opening damaged = honest_opening().opening;
    damaged.proof_nonces.response = damaged.proof_nonces.response + Scalar::from_word(1);
    EXPECT_FALSE(half_in(ask(damaged)).has_value());
  }
  EXPECT_EQ(refusal_in(ask(honest_opening().opening)), Code::cosign_pin_delayed);
  // A signature that the half does not make is not recorded, and tells nothing either.
  const crypto::Signature false_one{Scalar::from_word(3), Scalar::from_word(4)};
  const Message message =
      must(owner_->ask(MessageType::joint_confirm, cosign::encode_confirm({1, {false_one}})));
  EXPECT_EQ(message.type, MessageType::failure);
}

}  // namespace
}  // namespace heqi::attacks
