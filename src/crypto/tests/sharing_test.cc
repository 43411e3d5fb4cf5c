#include <heqi/crypto/sharing.h>

#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::crypto {
namespace {

using base::Code;
using testing::SeededRandom;

Sharing make(std::uint64_t secret, std::size_t threshold, std::size_t count) {
  SeededRandom random(secret + 100);
  return *share_secret(SecretScalar(Scalar::from_word(secret)), threshold, count, random);
}

std::vector<Share> pick(const Sharing& sharing, const std::vector<std::size_t>& places) {
  std::vector<Share> out;
  for (const std::size_t place : places)
    out.push_back({sharing.shares.at(place).index, sharing.shares.at(place).value.clone()});
  return out;
}

bool is(const base::Result<SecretScalar>& made, std::uint64_t secret) {
  return made && equal_vartime(made->expose(), Scalar::from_word(secret));
}

// f(x) = 5 + 3x + 2x²: f(1) = 10, f(2) = 19, f(4) = 49, worked by hand.
TEST(Sharing, AnExampleWorkedByHandComesOut) {
  std::vector<Share> shares;
  for (const auto& [index, value] : {std::pair{1, 10}, std::pair{2, 19}, std::pair{4, 49}})
    shares.push_back({static_cast<std::uint8_t>(index),
                      SecretScalar(Scalar::from_word(static_cast<std::uint64_t>(value)))});
  EXPECT_TRUE(is(combine_shares(shares, 3), 5));
}

TEST(Sharing, EverySetOfThresholdSharesGivesTheSecretBack) {
  const Sharing sharing = make(77, 3, 6);
  ASSERT_EQ(sharing.commitments.size(), 3u);
  for (std::size_t a = 0; a < 6; ++a)
    for (std::size_t b = 0; b < 6; ++b)
      for (std::size_t c = 0; c < 6; ++c)
        if (a != b && b != c && a != c) {
          EXPECT_TRUE(is(combine_shares(pick(sharing, {a, b, c}), 3), 77)) << a << b << c;
        }
  EXPECT_TRUE(is(combine_shares(sharing.shares, 3), 77)) << "more than are needed";
}

TEST(Sharing, OneOfOneAndAllOfTheMostWork) {
  EXPECT_TRUE(is(combine_shares(make(9, 1, 1).shares, 1), 9));
  EXPECT_TRUE(is(combine_shares(pick(make(9, 1, 4), {2}), 1), 9));
  EXPECT_TRUE(is(combine_shares(pick(make(9, 2, 255), {254, 0}), 2), 9));
}

TEST(Sharing, FewerSharesThanTheThresholdDoNotGiveIt) {
  const Sharing sharing = make(77, 3, 5);
  EXPECT_ERROR(combine_shares(pick(sharing, {0, 1}), 3), Code::malformed);
  EXPECT_FALSE(is(combine_shares(pick(sharing, {0, 1}), 2), 77));
}

TEST(Sharing, EachShareFitsItsCommitmentsAndNoOther) {
  const Sharing sharing = make(5, 3, 4), other = make(6, 3, 4);
  for (const Share& share : sharing.shares) {
    EXPECT_OK(verify_share(share, sharing.commitments));
    EXPECT_ERROR(verify_share(share, other.commitments), Code::crypto_proof_invalid);
    const Share moved{static_cast<std::uint8_t>(share.index + 1), share.value.clone()};
    EXPECT_ERROR(verify_share(moved, sharing.commitments), Code::crypto_proof_invalid);
    const Share changed{share.index, SecretScalar(share.value.expose() + Scalar::from_word(1))};
    EXPECT_ERROR(verify_share(changed, sharing.commitments), Code::crypto_proof_invalid);
    Commitments fewer = sharing.commitments;
    fewer.pop_back();
    EXPECT_ERROR(verify_share(share, fewer), Code::crypto_proof_invalid);
  }
  EXPECT_TRUE(equal_vartime(sharing.commitments[0], mul_base(Scalar::from_word(5))));
}

TEST(Sharing, AWrongShareAmongMoreThanEnoughIsNoticed) {
  const Sharing sharing = make(5, 2, 4);
  for (std::size_t wrong = 0; wrong < 4; ++wrong) {
    auto shares = pick(sharing, {0, 1, 2, 3});
    shares[wrong].value = SecretScalar(shares[wrong].value.expose() + Scalar::from_word(1));
    EXPECT_ERROR(combine_shares(shares, 2), Code::crypto_proof_invalid) << wrong;
  }
}

TEST(Sharing, WhatMakesNoSenseIsRefused) {
  SeededRandom random(1);
  const SecretScalar secret(Scalar::from_word(4));
  EXPECT_ERROR(share_secret(secret, 0, 3, random), Code::malformed);
  EXPECT_ERROR(share_secret(secret, 4, 3, random), Code::malformed);
  EXPECT_ERROR(share_secret(secret, 2, 256, random), Code::malformed);
  EXPECT_ERROR(share_secret(secret, 0, 0, random), Code::malformed);
  EXPECT_ERROR(share_secret(SecretScalar(), 2, 3, random), Code::crypto_scalar_range);
  const Sharing sharing = make(5, 2, 4);
  EXPECT_ERROR(combine_shares(pick(sharing, {0, 0}), 2), Code::malformed);
  EXPECT_ERROR(combine_shares(pick(sharing, {0, 1, 1}), 2), Code::malformed);
  EXPECT_ERROR(combine_shares({}, 0), Code::malformed);
  auto zero = pick(sharing, {0, 1});
  zero[0].index = 0;
  EXPECT_ERROR(combine_shares(zero, 2), Code::malformed);
  EXPECT_ERROR(verify_share(zero[0], sharing.commitments), Code::malformed);
  EXPECT_ERROR(verify_share(sharing.shares[0], {}), Code::malformed);
}

TEST(Sharing, ASourceThatFailsIsReported) {
  testing::ScriptedRandom empty({});
  EXPECT_ERROR(share_secret(SecretScalar(Scalar::from_word(4)), 2, 3, empty),
               Code::crypto_random_failed);
}

}  // namespace
}  // namespace heqi::crypto
