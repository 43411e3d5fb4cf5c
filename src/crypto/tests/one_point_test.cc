#include <heqi/crypto/curve_batch.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "plain_numbers.h"

namespace heqi::crypto {
namespace {

using testing::SeededRandom;

void expect_multiples(const Point& p, std::span<const Scalar> scalars) {
  const base::Result<std::vector<Point>> products = mul_one_batch(p, scalars);
  ASSERT_OK(products);
  ASSERT_EQ(products->size(), scalars.size());
  for (std::size_t i = 0; i < scalars.size(); ++i)
    EXPECT_TRUE(equal_vartime((*products)[i], mul(scalars[i], p))) << i;
}

TEST(MultiplesOfOnePoint, AreThoseOfSingleMultiplicationsForEachNumberOfScalars) {
  SeededRandom random(1);
  for (const std::size_t count : {0, 1, 11, 12, 13, 32, 33, 70}) {
    std::vector<Scalar> scalars;
    for (std::size_t i = 0; i < count; ++i) scalars.push_back(*Scalar::draw(random));
    const Point p = mul_base(*Scalar::draw(random));
    expect_multiples(p, scalars);
    expect_multiples(p + p, scalars);
  }
}

TEST(MultiplesOfOnePoint, OfInfinityAreInfinity) {
  const std::vector<Scalar> scalars(20, Scalar::from_word(7));
  expect_multiples(Point::infinity(), scalars);
}

// Sums of few digits at the places where the tables begin, and what they leave of n: there equal
// points can meet.
TEST(MultiplesOfOnePoint, TakeScalarsAtWhichEqualPointsMeet) {
  SeededRandom random(2);
  const Point p = mul_base(*Scalar::draw(random));
  std::vector<Scalar> scalars = {Scalar(), Scalar::from_word(1), -Scalar::from_word(1)};
  Scalar place = Scalar::from_word(1);
  for (unsigned j = 0; j < internal::kSpacedPoints; ++j) {
    for (const std::uint64_t digit : {1, 2, 31, 32, 62}) {
      const Scalar k = place * Scalar::from_word(digit);
      for (const Scalar& one : {k, -k, k + Scalar::from_word(1), -k - Scalar::from_word(1),
                                k - Scalar::from_word(1), Scalar::from_word(1) - k})
        scalars.push_back(one);
    }
    place = place * Scalar::from_word(std::uint64_t(1) << internal::kSpacing);
  }
  expect_multiples(p, scalars);
}

// shows-part: COS-sig-8 (a fault in a multiplication is seen)
TEST(MultiplesOfOnePoint, ThatLanesCannotMakeAreSaidToBeOfNoUse) {
  const internal::Sm2BatchKernel& kernel = internal::sm2_batch_kernel();
  if (kernel.multiply_one == nullptr)
    GTEST_SKIP() << "this processor has no AVX-512 IFMA, so its path is not tested here; run on "
                    "one that has (Intel Ice Lake, AMD Zen 4 or later)";
  internal::PlainPoints spaced(internal::kSpacedPoints), out(9);
  Point p = Point::generator();
  for (unsigned j = 0; j < internal::kSpacedPoints; ++j) {
    internal::put_vartime(spaced[j], p);
    for (unsigned i = 0; i < internal::kSpacing; ++i) p = p + p;
  }
  internal::PlainScalars k(9);
  for (std::size_t i = 0; i < 9; ++i) internal::put(k[i], Scalar::from_word(100 + i));
  EXPECT_TRUE(kernel.multiply_one(k.data(), 9, spaced.data(), out.data()));
  internal::put(k[8], Scalar());
  EXPECT_FALSE(kernel.multiply_one(k.data(), 9, spaced.data(), out.data()));
  internal::put(k[8], Scalar::from_word(1));
  EXPECT_TRUE(kernel.multiply_one(k.data(), 9, spaced.data(), out.data()));
  spaced[3].x[0] ^=
      1;  // a point that is not on the curve: as a fault of the machine would leave it
  EXPECT_FALSE(kernel.multiply_one(k.data(), 9, spaced.data(), out.data()));
}

TEST(AffineForm, OfManyPointsIsThatOfEachAndInfinityStaysInfinity) {
  SeededRandom random(3);
  std::vector<Point> points;
  for (std::size_t i = 0; i < 9; ++i) {
    const Point p = mul_base(*Scalar::draw(random));
    points.push_back(i % 4 == 1 ? Point::infinity() : i % 4 == 2 ? p : p + p);
  }
  std::vector<Point> affine = points;
  make_affine(affine);
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(affine[i].is_infinity(), points[i].is_infinity());
    EXPECT_TRUE(equal_vartime(affine[i], points[i]));
    if (points[i].is_infinity()) continue;
    EXPECT_EQ(internal::from_point(affine[i]).z.words, internal::kPrimeOne);
  }
}

}  // namespace
}  // namespace heqi::crypto
