#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <heqi/crypto/curve.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include <functional>

namespace heqi {
namespace {

using crypto::Point;
using crypto::Scalar;
using testing::SeededRandom;

constexpr int kCases = 200;

struct PeerDeleter {
  void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
  void operator()(EC_POINT* point) const { EC_POINT_free(point); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(BN_CTX* context) const { BN_CTX_free(context); }
};
using Number = std::unique_ptr<BIGNUM, PeerDeleter>;

class OpensslCurve : public ::testing::Test {
 protected:
  Number number(const Scalar& scalar) const {
    return Number(BN_bin2bn(scalar.encode().data(), 32, nullptr));
  }
  // theirs is [a]G + [b]P.
  base::Bytes theirs(const Scalar& a, const Scalar& b, const Point& point) const {
    const std::unique_ptr<EC_POINT, PeerDeleter> in(EC_POINT_new(group_.get())),
        out(EC_POINT_new(group_.get()));
    if (point.is_infinity())
      EC_POINT_set_to_infinity(group_.get(), in.get());
    else
      EC_POINT_oct2point(group_.get(), in.get(), point.encode().data(), 65, context_.get());
    EC_POINT_mul(group_.get(), out.get(), number(a).get(), in.get(), number(b).get(),
                 context_.get());
    base::Bytes bytes(65, 0);
    if (!EC_POINT_is_at_infinity(group_.get(), out.get()))
      EC_POINT_point2oct(group_.get(), out.get(), POINT_CONVERSION_UNCOMPRESSED, bytes.data(), 65,
                         context_.get());
    return bytes;
  }
  // order_arithmetic computes one operation modulo n with OpenSSL.
  crypto::ScalarBytes modulo(const Scalar& a, const Scalar& b,
                             const std::function<void(BIGNUM*, const BIGNUM*, const BIGNUM*,
                                                      const BIGNUM*, BN_CTX*)>& operation) const {
    const Number out(BN_new());
    operation(out.get(), number(a).get(), number(b).get(), EC_GROUP_get0_order(group_.get()),
              context_.get());
    crypto::ScalarBytes bytes;
    BN_bn2binpad(out.get(), bytes.data(), 32);
    return bytes;
  }

  std::unique_ptr<EC_GROUP, PeerDeleter> group_{EC_GROUP_new_by_curve_name(NID_sm2)};
  std::unique_ptr<BN_CTX, PeerDeleter> context_{BN_CTX_new()};
};

// edges are the scalars at which carries and windows turn.
std::vector<Scalar> edges() {
  std::vector<Scalar> out = {Scalar(), -Scalar::from_word(1), -Scalar::from_word(2)};
  for (std::uint64_t small = 1; small <= 33; ++small) out.push_back(Scalar::from_word(small));
  Scalar power = Scalar::from_word(1);
  for (int i = 0; i < 256; ++i, power = power + power)
    if (i % 5 == 4 || i % 64 == 0 || i > 250) {
      out.push_back(power);
      out.push_back(power - Scalar::from_word(1));
      out.push_back(-power);
    }
  return out;
}

void expect_same(const Point& ours, const base::Bytes& theirs) {
  EXPECT_EQ(base::to_hex(ours.encode()), base::to_hex(theirs));
}

TEST_F(OpensslCurve, MultipliesTheSameAtTheEdges) {
  SeededRandom random(301);
  const Point point = crypto::mul_base(*Scalar::draw(random));
  for (const Scalar& k : edges()) {
    expect_same(crypto::mul_base(k), theirs(k, Scalar(), Point::generator()));
    expect_same(crypto::mul(k, point), theirs(Scalar(), k, point));
    expect_same(crypto::mul_add_vartime(k, k, point), theirs(k, k, point));
    // Sums that meet P + P, P − P and infinity on the way.
    expect_same(crypto::mul_add_vartime(k, k, Point::generator()),
                theirs(k, k, Point::generator()));
    expect_same(crypto::mul_add_vartime(k, -k, Point::generator()), base::Bytes(65, 0));
    expect_same(crypto::mul(k, Point::infinity()), base::Bytes(65, 0));
  }
}

TEST_F(OpensslCurve, MultipliesTheSameAtRandom) {
  SeededRandom random(302);
  for (int i = 0; i < kCases; ++i) {
    const Scalar a = *Scalar::draw(random), b = *Scalar::draw(random);
    const Point point = crypto::mul_base(*Scalar::draw(random));
    expect_same(crypto::mul_base(a), theirs(a, Scalar(), point));
    expect_same(crypto::mul(b, point), theirs(Scalar(), b, point));
    expect_same(crypto::mul_add_vartime(a, b, point), theirs(a, b, point));
    EXPECT_TRUE(equal_vartime(crypto::mul_base(a) + crypto::mul(b, point),
                              crypto::mul_add_vartime(a, b, point)));
  }
}

TEST_F(OpensslCurve, ComputesTheSameModuloTheOrder) {
  SeededRandom random(303);
  std::vector<Scalar> numbers = edges();
  for (int i = 0; i < kCases; ++i) numbers.push_back(*Scalar::draw(random));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const Scalar &a = numbers[i], &b = numbers[random.below(numbers.size())];
    EXPECT_EQ(
        (a + b).encode(),
        modulo(a, b, [](BIGNUM* r, const BIGNUM* x, const BIGNUM* y, const BIGNUM* n, BN_CTX* c) {
          BN_mod_add(r, x, y, n, c);
        }));
    EXPECT_EQ(
        (a - b).encode(),
        modulo(a, b, [](BIGNUM* r, const BIGNUM* x, const BIGNUM* y, const BIGNUM* n, BN_CTX* c) {
          BN_mod_sub(r, x, y, n, c);
        }));
    EXPECT_EQ(
        (a * b).encode(),
        modulo(a, b, [](BIGNUM* r, const BIGNUM* x, const BIGNUM* y, const BIGNUM* n, BN_CTX* c) {
          BN_mod_mul(r, x, y, n, c);
        }));
    if (a.is_zero())
      EXPECT_TRUE(a.inverse().is_zero());
    else
      EXPECT_EQ(
          a.inverse().encode(),
          modulo(a, a, [](BIGNUM* r, const BIGNUM* x, const BIGNUM*, const BIGNUM* n, BN_CTX* c) {
            BN_mod_inverse(r, x, n, c);
          }));
  }
}

TEST_F(OpensslCurve, ReducesLongNumbersTheSame) {
  SeededRandom random(304);
  for (int i = 0; i < kCases; ++i) {
    base::Bytes bytes = *base::random_bytes(random, 32 + random.below(33));
    if (i % 5 == 0) std::fill(bytes.begin(), bytes.end(), std::uint8_t(0xFF));
    const Number in(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
    const Number out(BN_new());
    BN_mod(out.get(), in.get(), EC_GROUP_get0_order(group_.get()), context_.get());
    crypto::ScalarBytes expected;
    BN_bn2binpad(out.get(), expected.data(), 32);
    EXPECT_EQ(Scalar::reduce(bytes).encode(), expected);
  }
}

}  // namespace
}  // namespace heqi
