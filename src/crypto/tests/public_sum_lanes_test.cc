#include <heqi/crypto/curve_batch.h>
#include <heqi/crypto/dispatch.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "public_sum_lanes.h"
#include "sm2_batch_kernel.h"

namespace heqi::crypto::internal {
namespace {

using testing::SeededRandom;

Scalar short_scalar(SeededRandom& random) {
  std::array<std::uint8_t, kScalarSize> bytes{};
  EXPECT_OK(random.fill(base::MutableByteView(bytes).last(16)));
  return Scalar::reduce(bytes);
}

// one_by_one is the sum by multiplications that are no sums.
Point one_by_one(const Scalar& base, std::span<const Term> terms) {
  Point out = mul_base(base);
  for (const Term& term : terms) out = out + mul_vartime(term.k, *term.p);
  return out;
}

class PublicSumInLanes : public ::testing::Test {
 protected:
  void SetUp() override {
    if (sm2_batch_kernel().sum_vartime == nullptr)
      GTEST_SKIP() << "this processor has no AVX-512 IFMA, so sums in lanes are not tested here; "
                      "run on one that has (Intel Ice Lake, AMD Zen 4 or later)";
  }

  Point point() { return mul_base(*Scalar::draw(random_)); }
  Scalar scalar() { return *Scalar::draw(random_); }

  SeededRandom random_{7};
};

TEST_F(PublicSumInLanes, IsTheSumOfItsTermsForEachNumberOfLongAndShortOnes) {
  for (std::size_t count = 0; count < 27; ++count) {
    std::vector<Point> points;
    for (std::size_t i = 0; i < count; ++i) points.push_back(point());
    std::vector<Term> terms;
    for (std::size_t i = 0; i < count; ++i)
      terms.push_back({i % 3 == 0 ? short_scalar(random_) : scalar(), &points[i]});
    const Scalar base = scalar();
    const std::optional<Point> sum = sum_in_lanes(base, terms);
    ASSERT_TRUE(sum) << count;
    EXPECT_TRUE(equal_vartime(*sum, one_by_one(base, terms))) << count;
  }
}

TEST_F(PublicSumInLanes, TakesEveryScalar) {
  const Scalar one = Scalar::from_word(1);
  Scalar border = one;  // 2^132
  for (int i = 0; i < 132; ++i) border = border + border;
  const std::vector<Scalar> edges = {Scalar(), one,          one + one,    -one,    -(one + one),
                                     border,   border - one, border + one, -border, -border - one};
  for (const Scalar& base : {Scalar(), one, scalar()})
    for (std::size_t rotation = 0; rotation < edges.size(); ++rotation) {
      std::vector<Point> points;
      for (std::size_t i = 0; i < edges.size(); ++i) points.push_back(point());
      std::vector<Term> terms;
      for (std::size_t i = 0; i < edges.size(); ++i)
        terms.push_back({edges[(i + rotation) % edges.size()], &points[i]});
      EXPECT_TRUE(equal_vartime(mul_sum_vartime(base, terms), one_by_one(base, terms)));
    }
}

TEST_F(PublicSumInLanes, TakesPointsInAnyFormAndInfinity) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < 12; ++i)
    points.push_back(i % 4 == 3 ? Point::infinity() : point() + point());
  std::vector<Term> terms;
  for (const Point& p : points) terms.push_back({scalar(), &p});
  EXPECT_TRUE(equal_vartime(mul_sum_vartime(Scalar(), terms), one_by_one(Scalar(), terms)));
}

// Terms of one point and one scalar meet in a lane, where the formulas of the lanes do not hold: as
// equals, which would have to be doubled, or as opposites, which end at infinity.
// shows-part: COS-sig-8 (no choice of points makes a check in lanes wrong)
TEST_F(PublicSumInLanes, LeavesEqualAndOppositePointsToCompleteFormulas) {
  const Point p = point(), minus_p = -p;
  const Scalar k = scalar();
  for (const bool opposite : {false, true}) {
    std::vector<Term> terms;
    for (std::size_t i = 0; i < 17; ++i) terms.push_back({k, opposite && i >= 8 ? &minus_p : &p});
    EXPECT_FALSE(sum_in_lanes(Scalar(), terms)) << opposite;
    EXPECT_TRUE(equal_vartime(mul_sum_vartime(Scalar(), terms), one_by_one(Scalar(), terms)))
        << opposite;
  }
}

TEST_F(PublicSumInLanes, ThatIsInfinityIsToldFromOneThatIsNot) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < 20; ++i) points.push_back(point());
  std::vector<Term> terms;
  for (std::size_t i = 0; i < 20; ++i) terms.push_back({scalar(), &points[i]});
  const Point rest = -one_by_one(Scalar(), terms);
  terms.push_back({Scalar::from_word(1), &rest});
  EXPECT_TRUE(mul_sum_vartime(Scalar(), terms).is_infinity());
  EXPECT_FALSE(mul_sum_vartime(Scalar::from_word(1), terms).is_infinity());
  terms[13].k = terms[13].k + Scalar::from_word(1);
  EXPECT_FALSE(mul_sum_vartime(Scalar(), terms).is_infinity());
}

}  // namespace
}  // namespace heqi::crypto::internal
