#include <heqi/crypto/proofs.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::crypto {
namespace {

using base::bytes_of;
using base::Code;
using testing::SeededRandom;

class Proofs : public ::testing::Test {
 protected:
  SeededRandom random_{31};
  Scalar w_ = *Scalar::draw(random_);
  Point base_ = mul_base(*Scalar::draw(random_)), other_base_ = mul_base(*Scalar::draw(random_));
  Point w_point_ = mul(w_, base_), w_other_ = mul(w_, other_base_);
};

TEST_F(Proofs, SchnorrHoldsForItsStatementOnly) {
  for (const Point& base_point : {base_, Point::generator()}) {
    const Point w_point = mul(w_, base_point);
    const auto proof = prove_schnorr(w_, base_point, w_point, "d1", bytes_of("session"), random_);
    ASSERT_OK(proof);
    EXPECT_OK(verify_schnorr(*proof, base_point, w_point, "d1", bytes_of("session")));
    const auto refused = [&](const SchnorrProof& p, const Point& b, const Point& w,
                             std::string_view domain, std::string_view transcript) {
      EXPECT_ERROR(verify_schnorr(p, b, w, domain, bytes_of(transcript)),
                   Code::crypto_proof_invalid);
    };
    refused(*proof, base_point, w_point, "k3", "session");
    refused(*proof, base_point, w_point, "d1", "another session");
    refused(*proof, base_point, w_point, "d1s", "ession");
    refused(*proof, other_base_, w_point, "d1", "session");
    refused(*proof, base_point, w_other_, "d1", "session");
    refused(*proof, base_point, -w_point, "d1", "session");
    refused({proof->commitment, proof->response + Scalar::from_word(1)}, base_point, w_point, "d1",
            "session");
    refused({-proof->commitment, proof->response}, base_point, w_point, "d1", "session");
    refused({Point::infinity(), proof->response}, base_point, w_point, "d1", "session");
    refused({proof->commitment, Scalar()}, base_point, w_point, "d1", "session");
    refused(*proof, Point::infinity(), w_point, "d1", "session");
    refused(*proof, base_point, Point::infinity(), "d1", "session");
  }
}

TEST_F(Proofs, ASimulatedTranscriptIsNoProof) {
  // z and c chosen first fit the equation, not the hash.
  const Scalar z = *Scalar::draw(random_), c = *Scalar::draw(random_);
  const Point commitment = mul(z, base_) + mul(-c, w_point_);
  EXPECT_ERROR(verify_schnorr({commitment, z}, base_, w_point_, "d", {}),
               Code::crypto_proof_invalid);
}

TEST_F(Proofs, EqualityHoldsForOneScalarOnly) {
  const auto proof =
      prove_dleq(w_, base_, w_point_, other_base_, w_other_, "dleq", bytes_of("t"), random_);
  ASSERT_OK(proof);
  EXPECT_OK(verify_dleq(*proof, base_, w_point_, other_base_, w_other_, "dleq", bytes_of("t")));
  EXPECT_ERROR(verify_dleq(*proof, base_, w_point_, other_base_, w_other_, "dleq", bytes_of("u")),
               Code::crypto_proof_invalid);
  EXPECT_ERROR(verify_dleq(*proof, other_base_, w_other_, base_, w_point_, "dleq", bytes_of("t")),
               Code::crypto_proof_invalid);
  DleqProof changed = *proof;
  changed.commitment2 = -changed.commitment2;
  EXPECT_ERROR(verify_dleq(changed, base_, w_point_, other_base_, w_other_, "dleq", bytes_of("t")),
               Code::crypto_proof_invalid);
  changed.commitment2 = Point::infinity();
  EXPECT_ERROR(verify_dleq(changed, base_, w_point_, other_base_, w_other_, "dleq", bytes_of("t")),
               Code::crypto_proof_invalid);
  // Another scalar on the second side: an honest prover's run for it is refused.
  const Point w_wrong = mul(w_ + Scalar::from_word(1), other_base_);
  const auto wrong =
      prove_dleq(w_, base_, w_point_, other_base_, w_wrong, "dleq", bytes_of("t"), random_);
  ASSERT_OK(wrong);
  EXPECT_ERROR(verify_dleq(*wrong, base_, w_point_, other_base_, w_wrong, "dleq", bytes_of("t")),
               Code::crypto_proof_invalid);
}

TEST_F(Proofs, StatementsWithInfinityAndEmptySourcesAreRefused) {
  EXPECT_ERROR(prove_schnorr(w_, Point::infinity(), w_point_, "d", {}, random_),
               Code::crypto_proof_invalid);
  EXPECT_ERROR(prove_schnorr(Scalar(), base_, Point::infinity(), "d", {}, random_),
               Code::crypto_proof_invalid);
  testing::ScriptedRandom empty({});
  EXPECT_ERROR(prove_schnorr(w_, base_, w_point_, "d", {}, empty), Code::crypto_random_failed);
  EXPECT_ERROR(prove_dleq(w_, base_, w_point_, other_base_, w_other_, "d", {}, empty),
               Code::crypto_random_failed);
}

}  // namespace
}  // namespace heqi::crypto
