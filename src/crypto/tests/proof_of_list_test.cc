// One Schnorr proof for the logarithms of many points.
#include <heqi/crypto/proofs.h>
#include <heqi/crypto/sm3.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::crypto {
namespace {

using base::Code;
using testing::SeededRandom;

// List is Wᵢ = [wᵢ]B with a proof and what it is bound to.
struct List {
  Scalar logarithm;
  Point base_point;
  std::vector<SecretScalar> w;
  std::vector<Point> points;

  std::vector<const Point*> statement() const {
    std::vector<const Point*> out;
    for (const Point& point : points) out.push_back(&point);
    return out;
  }
  // transcript covers the points, as the function asks.
  base::Bytes transcript() const {
    Sm3 hash;
    for (const Point& point : points) hash.update(point.encode());
    return base::to_bytes(hash.finish());
  }
  base::Result<SchnorrProof> prove(base::Random& random) const {
    return prove_schnorr_list(w, {logarithm, base_point}, statement(), "list", transcript(),
                              random);
  }
};

List make_list(std::size_t count, base::Random& random) {
  List list{*Scalar::draw(random), {}, {}, {}};
  list.base_point = mul_base(list.logarithm);
  for (std::size_t i = 0; i < count; ++i) {
    list.w.push_back(*SecretScalar::draw(random));
    list.points.push_back(mul(list.w[i].expose(), list.base_point));
  }
  return list;
}

// verify asks twice, alone and as the first of two equations; both have to say the same.
base::Status verify(const SchnorrProof& proof, const Point& base_point,
                    std::span<const Point* const> points, std::string_view domain,
                    base::ByteView transcript) {
  SeededRandom weights(5);
  const Scalar one = Scalar::from_word(1);
  for (const bool is_first : {true, false}) {
    WeightedCheck check(weights, {&base_point});
    const auto add_other = [&] {
      EXPECT_OK(check.begin());
      check.add(Point::generator());
      check.add_base(-one);
    };
    if (!is_first) add_other();
    const base::Status added =
        add_schnorr_list(check, proof, base_point, points, domain, transcript);
    if (is_first) add_other();
    const bool holds = added && check.holds_vartime();
    EXPECT_EQ(holds, bool(verify_schnorr_list(proof, base_point, points, domain, transcript)));
  }
  return verify_schnorr_list(proof, base_point, points, domain, transcript);
}

base::Status verify(const List& list, const SchnorrProof& proof) {
  return verify(proof, list.base_point, list.statement(), "list", list.transcript());
}

TEST(ProofOfList, HoldsForListsOfAnyLength) {
  SeededRandom random(40);
  for (const std::size_t count : {1, 2, 3, 7, 64, 200}) {
    const List list = make_list(count, random);
    const auto proof = list.prove(random);
    ASSERT_OK(proof);
    EXPECT_OK(verify(list, *proof)) << count;
  }
}

TEST(ProofOfList, HoldsForItsStatementOnly) {
  SeededRandom random(41);
  const List list = make_list(4, random);
  const SchnorrProof proof = *list.prove(random);
  const auto points = list.statement();
  const base::Bytes transcript = list.transcript();
  const auto refused = [&](const SchnorrProof& p, const Point& b, std::span<const Point* const> w,
                           std::string_view domain, base::ByteView t) {
    EXPECT_ERROR(verify(p, b, w, domain, t), Code::crypto_proof_invalid);
  };
  refused(proof, list.base_point, points, "another", transcript);
  refused(proof, list.base_point, points, "list", base::ByteView(transcript).first(31));
  refused(proof, mul_base(Scalar::from_word(9)), points, "list", transcript);
  refused({proof.commitment, proof.response + Scalar::from_word(1)}, list.base_point, points,
          "list", transcript);
  refused({-proof.commitment, proof.response}, list.base_point, points, "list", transcript);
  refused({proof.commitment, Scalar()}, list.base_point, points, "list", transcript);
  refused({Point::infinity(), proof.response}, list.base_point, points, "list", transcript);
  refused(proof, Point::infinity(), points, "list", transcript);
  auto shortened = points;
  shortened.pop_back();
  refused(proof, list.base_point, shortened, "list", transcript);
  auto lengthened = points;
  lengthened.push_back(points[0]);
  refused(proof, list.base_point, lengthened, "list", transcript);
}

// Even with the same transcript, every point has a challenge of its own.
TEST(ProofOfList, PointsDoNotChangePlaces) {
  SeededRandom random(42);
  const List list = make_list(5, random);
  const SchnorrProof proof = *list.prove(random);
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = i + 1; j < 5; ++j) {
      auto swapped = list.statement();
      std::swap(swapped[i], swapped[j]);
      EXPECT_ERROR(verify(proof, list.base_point, swapped, "list", list.transcript()),
                   Code::crypto_proof_invalid);
    }
}

// A prover who lacks one logarithm, wherever it stands in the list, has no proof.
TEST(ProofOfList, OneUnknownLogarithmSpoilsIt) {
  SeededRandom random(43);
  for (std::size_t wrong = 0; wrong < 5; ++wrong) {
    List list = make_list(5, random);
    list.points[wrong] = list.points[wrong] + mul_base(Scalar::from_word(77));
    const auto proof = list.prove(random);
    ASSERT_OK(proof);
    EXPECT_ERROR(verify(list, *proof), Code::crypto_proof_invalid) << wrong;
  }
}

// Errors that would make up for each other if challenges were equal, or by their sum, do not.
TEST(ProofOfList, ErrorsDoNotMakeUpForEachOther) {
  SeededRandom random(44);
  const Point error = mul_base(Scalar::from_word(77));
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t j = i + 1; j < 6; ++j) {
      List list = make_list(6, random);
      list.points[i] = list.points[i] + error;
      list.points[j] = list.points[j] + -error;
      EXPECT_ERROR(verify(list, *list.prove(random)), Code::crypto_proof_invalid) << i << j;
    }
}

TEST(ProofOfList, ASimulatedTranscriptIsNoProof) {
  // z and challenges chosen first fit the equation, not the hash.
  SeededRandom random(45);
  const List list = make_list(2, random);
  const Scalar z = *Scalar::draw(random);
  const Point commitment = mul(z, list.base_point) + -list.points[0] + -list.points[1];
  EXPECT_ERROR(verify(list, {commitment, z}), Code::crypto_proof_invalid);
}

TEST(ProofOfList, IsNotMadeForInfinityOrWithoutRandomness) {
  SeededRandom random(46);
  List list = make_list(3, random);
  testing::ScriptedRandom empty({});
  EXPECT_ERROR(list.prove(empty), Code::crypto_random_failed);
  list.points[1] = Point::infinity();
  EXPECT_ERROR(list.prove(random), Code::crypto_proof_invalid);
  list = make_list(3, random);
  const SchnorrProof proof = *list.prove(random);
  list.points[2] = Point::infinity();
  EXPECT_ERROR(verify(list, proof), Code::crypto_proof_invalid);
  list.base_point = Point::infinity();
  EXPECT_ERROR(list.prove(random), Code::crypto_proof_invalid);
}

TEST(ProofOfListDeathTest, EveryPointHasItsNumber) {
  SeededRandom random(47);
  List list = make_list(3, random);
  list.points.pop_back();
  EXPECT_DEATH(static_cast<void>(list.prove(random)), "size");
}

}  // namespace
}  // namespace heqi::crypto
