// Faults in the computation of a signature: none may leave (docs/adr/0010).
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "kernel_check.h"
#include "sm2_signature.h"

namespace heqi::crypto {
namespace {

using base::Code;
using internal::CurveKernel;
using internal::JacobianPoint;
using internal::Words;
using testing::SeededRandom;

struct Attempt {
  Scalar d, inverse, e, k;
};

Attempt draw_attempt(std::uint64_t seed) {
  SeededRandom random(seed);
  Attempt out;
  out.d = *Scalar::draw(random);
  out.inverse = (out.d + Scalar::from_word(1)).inverse();
  out.e = *Scalar::draw(random);
  out.k = *Scalar::draw(random);
  return out;
}

auto sign_with(const Attempt& attempt, const CurveKernel& kernel = internal::kPortableCurve) {
  return internal::attempt_signature({attempt.d, attempt.inverse}, attempt.e, attempt.k, kernel);
}

TEST(Sm2Fault, WithoutAFaultTheSignatureVerifies) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Attempt attempt = draw_attempt(seed);
    const auto signature = sign_with(attempt);
    ASSERT_OK(signature);
    ASSERT_TRUE(signature->has_value());
    const auto key = PublicKey::from_point(mul_base(attempt.d));
    EXPECT_OK(verify_digest(*key, attempt.e.encode(), **signature));
  }
}

TEST(Sm2Fault, AWrongBitInAnyCoordinateOfTheCommitmentIsFound) {
  static std::size_t place;
  CurveKernel faulty = internal::kPortableCurve;
  faulty.multiply_base = [](JacobianPoint& out, const Words& k) {
    const Words used = internal::kPortableCurve.multiply_base(out, k);
    internal::Field* coordinates[] = {&out.x, &out.y, &out.z};
    coordinates[place / 256]->words[place / 64 % 4] ^= std::uint64_t{1} << (place % 64);
    return used;
  };
  const Attempt attempt = draw_attempt(41);
  for (place = 0; place < 768; place += 5)
    EXPECT_ERROR(sign_with(attempt, faulty), Code::internal) << place;
}

TEST(Sm2Fault, AMultiplicationThatEndedEarlyOrTookAnotherDigitIsFound) {
  static std::size_t digits;
  CurveKernel faulty = internal::kPortableCurve;
  // A point of the curve, but of fewer digits of k: it would tell them.
  faulty.multiply_base = [](JacobianPoint& out, const Words& k) {
    Words low = k;
    for (std::size_t bit = digits; bit < 256; ++bit)
      low[bit / 64] &= ~(std::uint64_t{1} << (bit % 64));
    return internal::kPortableCurve.multiply_base(out, low);
  };
  const Attempt attempt = draw_attempt(42);
  for (digits = 7; digits < 252; digits += 7)
    EXPECT_ERROR(sign_with(attempt, faulty), Code::internal) << digits;
  static Words difference;
  faulty.multiply_base = [](JacobianPoint& out, const Words& k) {
    Words other;
    for (std::size_t i = 0; i < 4; ++i) other[i] = k[i] ^ difference[i];
    return internal::kPortableCurve.multiply_base(out, other);
  };
  for (std::size_t bit = 0; bit < 250; bit += 3) {
    difference = {};
    difference[bit / 64] = std::uint64_t{1} << (bit % 64);
    EXPECT_ERROR(sign_with(attempt, faulty), Code::internal) << bit;
  }
}

TEST(Sm2Fault, AWrongSecretInTheEquationIsFound) {
  for (std::size_t bit = 0; bit < 250; bit += 7) {
    Words difference{};
    difference[bit / 64] = std::uint64_t{1} << (bit % 64);
    const Scalar change = Scalar::from_words(difference);
    Attempt attempt = draw_attempt(43);
    attempt.inverse = attempt.inverse + change;
    EXPECT_ERROR(sign_with(attempt), Code::internal) << bit;
    attempt = draw_attempt(43);
    attempt.d = attempt.d + change;
    EXPECT_ERROR(sign_with(attempt), Code::internal) << bit;
    // Another k in the equation than in the commitment.
    attempt = draw_attempt(43);
    const auto commitment = internal::commit(attempt.k, internal::kPortableCurve);
    ASSERT_OK(commitment);
    EXPECT_ERROR(internal::complete({attempt.d, attempt.inverse}, attempt.e, attempt.k + change,
                                    *commitment),
                 Code::internal)
        << bit;
  }
}

TEST(Sm2Fault, ACommitmentToZeroIsNoCommitment) {
  EXPECT_ERROR(internal::commit(Scalar(), internal::kPortableCurve), Code::internal);
}

TEST(Sm2Verification, XIsComparedModuloTheOrderWithoutAnInversion) {
  SeededRandom random(44);
  for (int i = 0; i < 50; ++i) {
    const Scalar k = *Scalar::draw(random);
    const JacobianPoint point = internal::to_jacobian(mul_base(k));
    const Scalar x = mul_base(k).x_mod_n();
    EXPECT_TRUE(internal::has_x_vartime(point, x));
    EXPECT_FALSE(internal::has_x_vartime(point, x + Scalar::from_word(1)));
    EXPECT_FALSE(internal::has_x_vartime(point, -x));
  }
  // An x between n and p, of which x − n is what r is made of. No test will meet one by chance.
  const internal::Field x{internal::Field::from_plain(
      {0x53BBF40939D54128, 0x7203DF6B21C6052B, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFEFFFFFFFF})};
  const internal::Field z = internal::kFieldB;
  const JacobianPoint large{x * square(z), internal::Field::one(), z};
  EXPECT_TRUE(internal::has_x_vartime(large, Scalar::from_word(5)));
  EXPECT_FALSE(internal::has_x_vartime(large, Scalar::from_word(6)));
  const JacobianPoint small{internal::Field::from_plain({5}) * square(z), z, z};
  EXPECT_TRUE(internal::has_x_vartime(small, Scalar::from_word(5)));
}

TEST(Sm2VerifyingKey, DecidesLikeThePublicKeyItWasMadeOf) {
  SeededRandom random(45);
  for (int i = 0; i < 3; ++i) {
    const auto key = PrivateKey::generate(random), other = PrivateKey::generate(random);
    const VerifyingKey prepared = VerifyingKey::prepare(key->public_key()), copy = prepared;
    EXPECT_TRUE(prepared.public_key() == key->public_key());
    for (int j = 0; j < 10; ++j) {
      const base::Bytes message = *base::random_bytes(random, random.below(100) + 1);
      const auto signature = sign(*key, message, random);
      ASSERT_OK(signature);
      EXPECT_OK(verify(prepared, message, *signature));
      EXPECT_OK(verify(copy, message, *signature));
      const Scalar one = Scalar::from_word(1);
      EXPECT_ERROR(verify(prepared, message, *signature, "another id"), Code::invalid_signature);
      EXPECT_ERROR(verify(prepared, message, {signature->r + one, signature->s}),
                   Code::invalid_signature);
      EXPECT_ERROR(verify(prepared, message, {signature->r, signature->s + one}),
                   Code::invalid_signature);
      EXPECT_ERROR(verify(prepared, message, {signature->r, -signature->r}),
                   Code::invalid_signature);
      EXPECT_ERROR(verify(prepared, message, {Scalar(), signature->s}), Code::malformed);
      EXPECT_ERROR(verify(prepared, message, {signature->r, Scalar()}), Code::malformed);
      EXPECT_ERROR(verify(VerifyingKey::prepare(other->public_key()), message, *signature),
                   Code::invalid_signature);
    }
  }
}

// The point of a verification is infinity where s·G = −(r + s)·P.
TEST(Sm2VerifyingKey, InfinityIsNoSignature) {
  SeededRandom random(46);
  const auto key = PrivateKey::generate(random);
  const Scalar d = key->d().expose(), t = *Scalar::draw(random);
  const Scalar s = -(t * d), r = t - s;
  const Digest e = r.encode();
  EXPECT_ERROR(verify_digest(key->public_key(), e, {r, s}), Code::invalid_signature);
  EXPECT_ERROR(verify_digest(VerifyingKey::prepare(key->public_key()), e, {r, s}),
               Code::invalid_signature);
}

}  // namespace
}  // namespace heqi::crypto
