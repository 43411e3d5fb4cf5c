#include <heqi/crypto/curve.h>

#include <algorithm>

#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::crypto {
namespace {

using base::Bytes;
using base::ByteView;
using base::Code;
using testing::hex;
using testing::ScriptedRandom;
using testing::SeededRandom;

constexpr std::string_view kOrder =
    "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
constexpr std::string_view kOrderPlusOne =
    "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54124";
constexpr std::string_view kPrime =
    "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff";

Point random_point(SeededRandom& random) {
  return mul_base(*Scalar::draw(random));
}

// shows-part: COS-sig-8 (a scalar from the peer is in 1…n−1; the exchange does the rest)
TEST(Scalar, OnlyOneToOrderMinusOneIsDecoded) {
  const Scalar last = -Scalar::from_word(1);
  EXPECT_OK(Scalar::decode(last.encode()));
  EXPECT_OK(Scalar::decode(Scalar::from_word(1).encode()));
  for (const Bytes& bad :
       {hex(kOrder), hex(kOrderPlusOne), Bytes(32, 0xFF), Bytes(32, 0), Bytes(31, 1), Bytes(33, 1),
        Bytes{}, base::concat({Bytes{0}, last.encode()})})
    EXPECT_ERROR(Scalar::decode(bad), Code::crypto_scalar_range) << base::to_hex(bad);
}

// shows-part: COS-d1-3 (the draw itself; the device stores it)
TEST(Scalar, ADrawOutsideTheRangeIsDrawnAgain) {
  const Bytes good(32, 0x11);
  ScriptedRandom random(base::concat({hex(kOrder), Bytes(32, 0), Bytes(32, 0xFF), good}));
  const auto drawn = Scalar::draw(random);
  ASSERT_OK(drawn);
  EXPECT_TRUE(base::same_bytes(drawn->encode(), good));
  ScriptedRandom broken(Bytes(32 * 20, 0xFF));
  EXPECT_ERROR(Scalar::draw(broken), Code::crypto_random_failed);
  ScriptedRandom empty({});
  EXPECT_ERROR(Scalar::draw(empty), Code::crypto_random_failed);
}

TEST(Scalar, TheFieldsLawsHold) {
  SeededRandom random(21);
  const Scalar one = Scalar::from_word(1);
  for (int i = 0; i < 200; ++i) {
    const Scalar a = *Scalar::draw(random), b = *Scalar::draw(random), c = *Scalar::draw(random);
    EXPECT_TRUE(equal_vartime(a * (b + c), a * b + a * c));
    EXPECT_TRUE(equal_vartime(a * a.inverse(), one));
    EXPECT_TRUE((a + -a).is_zero());
    EXPECT_TRUE(equal_vartime(a - b, -(b - a)));
    EXPECT_TRUE(equal_vartime(Scalar::reduce(a.encode()), a));
  }
  EXPECT_TRUE(Scalar().inverse().is_zero());
  EXPECT_TRUE((-Scalar()).is_zero());
}

// shows-part: COS-sig-8 (a point from the peer is on the curve and not O; the exchange does the
// rest)
TEST(Point, OnlyPointsOfTheCurveAreDecoded) {
  SeededRandom random(22);
  for (int i = 0; i < 50; ++i) {
    const PointBytes good = random_point(random).encode();
    EXPECT_OK(Point::decode(good));
    PointBytes off = good;
    off[33 + random.below(32)] ^= static_cast<std::uint8_t>(1 << random.below(8));
    EXPECT_ERROR(Point::decode(off), Code::crypto_not_on_curve);
    PointBytes swapped = good;
    std::rotate(swapped.begin() + 1, swapped.begin() + 33, swapped.end());
    EXPECT_ERROR(Point::decode(swapped), Code::crypto_not_on_curve);
    for (const int tag : {0, 1, 2, 3, 5, 6, 7}) {
      PointBytes tagged = good;
      tagged[0] = static_cast<std::uint8_t>(tag);
      EXPECT_ERROR(Point::decode(tagged), Code::crypto_not_on_curve);
    }
    EXPECT_ERROR(Point::decode(ByteView(good).first(64)), Code::crypto_not_on_curve);
  }
  EXPECT_ERROR(Point::decode(Bytes{}), Code::crypto_not_on_curve);
  EXPECT_ERROR(Point::decode(Bytes{0}), Code::crypto_not_on_curve);
  EXPECT_ERROR(Point::decode(Bytes(65, 0)), Code::crypto_not_on_curve);
  EXPECT_ERROR(Point::decode(base::concat({Bytes{4}, Bytes(64, 0)})), Code::crypto_not_on_curve);
  // A coordinate of p or more would name a point twice.
  EXPECT_ERROR(Point::decode(base::concat({Bytes{4}, hex(kPrime), Bytes(32, 1)})),
               Code::crypto_not_on_curve);
  EXPECT_ERROR(Point::decode(base::concat({Bytes{4}, Bytes(32, 0xFF), Bytes(32, 0xFF)})),
               Code::crypto_not_on_curve);
}

TEST(Point, APointOfATwistOrOfAnotherCurveIsRefused) {
  // y = 0 belongs to no point of a curve of prime order; this is a point of order two elsewhere.
  EXPECT_ERROR(Point::decode(base::concat({Bytes{4}, Bytes(32, 2), Bytes(32, 0)})),
               Code::crypto_not_on_curve);
  // The base point of NIST P-256: same size, other curve.
  EXPECT_ERROR(
      Point::decode(hex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
                        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")),
      Code::crypto_not_on_curve);
}

TEST(Point, TheCompressedFormGivesThePointBackOrIsRefused) {
  SeededRandom random(23);
  int refused = 0;
  for (int i = 0; i < 50; ++i) {
    const Point point = random_point(random);
    const PointBytes whole = point.encode();
    Bytes compressed(33, static_cast<std::uint8_t>(2 + (whole[64] & 1)));
    std::copy_n(whole.begin() + 1, 32, compressed.begin() + 1);
    const auto decoded = Point::decode(compressed);
    ASSERT_OK(decoded);
    EXPECT_TRUE(equal_vartime(*decoded, point));
    compressed[0] ^= 1;
    EXPECT_TRUE(equal_vartime(*Point::decode(compressed), -point));
    const Bytes any = base::concat({Bytes{2}, *base::random_bytes(random, 32)});
    if (!Point::decode(any)) ++refused;
  }
  EXPECT_GT(refused, 10) << "half of all x belong to no point";
  EXPECT_ERROR(Point::decode(base::concat({Bytes{2}, Bytes(32, 0xFF)})), Code::crypto_not_on_curve);
}

TEST(Point, AdditionHasNoExceptionalCase) {
  SeededRandom random(24);
  const Point infinity;
  EXPECT_TRUE(infinity.is_infinity());
  EXPECT_TRUE((infinity + infinity).is_infinity());
  EXPECT_TRUE(equal_vartime(-infinity, infinity));
  EXPECT_EQ(infinity.encode(), PointBytes{});
  for (int i = 0; i < 50; ++i) {
    const Point p = random_point(random), q = random_point(random), r = random_point(random);
    EXPECT_TRUE(equal_vartime(p + infinity, p));
    EXPECT_TRUE(equal_vartime(infinity + p, p));
    EXPECT_TRUE((p + -p).is_infinity());
    EXPECT_TRUE(equal_vartime(p + p, mul(Scalar::from_word(2), p)));
    EXPECT_TRUE(equal_vartime(p + q, q + p));
    EXPECT_TRUE(equal_vartime((p + q) + r, p + (q + r)));
    EXPECT_FALSE(equal_vartime(p, q));
    EXPECT_FALSE(equal_vartime(p, infinity));
    EXPECT_FALSE(equal_vartime(p, -p));
  }
}

TEST(Point, ZeroOneAndOrderMinusOneMultiplyAsTheyShould) {
  SeededRandom random(25);
  const Point p = random_point(random);
  const Scalar zero, one = Scalar::from_word(1), last = -one;
  EXPECT_TRUE(mul_base(zero).is_infinity());
  EXPECT_TRUE(mul(zero, p).is_infinity());
  EXPECT_TRUE(mul_add_vartime(zero, zero, p).is_infinity());
  EXPECT_TRUE(equal_vartime(mul_base(one), Point::generator()));
  EXPECT_TRUE(equal_vartime(mul(one, p), p));
  EXPECT_TRUE(equal_vartime(mul_base(last), -Point::generator()));
  EXPECT_TRUE(equal_vartime(mul(last, p), -p));
  EXPECT_TRUE((mul(last, p) + p).is_infinity());
  EXPECT_TRUE(equal_vartime(mul_add_vartime(one, last, p), Point::generator() + -p));
  EXPECT_TRUE(mul_add_vartime(one, one, Point::infinity()).encode() == Point::generator().encode());
}

}  // namespace
}  // namespace heqi::crypto
