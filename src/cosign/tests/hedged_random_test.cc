#include "hedged_random.h"

#include <heqi/crypto/hmac.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::cosign {
namespace {

base::SecretArray<32> seed_of(std::uint8_t octet) {
  base::SecretArray<32> seed;
  std::fill(seed.expose_mutable().begin(), seed.expose_mutable().end(), octet);
  return seed;
}

// block is HMAC-SM3(seed, counter), as the header says.
base::Bytes block(std::uint8_t octet, std::uint8_t counter) {
  const base::Bytes number = {0, 0, 0, 0, 0, 0, 0, counter};
  return base::to_bytes(crypto::hmac_sm3(base::Bytes(32, octet), number));
}

base::Bytes take(HedgedRandom& random, std::size_t size) {
  base::Bytes out(size);
  EXPECT_OK(random.fill(out));
  return out;
}

// shows-part: COS-sig-6 (nonces of a list are drawn ahead, and none twice)
TEST(HedgedRandom, GivesTheSameBlocksDrawnAheadOrNot) {
  for (const std::size_t ahead : {0, 1, 2, 5, 16, 40}) {
    HedgedRandom random = HedgedRandom::resume(seed_of(7));
    random.draw_ahead(ahead);
    for (std::uint8_t i = 1; i <= 20; ++i) EXPECT_EQ(take(random, 32), block(7, i)) << ahead;
    random.draw_ahead(ahead);
    random.draw_ahead(3);
    for (std::uint8_t i = 21; i <= 60; ++i) EXPECT_EQ(take(random, 32), block(7, i)) << ahead;
  }
}

TEST(HedgedRandom, BeginsEachFillWithANewBlock) {
  HedgedRandom random = HedgedRandom::resume(seed_of(9));
  random.draw_ahead(2);
  base::Bytes part = block(9, 1);
  part.resize(5);
  EXPECT_EQ(take(random, 5), part);
  base::Bytes two = block(9, 2);
  base::append(two, block(9, 3));
  two.resize(40);
  EXPECT_EQ(take(random, 40), two);
  EXPECT_EQ(take(random, 32), block(9, 4));
  EXPECT_TRUE(take(random, 0).empty());
  EXPECT_EQ(take(random, 32), block(9, 5));
}

// shows-part: COS-sig-6 (a source that repeats itself)
TEST(HedgedRandom, OtherPurposesTranscriptsAndSharesGiveOtherOctets) {
  const crypto::SecretScalar share(crypto::Scalar::from_word(5)),
      other(crypto::Scalar::from_word(6));
  const auto first_of = [](const crypto::SecretScalar& key, std::string_view purpose,
                           std::string_view transcript) {
    testing::SeededRandom frozen(1);
    auto random = HedgedRandom::make(frozen, key, purpose, base::bytes_of(transcript));
    EXPECT_OK(random);
    return take(*random, 32);
  };
  const base::Bytes first = first_of(share, "a", "t");
  EXPECT_EQ(first, first_of(share, "a", "t"));
  EXPECT_NE(first, first_of(share, "a", "u"));
  EXPECT_NE(first, first_of(share, "at", ""));
  EXPECT_NE(first, first_of(share, "b", "t"));
  EXPECT_NE(first, first_of(other, "a", "t"));
  testing::ScriptedRandom empty({});
  EXPECT_ERROR(HedgedRandom::make(empty, share, "a", {}), base::Code::crypto_random_failed);
}

}  // namespace
}  // namespace heqi::cosign
