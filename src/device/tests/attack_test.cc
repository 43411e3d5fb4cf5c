// Attack drivers against the device: lying servers, thieves of its disk, applications that swap.
#include "tests/world.h"

#include <heqi/device/commands.h>

#include "pin.h"

namespace heqi::device {
namespace {

using base::Code;
using crypto::Scalar;

// shows-part: COS-sig-8 (through the whole device)
TEST(Attack, AKeyCentreThatCheatsStopsTheDeviceForGood) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("text"));
  const auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  world.key_centre.lie = [&](base::ByteView body) {
    auto opening = must(cosign::parse_opening(body));
    const auto d2 =
        must(cosign::derive_server_share(world.key_centre.master, 1, world.key_centre.name));
    cosign::Server server(*world.key_centre.key, d2.clone(), world.random);
    auto answer = must(server.answer(std::move(opening))).answer;
    answer.items[0].s1 = answer.items[0].s1 + Scalar::from_word(1);
    return cosign::encode_answer(answer);
  };
  const auto step = world.confirm(*shown);
  ASSERT_OK(step);
  EXPECT_EQ(step->kind, Step::Kind::refused);
  EXPECT_EQ(step->refusal, Code::cosign_peer_cheated);
  EXPECT_EQ(world.service.answers.at(0).outcome, SignOutcome::refused);
  EXPECT_TRUE(world.service.answers.at(0).signature.empty());
  EXPECT_EQ(world.msd->information().stage, Stage::stopped);
  EXPECT_ERROR(world.msd->confirm("tx-1", shown->display->digest, pin_of(kRightPin)),
               Code::device_state);
}

TEST(Attack, AnAnswerAtInfinityReleasesNothing) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("text"));
  const auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  world.key_centre.lie = [&](base::ByteView body) {
    const auto opening = must(cosign::parse_opening(body));
    const auto d2 =
        must(cosign::derive_server_share(world.key_centre.master, 1, world.key_centre.name));
    cosign::AnswerItem lie;  // R1 = O, s1 = 0
    const Scalar k2 = Scalar::from_word(77);
    lie.r2 = crypto::mul_base(k2);
    lie.r = Scalar::reduce(opening.items[0].e) + lie.r2.x_mod_n();
    lie.s2 = (lie.r + k2) * d2.expose().inverse();
    return cosign::encode_answer({opening.counter, {lie}});
  };
  const auto step = world.confirm(*shown);
  ASSERT_OK(step);
  EXPECT_EQ(step->refusal, Code::cosign_peer_cheated);
  for (const SignAnswer& answer : world.service.answers) EXPECT_TRUE(answer.signature.empty());
}

// readable is what a thief of the disk and of the wrap key reads.
base::Bytes readable(const State& state) {
  base::Bytes all = state.certificate;
  for (const base::Bytes* part : {&state.sealed_channel_key, &state.key->public_key})
    base::append(all, *part);
  base::append(all, state.registered->service_channel);
  base::append(all, state.key_centre.sent_hash);
  base::append(all, state.key_centre.received_hash);
  return all;
}

// Every check that the store allows: the share is in range, and nothing stored is P1, P2 or one of
// their digests, for the right PIN as for the wrong ones.
void expect_no_test_of(const crypto::SecretScalar& d1, const State& state) {
  const base::Bytes stored = readable(state);
  EXPECT_FALSE(d1.expose().is_zero());
  const auto p = must(crypto::PublicKey::decode(state.key->public_key));
  const auto p1 = crypto::mul_base(d1.expose());
  const auto p2 = crypto::mul(d1.expose().inverse(), p.point() + crypto::Point::generator());
  for (const auto& point : {p1, p2}) {
    const auto octets = point.encode();
    const auto digest = crypto::sm3(octets);
    for (base::ByteView needle : {base::ByteView(octets).subspan(1, 32), base::ByteView(digest)})
      EXPECT_EQ(std::search(stored.begin(), stored.end(), needle.begin(), needle.end()),
                stored.end());
  }
}

// shows-part: COS-C-3 (the device's store)
TEST(Attack, TheDiskWithItsWrapKeyTellsNoPinFromAnother) {
  World world;
  ASSERT_OK(world.enrol());
  const WrapKeys keys = must(WrapKeys::load(world.own_key_store));
  const State state = must(load_state(world.own_store, keys));
  ASSERT_TRUE(state.key.has_value());
  for (std::string_view pin : {kRightPin, kWrongPin, std::string_view("000000")})
    expect_no_test_of(recover_share(*state.key, base::bytes_of(pin), keys), state);
}

// shows: COS-C-1, MSSP-9.3-b3
TEST(Attack, TheDiskHoldsNoShareInTheClear) {
  World world;
  ASSERT_OK(world.enrol());
  const WrapKeys keys = must(WrapKeys::load(world.own_key_store));
  const State state = must(load_state(world.own_store, keys));
  const auto d1 = recover_share(*state.key, base::bytes_of(kRightPin), keys);
  EXPECT_TRUE(equal_vartime(crypto::mul_base(d1.expose()), world.key_centre.key->p1));
  const auto octets = d1.expose().encode();
  for (const auto* store : {&world.own_store, &world.own_key_store})
    for (const auto& [name, content] : store->files) {
      EXPECT_EQ(std::search(content.begin(), content.end(), octets.begin(), octets.end()),
                content.end())
          << name;
      EXPECT_EQ(base::text_of(content).find(kRightPin), std::string_view::npos) << name;
    }
}

// The network sees the public halves, and no private key of either side, also not backwards.
// shows: ECP-KEY-1
TEST(Attack, WhatIsCarriedHoldsNoPrivateKey) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("合同正文"));
  const Step step = must(world.follow(world.msd->poll()));
  ASSERT_EQ(must(world.confirm(step)).outcome, "signed");
  const WrapKeys keys = must(WrapKeys::load(world.own_key_store));
  const State state = must(load_state(world.own_store, keys));
  const auto d1 = recover_share(*state.key, base::bytes_of(kRightPin), keys);
  const auto d2 = must(cosign::derive_server_share(world.key_centre.master, 1, state.key->name));
  const crypto::Scalar d = d1.expose() * d2.expose() - crypto::Scalar::from_word(1);
  const auto channel_key = must(open_channel_key(keys, state.sealed_channel_key));
  const auto is_carried = [&](base::ByteView needle) {
    return std::any_of(world.carried.begin(), world.carried.end(), [&](const base::Bytes& message) {
      return std::search(message.begin(), message.end(), needle.begin(), needle.end()) !=
             message.end();
    });
  };
  // The search finds what is there: the joint public key in the certificate request.
  EXPECT_TRUE(is_carried(state.key->public_key));
  ASSERT_TRUE(equal_vartime(crypto::mul_base(d),
                            must(crypto::PublicKey::decode(state.key->public_key)).point()));
  for (const crypto::Scalar& secret :
       {d1.expose(), d2.expose(), d, d1.expose().inverse(), d2.expose().inverse(),
        (d + crypto::Scalar::from_word(1)).inverse(), channel_key.d().expose()}) {
    auto octets = secret.encode();
    EXPECT_FALSE(is_carried(octets));
    std::reverse(octets.begin(), octets.end());
    EXPECT_FALSE(is_carried(octets));
  }
}

// shows: COS-d1-6
TEST(Attack, TheShareOfAnotherPinOrDeviceIsAnotherShare) {
  testing::SeededRandom random(3);
  testing::MemoryStore mine_store, other_store;
  const WrapKeys mine = must(WrapKeys::make(mine_store, random));
  const WrapKeys other = must(WrapKeys::make(other_store, random));
  const auto d1 = must(crypto::SecretScalar::draw(random));
  KeySlot slot;
  ASSERT_OK(protect_share(slot, d1, base::bytes_of("123456"), mine, 2, random));
  const auto back = [&](std::string_view pin, const WrapKeys& keys) {
    return recover_share(slot, base::bytes_of(pin), keys);
  };
  EXPECT_TRUE(equal_vartime(back("123456", mine).expose(), d1.expose()));
  EXPECT_FALSE(equal_vartime(back("123457", mine).expose(), d1.expose()));
  EXPECT_FALSE(equal_vartime(back("123456", other).expose(), d1.expose()));
  EXPECT_FALSE(equal_vartime(back("1234560", mine).expose(), d1.expose()));
}

// The whole of it: two devices of one PIN have two shares; one share of one PIN stands on disk in
// another form each time, which opens with its own salt on its own device only; no file holds it;
// and what a wrong PIN opens is a share like any other, with nothing on the disk to test it by.
// shows: ECP-KEY-10
TEST(Attack, AShareIsRandomAndOpensWithItsPinSaltAndDeviceAndAWrongPinTellsNothing) {
  World one(41), two(42);
  ASSERT_OK(one.enrol());
  ASSERT_OK(two.enrol());
  const WrapKeys keys = must(WrapKeys::load(one.own_key_store));
  const WrapKeys others = must(WrapKeys::load(two.own_key_store));
  const State state = must(load_state(one.own_store, keys));
  const KeySlot& slot = *state.key;
  const auto share = [](const KeySlot& of, std::string_view pin, const WrapKeys& with) {
    return recover_share(of, base::bytes_of(pin), with);
  };
  const auto d1 = share(slot, kRightPin, keys);
  ASSERT_TRUE(equal_vartime(crypto::mul_base(d1.expose()), one.key_centre.key->p1));
  EXPECT_FALSE(equal_vartime(one.key_centre.key->p1, two.key_centre.key->p1));

  KeySlot again = slot;
  ASSERT_OK(protect_share(again, d1, base::bytes_of(kRightPin), keys, slot.rounds, one.random));
  EXPECT_NE(again.salt, slot.salt);
  EXPECT_NE(again.encrypted_d1, slot.encrypted_d1);
  EXPECT_TRUE(equal_vartime(share(again, kRightPin, keys).expose(), d1.expose()));
  again.salt = slot.salt;
  EXPECT_FALSE(equal_vartime(share(again, kRightPin, keys).expose(), d1.expose()));
  EXPECT_FALSE(equal_vartime(share(slot, kRightPin, others).expose(), d1.expose()));

  const auto octets = d1.expose().encode();
  for (const auto* store : {&one.own_store, &one.own_key_store})
    for (const auto& [name, content] : store->files)
      EXPECT_EQ(std::search(content.begin(), content.end(), octets.begin(), octets.end()),
                content.end())
          << name;
  for (const std::string_view pin : {kRightPin, kWrongPin, std::string_view("000000")})
    expect_no_test_of(share(slot, pin, keys), state);
  EXPECT_FALSE(equal_vartime(share(slot, kWrongPin, keys).expose(), d1.expose()));
}

// What travels to the key centre would test PINs for whoever stole the disk: it is not readable.
// shows-part: COS-C-3 (what travels tests no PIN of a stolen disk)
TEST(Attack, NothingOnTheWayTestsAPin) {
  World world;
  ASSERT_OK(world.msd->initialise());
  auto step = world.msd->enrol(world.code);
  int secret_messages = 0;
  const auto check = [&](base::ByteView message) {
    if (!world.key_centre.key) return;
    for (const auto& point : {world.key_centre.key->p1, world.key_centre.key->p.point()}) {
      const auto octets = point.encode();
      EXPECT_EQ(std::search(message.begin(), message.end(), octets.begin() + 1, octets.end()),
                message.end());
    }
    ++secret_messages;
  };
  while (step && step->kind != Step::Kind::idle && step->kind != Step::Kind::finished) {
    if (step->kind == Step::Kind::choose_pin) {
      step = world.msd->choose_pin(pin_of(kRightPin));
    } else if (step->kind == Step::Kind::confirm) {
      step = world.msd->confirm(step->display->transaction_id, step->display->digest,
                                pin_of(kRightPin));
    } else {
      const base::Bytes answer = must(world.carry(*step));
      if (step->destination == Destination::key_centre) {
        check(step->message);
        check(answer);
      }
      step = world.msd->deliver(answer);
    }
  }
  ASSERT_OK(step);
  EXPECT_GE(secret_messages, 5);
}

TEST(Attack, AnswersOfAnotherExchangeAreNotTaken) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("text"));
  const auto poll = world.msd->poll();
  ASSERT_OK(poll);
  const base::Bytes answer = must(world.carry(*poll));
  ASSERT_OK(world.msd->deliver(answer));
  EXPECT_ERROR(world.msd->deliver(answer), Code::device_state);
  const auto next =
      world.msd->confirm("tx-1", crypto::sm3(base::bytes_of("text")), pin_of(kRightPin));
  ASSERT_OK(next);
  EXPECT_ERROR(world.msd->deliver(answer), Code::denied);  // of the service, not the key centre
  // The person is asked again, and it ends well.
  const auto again = world.follow(world.msd->poll());
  ASSERT_OK(again);
  ASSERT_EQ(again->kind, Step::Kind::confirm);
  const auto done = world.confirm(*again);
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "signed");
}

TEST(Attack, AServiceThatSendsWhatWasNotAskedForIsRefused) {
  World world;
  ASSERT_OK(world.enrol());
  const auto poll = world.msd->poll();
  ASSERT_OK(poll);
  base::Status status;
  static_cast<void>(world.service.end.open(poll->message, status));
  ASSERT_OK(status);
  Channel channel(world.service.end.keys, world.service.end.position);
  const auto envelope = channel.seal(MessageType::key_challenge, {});
  EXPECT_ERROR(world.msd->deliver(*envelope), Code::device_state);
}

}  // namespace
}  // namespace heqi::device
