#include <heqi/crypto/proofs.h>
#include <heqi/crypto/weighted_check.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::crypto {
namespace {

using base::bytes_of;
using base::Code;
using testing::SeededRandom;

// Equation is [k]P − Q = O, wrong where shift is not zero: Q then is [k]P + [shift]G.
struct Equation {
  Scalar k;
  Point p, q;
};
Equation make_equation(SeededRandom& random, std::uint64_t shift) {
  const Scalar k = *Scalar::draw(random);
  const Point p = mul_base(*Scalar::draw(random));
  return {k, p, mul(k, p) + mul_base(Scalar::from_word(shift))};
}

bool hold(const std::vector<Equation>& equations, base::Random& weights) {
  WeightedCheck check(weights, {});
  for (const Equation& one : equations) {
    EXPECT_OK(check.begin());
    check.add(-one.k, one.p);
    check.add(one.q);
  }
  return check.holds_vartime();
}

TEST(WeightedCheck, HoldsForRightEquationsOnly) {
  SeededRandom random(1);
  for (std::size_t count : {1, 2, 5}) {
    std::vector<Equation> right;
    for (std::size_t i = 0; i < count; ++i) right.push_back(make_equation(random, 0));
    EXPECT_TRUE(hold(right, random));
    for (std::size_t wrong = 0; wrong < count; ++wrong) {
      std::vector<Equation> one_wrong = right;
      one_wrong[wrong] = make_equation(random, 1);
      EXPECT_FALSE(hold(one_wrong, random)) << wrong << " of " << count;
    }
  }
  EXPECT_TRUE(hold({}, random));
}

// Without weights of their own, what is too much in one equation makes up for another.
TEST(WeightedCheck, ErrorsDoNotMakeUpForEachOther) {
  SeededRandom random(2);
  std::vector<Equation> wrong = {make_equation(random, 3), make_equation(random, 3)};
  wrong[1].q = wrong[1].q + -mul_base(Scalar::from_word(6));
  EXPECT_FALSE(hold(wrong, random));
  std::swap(wrong[0], wrong[1]);
  wrong.push_back(make_equation(random, 0));
  EXPECT_FALSE(hold(wrong, random));
}

// Each equation has a weight of its own, wherever it stands: weights are drawn two at a time.
TEST(WeightedCheck, NoTwoErrorsMakeUpForEachOtherInALongList) {
  SeededRandom random(4);
  constexpr std::size_t kCount = 7;
  std::vector<Equation> right;
  for (std::size_t i = 0; i < kCount; ++i) right.push_back(make_equation(random, 0));
  const Point error = mul_base(Scalar::from_word(3));
  for (std::size_t i = 0; i < kCount; ++i)
    for (std::size_t j = i + 1; j < kCount; ++j) {
      std::vector<Equation> wrong = right;
      wrong[i].q = wrong[i].q + error;
      wrong[j].q = wrong[j].q + -error;
      EXPECT_FALSE(hold(wrong, random)) << i << " and " << j;
    }
}

TEST(WeightedCheck, SharedPointsAndTheGeneratorCountInEachEquation) {
  SeededRandom random(3);
  const Point shared = mul_base(*Scalar::draw(random));
  const Scalar a = *Scalar::draw(random), b = *Scalar::draw(random), c = *Scalar::draw(random);
  const Point first = mul(a, shared), second = mul(b, shared) + mul_base(c);
  for (const std::uint64_t error : {0, 1}) {
    WeightedCheck check(random, {&shared});
    ASSERT_OK(check.begin());
    check.add(first);
    check.add(-a, shared);
    ASSERT_OK(check.begin());
    check.add(second);
    check.add(-(b + Scalar::from_word(error)), shared);
    check.add_base(-c);
    EXPECT_EQ(check.holds_vartime(), error == 0);
  }
}

TEST(WeightedCheck, WithoutRandomnessThereIsNoSecondEquation) {
  testing::ScriptedRandom empty({});
  WeightedCheck check(empty, {});
  EXPECT_OK(check.begin());
  EXPECT_ERROR(check.begin(), Code::crypto_random_failed);
}

class ProofsTogether : public ::testing::Test {
 protected:
  SeededRandom random_{32};
  Scalar w_ = *Scalar::draw(random_), v_ = *Scalar::draw(random_);
  Point base_ = mul_base(*Scalar::draw(random_)), w_point_ = mul(w_, base_),
        v_point_ = mul(v_, base_);
  const base::Bytes transcript_ = base::to_bytes("session");

  std::vector<SchnorrProof> prove() {
    return {*prove_schnorr(w_, base_, w_point_, "k3", transcript_, random_),
            *prove_schnorr(v_, base_, v_point_, "k4", transcript_, random_)};
  }
  bool hold(const std::vector<SchnorrProof>& proofs) {
    WeightedCheck check(random_, {&base_});
    return add_schnorr(check, proofs[0], base_, w_point_, "k3", transcript_) &&
           add_schnorr(check, proofs[1], base_, v_point_, "k4", transcript_) &&
           check.holds_vartime();
  }
};

TEST_F(ProofsTogether, AreThoseThatHoldAlone) {
  const auto proofs = prove();
  EXPECT_OK(verify_schnorr(proofs[0], base_, w_point_, "k3", transcript_));
  EXPECT_OK(verify_schnorr(proofs[1], base_, v_point_, "k4", transcript_));
  EXPECT_TRUE(hold(proofs));
  EXPECT_ERROR(verify_schnorr(proofs[1], base_, w_point_, "k3", transcript_),
               Code::crypto_proof_invalid);
}

TEST_F(ProofsTogether, FailWhereOneIsWrong) {
  const auto proofs = prove();
  for (std::size_t i = 0; i < 2; ++i) {
    auto wrong = proofs;
    wrong[i].response = wrong[i].response + Scalar::from_word(1);
    EXPECT_FALSE(hold(wrong));
    wrong = proofs;
    wrong[i].commitment = -wrong[i].commitment;
    EXPECT_FALSE(hold(wrong));
    wrong = proofs;
    wrong[i].commitment = Point::infinity();
    EXPECT_FALSE(hold(wrong));
  }
  EXPECT_FALSE(hold({proofs[1], proofs[0]}));
}

TEST_F(ProofsTogether, ErrorsDoNotMakeUpForEachOther) {
  auto wrong = prove();
  wrong[0].response = wrong[0].response + Scalar::from_word(1);
  wrong[1].response = wrong[1].response - Scalar::from_word(1);
  EXPECT_FALSE(hold(wrong));
}

}  // namespace
}  // namespace heqi::crypto
