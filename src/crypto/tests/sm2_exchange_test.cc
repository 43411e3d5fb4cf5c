#include <heqi/crypto/sm2_exchange.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/testing/vectors.h>

namespace heqi::crypto {
namespace {

using base::Code;
using testing::ScriptedRandom;
using testing::SeededRandom;

// Two is both sides with keys of their own.
struct Two {
  SeededRandom random{38};
  PrivateKey a = *PrivateKey::generate(random), b = *PrivateKey::generate(random);
  ExchangePeer peer_a{a.public_key(), "Alice"}, peer_b{b.public_key(), "Bob"};
  ExchangeOptions of_a{"Alice", 32}, of_b{"Bob", 32};

  ExchangeInitiator begin() { return *ExchangeInitiator::begin(random); }
  base::Result<ExchangedKey> finish(ExchangeInitiator initiator, const ExchangeResponder& answer) {
    return std::move(initiator).finish_confirmed(a, peer_b, of_a, answer.share(),
                                                 answer.confirmation());
  }
  ExchangeResponder answer(const PublicKey& share) {
    return *ExchangeResponder::answer(b, {peer_a, share}, of_b, random);
  }
};

TEST(Sm2Exchange, TheStandardsExampleComesOutBitForBit) {
  for (const auto& vector : testing::read_vectors(HEQI_VECTORS, "sm2/exchange.vec")) {
    const PrivateKey a = *PrivateKey::decode(vector.bytes("d_a")),
                     b = *PrivateKey::decode(vector.bytes("d_b"));
    EXPECT_EQ(base::to_hex(a.public_key().encode()), vector.text("public_a"));
    EXPECT_EQ(base::to_hex(b.public_key().encode()), vector.text("public_b"));
    const ExchangeOptions options{vector.text("id"), 16};
    ScriptedRandom random_a(vector.bytes("r_a")), random_b(vector.bytes("r_b"));
    auto initiator = *ExchangeInitiator::begin(random_a);
    EXPECT_EQ(base::to_hex(initiator.share().encode()), vector.text("share_a"));
    auto responder = *ExchangeResponder::answer(
        b, {{a.public_key(), vector.text("id")}, initiator.share()}, options, random_b);
    EXPECT_EQ(base::to_hex(responder.share().encode()), vector.text("share_b"));
    EXPECT_EQ(base::to_hex(responder.confirmation()), vector.text("confirmation_b"));
    const ExchangedKey agreed =
        *std::move(initiator).finish_confirmed(a, {b.public_key(), vector.text("id")}, options,
                                               responder.share(), responder.confirmation());
    EXPECT_EQ(base::to_hex(agreed.key.expose()), vector.text("key"));
    EXPECT_EQ(base::to_hex(agreed.confirmation), vector.text("confirmation_a"));
    EXPECT_EQ(base::to_hex((*std::move(responder).accept_confirmed(agreed.confirmation)).expose()),
              vector.text("key"));
  }
}

TEST(Sm2Exchange, ListsInLanesGiveWhatEachAloneGives) {
  Two two;
  for (const std::size_t count :
       {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{19}}) {
    std::vector<ExchangeInitiator> initiators;
    std::vector<ExchangeOffer> offers;
    for (std::size_t i = 0; i < count; ++i) {
      initiators.push_back(two.begin());
      offers.push_back({two.peer_a, initiators.back().share()});
    }
    auto answers = *ExchangeResponder::answer_all(two.b, offers, two.of_b, two.random);
    ASSERT_EQ(answers.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto agreed = two.finish(std::move(initiators[i]), answers[i]);
      ASSERT_OK(agreed);
      const auto accepted = std::move(answers[i]).accept_confirmed(agreed->confirmation);
      ASSERT_OK(accepted);
      EXPECT_EQ(base::to_hex(accepted->expose()), base::to_hex(agreed->key.expose()));
    }
  }
}

TEST(Sm2Exchange, WithoutConfirmationTheKeysAreTheSame) {
  Two two;
  ExchangeInitiator initiator = two.begin();
  ExchangeResponder responder = two.answer(initiator.share());
  const auto agreed = std::move(initiator).finish(two.a, two.peer_b, two.of_a, responder.share());
  ASSERT_OK(agreed);
  EXPECT_EQ(base::to_hex(std::move(responder).accept().expose()),
            base::to_hex(agreed->key.expose()));
}

TEST(Sm2Exchange, WhoIsNotTheOneExpectedIsNotConfirmed) {
  Two two;
  const PrivateKey mallory = *PrivateKey::generate(two.random);
  {  // another responder, with another key
    auto initiator = two.begin();
    const auto answer =
        *ExchangeResponder::answer(mallory, {two.peer_a, initiator.share()}, two.of_b, two.random);
    EXPECT_ERROR(two.finish(std::move(initiator), answer), Code::invalid_signature);
  }
  {  // another identity of the same key
    auto initiator = two.begin();
    const auto answer = *ExchangeResponder::answer(two.b, {two.peer_a, initiator.share()},
                                                   {"Mallory", 32}, two.random);
    EXPECT_ERROR(two.finish(std::move(initiator), answer), Code::invalid_signature);
  }
  {  // R_A and R_B changed on the way
    auto initiator = two.begin();
    const auto answer = two.answer(two.begin().share());
    EXPECT_ERROR(two.finish(std::move(initiator), answer), Code::invalid_signature);
    auto second = two.begin();
    const auto right = two.answer(second.share());
    EXPECT_ERROR(std::move(second).finish_confirmed(two.a, two.peer_b, two.of_a,
                                                    two.begin().share(), right.confirmation()),
                 Code::invalid_signature);
  }
  {  // an initiator with another key, and one that repeats the responder's confirmation
    auto initiator = two.begin();
    auto answer = two.answer(initiator.share());
    const Digest theirs = answer.confirmation();
    const auto agreed = std::move(initiator).finish(mallory, two.peer_b, two.of_a, answer.share());
    ASSERT_OK(agreed);
    auto again = two.answer(two.begin().share());
    EXPECT_ERROR(std::move(answer).accept_confirmed(agreed->confirmation), Code::invalid_signature);
    EXPECT_ERROR(std::move(again).accept_confirmed(theirs), Code::invalid_signature);
  }
}

// R = [−x̄⁻¹]P makes the point infinity for every key of the other side: both sides refuse it.
TEST(Sm2Exchange, AShareThatCancelsTheKeyIsRefused) {
  Two two;
  // x̄ depends on R: r is chosen, and P = [d]G with d = −x̄·r follows.
  const Scalar r = *Scalar::draw(two.random);
  const PublicKey share = *PublicKey::from_point(mul_base(r));
  std::array<std::uint8_t, kScalarSize> low{};
  std::copy_n(share.encode().begin() + 17, 16, low.begin() + 16);
  low[16] |= 0x80;
  const ExchangePeer evil{*PublicKey::from_point(mul_base(-(Scalar::reduce(low) * r))), "Mallory"};
  EXPECT_ERROR(ExchangeResponder::answer(two.b, {evil, share}, two.of_b, two.random),
               Code::crypto_not_on_curve);
  EXPECT_ERROR(two.begin().finish(two.a, evil, two.of_a, share), Code::crypto_not_on_curve);
}

TEST(Sm2Exchange, SizesAndRandomnessAreChecked) {
  Two two;
  for (const std::size_t size : {std::size_t{0}, kExchangedKeySizeMax + 1}) {
    EXPECT_ERROR(two.begin().finish(two.a, two.peer_b, {"Alice", size}, two.b.public_key()),
                 Code::limit_exceeded);
    EXPECT_ERROR(ExchangeResponder::answer(two.b, {two.peer_a, two.a.public_key()}, {"Bob", size},
                                           two.random),
                 Code::limit_exceeded);
  }
  ScriptedRandom nothing({});
  EXPECT_FALSE(ExchangeInitiator::begin(nothing));
  EXPECT_FALSE(
      ExchangeResponder::answer(two.b, {two.peer_a, two.a.public_key()}, two.of_b, nothing));
}

}  // namespace
}  // namespace heqi::crypto
