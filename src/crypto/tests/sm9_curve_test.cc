// The field, the tower, the groups and the pairing of SM9. The oracle of the field multiplies by
// hand and reduces by subtracting: no Montgomery form, no code of the product.
#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/sm9_curve.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/testing/vectors.h>

#include "sm9/kernel.h"
#include "sm9/path_portable.h"

namespace heqi::crypto::sm9 {
namespace {

using base::Bytes;
using base::Code;
using internal::kOrder;
using internal::kPrime;
using internal::Words;
using testing::SeededRandom;

// Oracle: numbers of 32-bit digits, the product digit by digit, the remainder bit by bit.
using Digits = std::array<std::uint32_t, 17>;

bool is_below(const Digits& a, const Digits& b) {
  for (std::size_t i = a.size(); i-- > 0;)
    if (a[i] != b[i]) return a[i] < b[i];
  return false;
}
Digits digits_of(const Words& words) {
  Digits out{};
  for (std::size_t i = 0; i < 8; ++i)
    out[i] = static_cast<std::uint32_t>(words[i / 2] >> (32 * (i % 2)));
  return out;
}
Words words_of(const Digits& digits) {
  Words out{};
  for (std::size_t i = 0; i < 8; ++i) out[i / 2] |= std::uint64_t(digits[i]) << (32 * (i % 2));
  return out;
}
Digits remainder(const Digits& number, const Words& modulus) {
  const Digits divisor = digits_of(modulus);
  Digits rest{};
  for (std::size_t bit = 32 * number.size(); bit-- > 0;) {
    std::uint32_t carry = number[bit / 32] >> (bit % 32) & 1;
    for (std::uint32_t& digit : rest) {
      const std::uint32_t next = digit >> 31;
      digit = digit << 1 | carry;
      carry = next;
    }
    if (is_below(rest, divisor)) continue;
    std::int64_t borrow = 0;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      const std::int64_t difference = std::int64_t(rest[i]) - divisor[i] + borrow;
      rest[i] = static_cast<std::uint32_t>(difference);
      borrow = difference < 0 ? -1 : 0;
    }
  }
  return rest;
}
Words oracle_multiply(const Words& a, const Words& b, const Words& modulus = kPrime) {
  const Digits x = digits_of(a), y = digits_of(b);
  Digits product{};
  for (std::size_t i = 0; i < 8; ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < 9; ++j) {
      const std::uint64_t sum = std::uint64_t(x[i]) * y[j] + product[i + j] + carry;
      product[i + j] = static_cast<std::uint32_t>(sum);
      carry = sum >> 32;
    }
  }
  return words_of(remainder(product, modulus));
}
Words oracle_add(const Words& a, const Words& b) {
  Digits sum = digits_of(a);
  const Digits y = digits_of(b);
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    carry += std::uint64_t(sum[i]) + y[i];
    sum[i] = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
  return words_of(remainder(sum, kPrime));
}

// EdgeNumbers draws numbers below p, half of their words from the places where carries start.
class EdgeNumbers {
 public:
  explicit EdgeNumbers(std::uint64_t seed) : random_(seed) {}
  Words next() {
    Words out;
    do {
      for (std::size_t i = 0; i < 4; ++i) {
        const std::uint64_t edges[] = {
            0, 1, ~std::uint64_t(0), kPrime[i], kPrime[i] - 1, kPrime[i] + 1};
        out[i] = random_.below(2) == 0 ? edges[random_.below(6)] : random_.next();
      }
    } while (!is_below(digits_of(out), digits_of(kPrime)));
    return out;
  }

 private:
  SeededRandom random_;
};

// Paths runs what follows on each path of SM9 that this processor has, and then on the first again.
class Sm9Paths : public ::testing::Test {
 protected:
  static std::vector<std::string_view> names() {
    for (const PrimitivePath& primitive : primitive_paths())
      if (primitive.primitive == "sm9") return primitive.runnable;
    return {};
  }
  void SetUp() override { ASSERT_FALSE(names().empty()); }
  void TearDown() override { EXPECT_OK(choose_path("sm9", names().front())); }
  static const internal::Kernel& take(std::string_view name) {
    EXPECT_OK(choose_path("sm9", name));
    EXPECT_EQ(internal::kernels().kernel().path, name);
    return internal::kernels().kernel();
  }
};

using Sm9Field = Sm9Paths;

TEST_F(Sm9Field, EveryPathAgreesWithSchoolbookArithmeticAtTheEdgesAndInChains) {
  const Words radix = words_of(remainder(
      [] {
        Digits power{};
        power[8] = 1;  // 2^256
        return power;
      }(),
      kPrime));
  for (const std::string_view name : names()) {
    const internal::Kernel& kernel = take(name);
    EdgeNumbers numbers(91);
    Words last = numbers.next();
    for (int i = 0; i < 3000; ++i) {
      const Words a = i % 3 == 0 ? last : numbers.next(), b = numbers.next();
      Words product, sum, difference;
      kernel.multiply(product, a, b);
      kernel.add(sum, a, b);
      kernel.subtract(difference, a, b);
      ASSERT_EQ(oracle_multiply(product, radix), oracle_multiply(a, b)) << name << " " << i;
      ASSERT_TRUE(is_below(digits_of(product), digits_of(kPrime)));
      ASSERT_EQ(sum, oracle_add(a, b)) << name << " " << i;
      ASSERT_EQ(oracle_add(difference, b), a) << name << " " << i;
      last = product;
    }
  }
}

TEST_F(Sm9Field, ThePathsAgreeOnLongChainsOfProducts) {
  std::vector<Words> ends;
  for (const std::string_view name : names()) {
    const internal::Kernel& kernel = take(name);
    EdgeNumbers numbers(92);
    Words a = numbers.next();
    for (int i = 0; i < 100'000; ++i) {
      kernel.multiply(a, a, i % 16 == 0 ? numbers.next() : a);
      kernel.subtract(a, a, kPrime == a ? Words{} : Words{static_cast<std::uint64_t>(i), 0, 0, 0});
    }
    ends.push_back(a);
  }
  for (const Words& end : ends) EXPECT_EQ(end, ends.front());
}

// A factor that is not below p may come first: numbers are read that way.
TEST_F(Sm9Field, TheFirstFactorMayBeAnyNumber) {
  const Words all = {~0ull, ~0ull, ~0ull, ~0ull};
  const Words reduced = words_of(remainder(digits_of(all), kPrime));
  EdgeNumbers numbers(93);
  for (const std::string_view name : names()) {
    const internal::Kernel& kernel = take(name);
    for (int i = 0; i < 200; ++i) {
      const Words b = numbers.next();
      Words from_all, from_reduced;
      kernel.multiply(from_all, all, b);
      kernel.multiply(from_reduced, reduced, b);
      EXPECT_EQ(from_all, from_reduced);
    }
  }
}

TEST(Sm9Scalar, ArithmeticAgreesWithSchoolbook) {
  SeededRandom random(94);
  for (int i = 0; i < 300; ++i) {
    const Scalar a = *Scalar::draw(random), b = *Scalar::draw(random);
    EXPECT_EQ((a * b).words(), oracle_multiply(a.words(), b.words(), kOrder));
    EXPECT_TRUE(equal_vartime(a * a.inverse(), Scalar::from_word(1)));
    EXPECT_TRUE(equal_vartime(a - b + b, a));
    EXPECT_TRUE((a - a).is_zero());
  }
  EXPECT_TRUE(Scalar().inverse().is_zero());
}

TEST(Sm9Scalar, AHashIsReducedModuloOneLessAndRaisedByOne) {
  Words less_one = kOrder;
  less_one[0] -= 1;
  SeededRandom random(95);
  for (int i = 0; i < 300; ++i) {
    Bytes bytes = *base::random_bytes(random, 40);
    if (i == 0) bytes.assign(40, 0xFF);
    if (i == 1) bytes.assign(40, 0);
    Digits number{};
    for (std::size_t j = 0; j < 40; ++j)
      number[j / 4] |= std::uint32_t(bytes[39 - j]) << (8 * (j % 4));
    Words expected = words_of(remainder(number, less_one));
    for (std::size_t j = 0; j < 4 && ++expected[j] == 0; ++j) {
    }
    const Scalar scalar = Scalar::from_hash(std::span<const std::uint8_t, 40>(bytes.data(), 40));
    EXPECT_EQ(scalar.words(), expected);
  }
}

TEST(Sm9Scalar, WhatIsOutsideItsRangeIsRefused) {
  ScalarBytes order;
  crypto::internal::store_words(order.data(), kOrder);
  EXPECT_ERROR(Scalar::decode(order), Code::crypto_scalar_range);
  EXPECT_ERROR(Scalar::decode(Bytes(32, 0)), Code::crypto_scalar_range);
  EXPECT_ERROR(Scalar::decode(Bytes(32, 0xFF)), Code::crypto_scalar_range);
  EXPECT_ERROR(Scalar::decode(Bytes(31, 1)), Code::crypto_scalar_range);
  EXPECT_ERROR(Scalar::decode(Bytes(33, 1)), Code::crypto_scalar_range);
  order.back() ^= 1;  // N is odd: this is N − 1
  EXPECT_OK(Scalar::decode(order));
  testing::ScriptedRandom broken(Bytes(32 * 128, 0xFF));
  EXPECT_ERROR(Scalar::draw(broken), Code::crypto_random_failed);
}

using NumberOfGt = internal::Fp12<internal::Portable>;
NumberOfGt some_number(EdgeNumbers& numbers) {
  NumberOfGt out;
  for (auto* part : {&out.a, &out.b, &out.c})
    for (auto* pair : {&part->low, &part->high}) {
      pair->low = {numbers.next()};
      pair->high = {numbers.next()};
    }
  return out;
}
Gt::Words words_of(const NumberOfGt& number) {
  return internal::convert<Gt::Words>(number);
}

TEST(Sm9Tower, SquareInverseAndFrobeniusAreWhatTheirNamesSay) {
  EdgeNumbers numbers(96);
  for (int i = 0; i < 20; ++i) {
    const NumberOfGt x = some_number(numbers), y = some_number(numbers), z = some_number(numbers);
    EXPECT_EQ(words_of(square(x)), words_of(x * x));
    EXPECT_EQ(words_of(x * inverse(x)), words_of(NumberOfGt::one()));
    EXPECT_EQ(words_of((x * y) * z), words_of(x * (y * z)));
    EXPECT_EQ(words_of(frobenius(x * y)), words_of(frobenius(x) * frobenius(y)));
    EXPECT_EQ(words_of(frobenius(x)),
              words_of(crypto::internal::power(x, kPrime, NumberOfGt::one())));
    NumberOfGt turned = x;
    for (int j = 0; j < 6; ++j) turned = frobenius(turned);
    EXPECT_EQ(words_of(turned), words_of(conjugate(x)));
  }
}

TEST(Sm9Tower, TheGeneratorsOfTheTowerSatisfyTheirEquations) {
  using Pair = internal::Fp2<internal::Portable>;
  NumberOfGt u{}, v{}, w{};
  u.a.low = {{}, Pair::one().low};
  v.a.high = Pair::one();
  w.b.low = Pair::one();
  const NumberOfGt one = NumberOfGt::one();
  NumberOfGt minus_two{};
  minus_two.a.low = -(Pair::one() + Pair::one());
  EXPECT_EQ(words_of(u * u), words_of(minus_two));
  EXPECT_EQ(words_of(v * v), words_of(u));
  EXPECT_EQ(words_of(w * w * w), words_of(v));
  EXPECT_EQ(words_of(u * one), words_of(u));
}

TEST(Sm9Tower, TheFinalExponentiationLeavesAnElementOfOrderN) {
  EdgeNumbers numbers(97);
  for (int i = 0; i < 5; ++i) {
    const NumberOfGt x = some_number(numbers), y = some_number(numbers);
    const NumberOfGt fx = final_exponentiation(x), fy = final_exponentiation(y);
    EXPECT_EQ(words_of(final_exponentiation(x * y)), words_of(fx * fy));
    EXPECT_EQ(words_of(crypto::internal::power(fx, kOrder, NumberOfGt::one())),
              words_of(NumberOfGt::one()));
    EXPECT_EQ(words_of(square_unitary(fx)), words_of(square(fx)));
    EXPECT_EQ(words_of(conjugate(fx) * fx), words_of(NumberOfGt::one()));
  }
}

using Sm9Pairing = Sm9Paths;

TEST_F(Sm9Pairing, TheStandardsValuesComeOutOnEveryPath) {
  for (const std::string_view name : names()) {
    take(name);
    for (const auto& vector : testing::read_vectors(HEQI_VECTORS, "sm9/pairing.vec")) {
      const auto p = G1::decode(vector.bytes("p"));
      const auto q = G2::decode(vector.bytes("q"));
      const auto k = Scalar::decode(vector.bytes("power"));
      ASSERT_OK(p);
      ASSERT_OK(q);
      ASSERT_OK(k);
      const Gt value = pair(*p, *q);
      EXPECT_EQ(base::to_hex(power(*k, value).encode()), vector.text("value")) << name;
      EXPECT_EQ(base::to_hex(GtPowers(value).power(*k).encode()), vector.text("value")) << name;
      EXPECT_EQ(base::to_hex(p->encode()), vector.text("p"));
      EXPECT_EQ(base::to_hex(q->encode()), vector.text("q"));
    }
  }
}

TEST_F(Sm9Pairing, ItIsBilinearAndNotDegenerateOnEveryPath) {
  for (const std::string_view name : names()) {
    take(name);
    SeededRandom random(98);
    const Gt g = pair(G1::generator(), G2::generator());
    EXPECT_FALSE(equal_vartime(g, Gt()));
    for (int i = 0; i < 3; ++i) {
      const Scalar a = *Scalar::draw(random), b = *Scalar::draw(random);
      const G1 p = mul(a, G1::generator());
      const G2 q = mul(b, G2::generator());
      const Gt value = pair(p, q);
      EXPECT_TRUE(equal_vartime(value, power(a * b, g)));
      EXPECT_TRUE(equal_vartime(value, power(a, power(b, g))));
      EXPECT_TRUE(equal_vartime(value, GtPowers(g).power(a * b)));
      EXPECT_TRUE(equal_vartime(pair(-p, q), value.inverse()));
      EXPECT_TRUE(equal_vartime(pair(p, -q), value.inverse()));
      EXPECT_TRUE(equal_vartime(pair(p + G1::generator(), q),
                                value * pair(G1::generator(), PreparedG2(q))));
      EXPECT_TRUE(equal_vartime(pair(p, q + G2::generator()), value * pair(p, G2::generator())));
      EXPECT_FALSE(equal_vartime(value, pair(p, q + G2::generator())));
    }
    EXPECT_TRUE(equal_vartime(pair(G1(), G2::generator()), Gt()));
    EXPECT_TRUE(equal_vartime(pair(G1::generator(), G2()), Gt()));
    EXPECT_TRUE(equal_vartime(pair(G1(), G2()), Gt()));
  }
}

TEST_F(Sm9Pairing, ThePathsAgreeOnEveryOperation) {
  std::vector<std::string> results;
  for (const std::string_view name : names()) {
    take(name);
    SeededRandom random(99);
    std::string all;
    for (int i = 0; i < 5; ++i) {
      const Scalar k = *Scalar::draw(random), m = *Scalar::draw(random);
      const G1 p = mul(k, mul(m, G1::generator()));
      const G2 q = mul(m, mul(k, G2::generator()));
      const Gt e = pair(p, q);
      all += base::to_hex(p.encode()) + base::to_hex(q.encode()) + base::to_hex(e.encode()) +
             base::to_hex((power(k, e) * GtPowers(e).power(m)).encode());
    }
    results.push_back(all);
  }
  for (const std::string& result : results) EXPECT_EQ(result, results.front());
}

TEST(Sm9Groups, AdditionIsThatOfAGroupWithoutExceptions) {
  SeededRandom random(100);
  const G1 p = mul(*Scalar::draw(random), G1::generator());
  const G2 q = mul(*Scalar::draw(random), G2::generator());
  EXPECT_TRUE(equal_vartime(p + G1(), p));
  EXPECT_TRUE((p + -p).is_infinity());
  EXPECT_TRUE(equal_vartime(p + p, mul(Scalar::from_word(2), p)));
  EXPECT_TRUE(equal_vartime(q + G2(), q));
  EXPECT_TRUE((q + -q).is_infinity());
  EXPECT_TRUE(equal_vartime(q + q, mul(Scalar::from_word(2), q)));
  EXPECT_TRUE(mul(Scalar(), p).is_infinity());
  EXPECT_TRUE(mul(Scalar(), q).is_infinity());
  const Scalar minus_one = Scalar() - Scalar::from_word(1);
  EXPECT_TRUE(equal_vartime(mul(minus_one, p), -p));
  EXPECT_TRUE(equal_vartime(mul(minus_one, q), -q));
  EXPECT_FALSE(equal_vartime(p, -p));
  EXPECT_FALSE(equal_vartime(p, G1()));
  G1 sum;
  for (std::uint64_t k = 1; k <= 40; ++k) {
    sum = sum + p;
    EXPECT_TRUE(equal_vartime(mul(Scalar::from_word(k), p), sum)) << k;
  }
}

TEST(Sm9Groups, PointsThatAreNotInTheirGroupAreRefused) {
  const G1Bytes good = G1::generator().encode();
  EXPECT_OK(G1::decode(good));
  for (std::size_t i = 1; i < kG1Size; i += 7) {
    G1Bytes bad = good;
    bad[i] ^= 0x10;
    EXPECT_ERROR(G1::decode(bad), Code::crypto_not_on_curve) << i;
  }
  for (const int first : {0, 2, 3, 6, 7}) {
    G1Bytes bad = good;
    bad[0] = static_cast<std::uint8_t>(first);
    EXPECT_ERROR(G1::decode(bad), Code::malformed);
  }
  EXPECT_ERROR(G1::decode({}), Code::malformed);
  EXPECT_ERROR(G1::decode(base::ByteView(good).first(64)), Code::malformed);
  EXPECT_ERROR(G1::decode(base::concat({good, Bytes{0}})), Code::malformed);
  EXPECT_ERROR(G1::decode(G1().encode()), Code::crypto_not_on_curve) << "infinity";
  EXPECT_ERROR(G2::decode(G2().encode()), Code::crypto_not_on_curve) << "infinity";
  EXPECT_ERROR(G2::decode(good), Code::malformed);
}

// A coordinate that is p too large names the same number, and is refused nevertheless.
TEST(Sm9Groups, CoordinatesFromPUpAreRefused) {
  // x = 0 has y² = 5 on no point; look for a small x on the curve, whose x + p fits 256 bits.
  using Number = internal::Fp<internal::Portable>;
  SeededRandom random(101);
  for (int i = 0; i < 2000; ++i) {
    const G1 point = mul(Scalar::from_word(static_cast<std::uint64_t>(i) + 1), G1::generator());
    G1Bytes bytes = point.encode();
    Words x = crypto::internal::load_words(bytes.data() + 1);
    std::uint64_t carry = 0;
    const Words raised = crypto::internal::add(x, kPrime, carry);
    if (carry != 0) continue;
    crypto::internal::store_words(bytes.data() + 1, raised);
    EXPECT_ERROR(G1::decode(bytes), Code::crypto_not_on_curve);
    // The same bytes without the check of the range would be on the curve.
    const Number read = Number::from_plain(raised);
    EXPECT_EQ(read.to_plain(), x);
    return;
  }
  FAIL() << "no such point was found";
}

// The twist has (2p − N)·N points: most of them are not in the group.
TEST(Sm9Groups, APointOfTheTwistOutsideTheGroupIsRefused) {
  for (const auto& vector : testing::read_vectors(HEQI_VECTORS, "sm9/outside.vec")) {
    const Bytes bytes = vector.bytes("point");
    using Pair = internal::Fp2<internal::Portable>;
    const auto at = [&](std::size_t i) {
      return Pair::from_plain({crypto::internal::load_words(bytes.data() + i + 32),
                               crypto::internal::load_words(bytes.data() + i)});
    };
    const internal::Projective<Pair> point{at(1), at(65), Pair::one()};
    EXPECT_NE(is_on_curve(point), 0u);
    EXPECT_ERROR(G2::decode(bytes), Code::crypto_not_on_curve);
  }
}

}  // namespace
}  // namespace heqi::crypto::sm9
