#include <heqi/crypto/curve_batch.h>
#include <heqi/crypto/sm2_batch.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include <algorithm>
#include <random>

#include "curve_kernel.h"
#include "plain_numbers.h"
#include "sm2_batch_core.h"

namespace heqi::crypto {
namespace {

using base::Bytes;
using base::Code;
using internal::PlainPoint;
using internal::PlainScalar;
using internal::Sm2BatchKernel;
using internal::Words;
using testing::SeededRandom;

// on_every_path runs check with each path of sm2_batch that this processor has.
template <class Check>
void on_every_path(Check check) {
  auto& choice = internal::sm2_batch_choice();
  const std::string_view before = choice.kernel().path;
  for (const std::string_view path : choice.describe().runnable) {
    SCOPED_TRACE(path);
    EXPECT_OK(choice.choose(path));
    check();
  }
  EXPECT_OK(choice.choose(before));
}

Scalar power_of_two(int exponent) {
  Scalar out = Scalar::from_word(1);
  for (int i = 0; i < exponent; ++i) out = out + out;
  return out;
}

// hard_scalars are those for which a sum in a multiplication meets itself, its opposite or nothing:
// both ends, digits of zeros and ones, and multiples of one window's highest digit.
std::vector<Scalar> hard_scalars() {
  std::vector<Scalar> out;
  for (std::uint64_t i = 0; i <= 64; ++i) out.push_back(Scalar::from_word(i));
  for (int bits = 5; bits < 256; bits += 3) out.push_back(power_of_two(bits));
  for (int bits = 7; bits < 256; bits += 7)
    out.push_back(power_of_two(bits) - Scalar::from_word(1));
  // 30·2^252 − n is the one scalar for which the highest row of the comb doubles, n − 6 the one for
  // which the lowest window does.
  for (std::uint64_t i = 1; i < 32; ++i) out.push_back(Scalar::from_word(i) * power_of_two(252));
  const std::size_t count = out.size();
  for (std::size_t i = 0; i < count; ++i) out.push_back(-out[i]);
  return out;
}

bool same(const Point& a, const Point& b) {
  return equal_vartime(a, b) && a.encode() == b.encode();
}

TEST(Sm2Batch, EveryPathMultipliesTheBasePointAsOneByOneDoes) {
  SeededRandom random(1);
  std::vector<Scalar> scalars = hard_scalars();
  for (int i = 0; i < 60; ++i) scalars.push_back(*Scalar::draw(random));
  on_every_path([&] {
    const auto points = mul_base_batch(scalars);
    ASSERT_OK(points);
    for (std::size_t i = 0; i < scalars.size(); ++i)
      EXPECT_TRUE(same((*points)[i], mul_base(scalars[i]))) << i;
  });
}

TEST(Sm2Batch, EveryPathMultipliesAnyPointAsOneByOneDoesInfinityIncluded) {
  SeededRandom random(2);
  std::vector<Scalar> scalars = hard_scalars();
  for (int i = 0; i < 60; ++i) scalars.push_back(*Scalar::draw(random));
  std::vector<Point> points;
  for (std::size_t i = 0; i < scalars.size(); ++i)
    points.push_back(i % 11 == 4  ? Point::infinity()
                     : i % 7 == 2 ? Point::generator()
                                  : mul_base(*Scalar::draw(random)));
  std::vector<Multiplication> products;
  for (std::size_t i = 0; i < scalars.size(); ++i) products.push_back({&scalars[i], &points[i]});
  on_every_path([&] {
    const auto results = mul_batch(products);
    ASSERT_OK(results);
    for (std::size_t i = 0; i < scalars.size(); ++i)
      EXPECT_TRUE(same((*results)[i], mul(scalars[i], points[i]))) << i;
  });
}

TEST(Sm2Batch, EverySizeOfABatchGivesEachItemItsOwnResult) {
  SeededRandom random(3);
  std::vector<Scalar> scalars;
  std::vector<Point> expected;
  for (int i = 0; i < 70; ++i) {
    scalars.push_back(*Scalar::draw(random));
    expected.push_back(mul_base(scalars.back()));
  }
  on_every_path([&] {
    for (const std::size_t size : {0u, 1u, 2u, 7u, 8u, 9u, 31u, 32u, 33u, 63u, 64u, 65u, 70u}) {
      const auto points = mul_base_batch(std::span(scalars).first(size));
      ASSERT_OK(points);
      ASSERT_EQ(points->size(), size);
      for (std::size_t i = 0; i < size; ++i) EXPECT_TRUE(same((*points)[i], expected[i])) << i;
    }
  });
}

// plain makes the kernels' numbers of [a]G + [b]P.
struct PlainSums {
  std::vector<PlainScalar> a, b;
  std::vector<PlainPoint> p, out;
  void add(const Scalar& a_scalar, const Scalar& b_scalar, const Point& point) {
    internal::put(a.emplace_back(), a_scalar);
    internal::put(b.emplace_back(), b_scalar);
    internal::put_vartime(p.emplace_back(), point);
    out.emplace_back();
  }
};

TEST(Sm2Batch, SumsOfEqualOppositeAndMissingPointsAreRightOnEveryPath) {
  SeededRandom random(4);
  PlainSums sums;
  std::vector<Point> expected;
  const auto add = [&](const Scalar& a, const Scalar& b, const Point& p) {
    sums.add(a, b, p);
    expected.push_back(mul_base(a) + mul(b, p));
  };
  for (const Scalar& k : hard_scalars()) {
    const Scalar u = *Scalar::draw(random);
    const Point p = mul_base(u);
    add(k * u, k, p);     // a double
    add(-(k * u), k, p);  // infinity
    add(Scalar(), k, p);  // nothing on the left
    add(k, Scalar(), p);  // nothing on the right
    add(k, u, Point::infinity());
    add(k, u, p);
  }
  on_every_path([&] {
    ASSERT_TRUE(internal::sm2_batch_kernel().multiply_add_vartime(
        sums.a.data(), sums.b.data(), sums.p.data(), sums.a.size(), sums.out.data()));
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_TRUE(same(internal::point_of(sums.out[i]), expected[i])) << i;
  });
}

TEST(Sm2Batch, APointOffTheCurveIsReportedOnEveryPath) {
  SeededRandom random(5);
  PlainSums sums;
  for (int i = 0; i < 20; ++i)
    sums.add(*Scalar::draw(random), *Scalar::draw(random), mul_base(*Scalar::draw(random)));
  on_every_path([&] {
    for (const std::size_t wrong : {0u, 5u, 8u, 19u}) {
      auto points = sums.p;
      points[wrong].x[1] ^= 4;
      EXPECT_FALSE(internal::sm2_batch_kernel().multiply(sums.a.data(), points.data(),
                                                         points.size(), sums.out.data()));
      EXPECT_FALSE(internal::sm2_batch_kernel().multiply_add_vartime(
          sums.a.data(), sums.b.data(), points.data(), points.size(), sums.out.data()));
    }
  });
}

std::vector<PrivateKey> make_keys(std::size_t count, base::Random& random) {
  std::vector<PrivateKey> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back(*PrivateKey::generate(random));
  return keys;
}

TEST(Sm2Batch, SignaturesAreThoseOfOneByOneWithTheSameNonces) {
  SeededRandom setup(6);
  const auto keys = make_keys(3, setup);
  std::vector<Bytes> messages;
  for (int i = 0; i < 75; ++i) messages.push_back(*base::random_bytes(setup, setup.below(90)));
  std::vector<BatchMessage> batch;
  for (std::size_t i = 0; i < messages.size(); ++i)
    batch.push_back({&keys[i % 3], messages[i], i % 5 == 0 ? "another id" : kDefaultSignerId});
  on_every_path([&] {
    SeededRandom one(7), other(7);
    const auto signatures = sign_batch(batch, one);
    ASSERT_OK(signatures);
    ASSERT_EQ(signatures->size(), batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const Signature& signature = (*signatures)[i];
      const auto expected = sign(*batch[i].key, messages[i], other, batch[i].id);
      ASSERT_OK(expected);
      EXPECT_EQ(signature.r.encode(), expected->r.encode());
      EXPECT_EQ(signature.s.encode(), expected->s.encode());
      EXPECT_OK(verify(keys[i % 3].public_key(), messages[i], signature, batch[i].id));
    }
  });
}

TEST(Sm2Batch, NothingIsSignedWithoutRandomnessNorWithABrokenKey) {
  SeededRandom setup(8);
  const auto keys = make_keys(1, setup);
  const std::vector<BatchDigest> batch(9, BatchDigest{&keys[0], sm3(base::bytes_of("text"))});
  testing::ScriptedRandom dry(Bytes(8 * 32, 0x11));
  EXPECT_ERROR(sign_digest_batch(batch, dry), Code::crypto_random_failed);
  testing::ScriptedRandom zeros(Bytes(64 * 32, 0));
  EXPECT_ERROR(sign_digest_batch(batch, zeros), Code::crypto_random_failed);
  EXPECT_TRUE(sign_digest_batch({}, dry).has_value());
}

TEST(Sm2Batch, ANonceOutOfRangeIsDrawnAgainAndARefusedOneSignedOneByOne) {
  SeededRandom random(9);
  const auto keys = make_keys(1, random);
  const Digest e = sm3(base::bytes_of("text"));
  // The second nonce of three is n or more; the fourth value takes its place.
  Bytes script = *base::random_bytes(random, 4 * 32);
  for (std::size_t i = 0; i < 4; ++i) script[32 * i] = i == 1 ? 0xFF : 0x7F;
  std::fill_n(script.begin() + 32, 32, std::uint8_t{0xFF});
  testing::ScriptedRandom scripted(script);
  const std::vector<BatchDigest> batch(3, BatchDigest{&keys[0], e});
  const auto signatures = sign_digest_batch(batch, scripted);
  ASSERT_OK(signatures);
  const auto nonce = Scalar::decode(base::ByteView(script).subspan(96, 32));
  const Scalar r = Scalar::reduce(e) + mul_base(*nonce).x_mod_n();
  EXPECT_TRUE(equal_vartime((*signatures)[1].r, r));
  for (const Signature& signature : *signatures)
    EXPECT_OK(verify_digest(keys[0].public_key(), e, signature));
}

TEST(Sm2Batch, TheCoreLeavesOutWhatTheStandardDrawsAgain) {
  SeededRandom random(10);
  const auto keys = make_keys(1, random);
  const Scalar k = *Scalar::draw(random), x = mul_base(k).x_mod_n();
  // e = −x gives r = 0; e = −x − k gives r + k = n; e = k/d − x gives s = 0.
  const Scalar zeroing = k * keys[0].d().expose().inverse() - x;
  const auto digest = [](const Scalar& e) { return Digest(e.encode()); };
  const std::vector<internal::NonceAndDigest> items = {{&keys[0], digest(-x), k},
                                                       {&keys[0], digest(-x - k), k},
                                                       {&keys[0], digest(zeroing), k},
                                                       {&keys[0], digest(x), k}};
  on_every_path([&] {
    const auto signatures = internal::sign_batch_core(items);
    ASSERT_OK(signatures);
    EXPECT_FALSE((*signatures)[0].has_value());
    EXPECT_FALSE((*signatures)[1].has_value());
    EXPECT_FALSE((*signatures)[2].has_value());
    ASSERT_TRUE((*signatures)[3].has_value());
    EXPECT_OK(verify_digest(keys[0].public_key(), digest(x), *(*signatures)[3]));
  });
}

TEST(Sm2Batch, NothingLeavesABatchInWhichTheKernelFoundAFault) {
  static const Sm2BatchKernel& whole = internal::kSm2BatchPortable;
  Sm2BatchKernel faulty = whole;
  faulty.multiply_base = [](const PlainScalar* k, std::size_t count, PlainPoint* out) {
    (void)whole.multiply_base(k, count, out);
    return false;
  };
  faulty.multiply_add_vartime = [](const PlainScalar* a, const PlainScalar* b, const PlainPoint* p,
                                   std::size_t count, PlainPoint* out) {
    (void)whole.multiply_add_vartime(a, b, p, count, out);
    return false;
  };
  SeededRandom random(13);
  const auto keys = make_keys(1, random);
  const Digest e = sm3(base::bytes_of("text"));
  const auto signature = sign_digest(keys[0], e, random);
  const std::vector<BatchDigest> batch(3, BatchDigest{&keys[0], e});
  const std::vector<BatchSignature> signatures = {{&keys[0].public_key(), e, *signature}};
  const std::vector<Scalar> scalars(kLanesPay, Scalar::from_word(5));
  auto& choice = internal::sm2_batch_choice();
  const std::string_view before = choice.kernel().path;
  choice.install(faulty);
  EXPECT_ERROR(sign_digest_batch(batch, random), Code::internal);
  EXPECT_ERROR(mul_base_batch(scalars), Code::internal);
  EXPECT_ERROR(verify_batch(signatures)[0], Code::internal);
  EXPECT_OK(choice.choose(before));
  EXPECT_OK(verify_batch(signatures)[0]);
}

// shows-part: COS-sig-8 (a fault in a multiplication is seen)
TEST(Sm2Batch, AGroupInWhichOnePointOrOneDigitIsWrongIsReported) {
  PlainScalar k[40];
  PlainPoint out[40];
  for (std::uint64_t i = 0; i < 40; ++i) k[i] = {{i, 5, 6, 7}};
  const internal::BaseTree other_digit = [](internal::Affine* points, Words* used, const Words* ks,
                                            std::size_t count) {
    internal::base_multiples_portable(points, used, ks, count);
    used[count - 1][2] ^= 4;
  };
  const internal::BaseTree off_curve = [](internal::Affine* points, Words* used, const Words* ks,
                                          std::size_t count) {
    internal::base_multiples_portable(points, used, ks, count);
    points[0].x.words[0] ^= 1;
  };
  const internal::BaseTree no_y = [](internal::Affine* points, Words* used, const Words* ks,
                                     std::size_t count) {
    internal::base_multiples_portable(points, used, ks, count);
    points[0].y = {};
  };
  for (const std::size_t count : {1u, 31u, 32u, 33u, 40u}) {
    EXPECT_TRUE(multiply_base_in_groups(internal::base_multiples_portable, k, count, out));
    EXPECT_FALSE(multiply_base_in_groups(other_digit, k, count, out));
    EXPECT_FALSE(multiply_base_in_groups(off_curve, k, count, out));
    EXPECT_FALSE(multiply_base_in_groups(no_y, k, count, out));
  }
}

// Fewer than fill the lanes are multiplied by the curve's kernel, and checked in the same way.
TEST(Sm2Batch, NothingLeavesAFewInWhichTheKernelFoundAFault) {
  static const internal::CurveKernel& whole = internal::kPortableCurve;
  internal::CurveKernel other_digits = whole, off_curve = whole;
  other_digits.multiply_base = [](internal::JacobianPoint& out, const internal::Words& k) {
    internal::Words used = whole.multiply_base(out, k);
    used[1] ^= 4;
    return used;
  };
  off_curve.multiply = [](internal::JacobianPoint& out, const internal::Words& k,
                          const internal::JacobianPoint& p) {
    whole.multiply(out, k, p);
    out.y.words[2] ^= 1;
  };
  const std::vector<Scalar> scalars(kLanesPay - 1, Scalar::from_word(5));
  const std::vector<Multiplication> products(kLanesPay - 1, {&scalars[0], &Point::generator()});
  auto& choice = internal::curve_choice();
  const std::string_view before = choice.kernel().path;
  choice.install(other_digits);
  EXPECT_ERROR(mul_base_batch(scalars), Code::internal);
  choice.install(off_curve);
  EXPECT_ERROR(mul_batch(products), Code::internal);
  EXPECT_OK(choice.choose(before));
  const auto right = mul_batch(products);
  ASSERT_OK(right);
  EXPECT_TRUE(equal_vartime((*right)[0], mul_base(scalars[0])));
  EXPECT_OK(mul_base_batch(scalars));
}

TEST(Sm2Batch, AnXThatTheScalarPathWouldNotFindDoesNotVerify) {
  SeededRandom random(14);
  const auto keys = make_keys(1, random);
  const Digest e = sm3(base::bytes_of("text"));
  auto signature = *sign_digest(keys[0], e, random);
  signature.r = signature.r + Scalar::from_word(1);
  signature.s = signature.s - Scalar::from_word(1);  // r + s is as before
  const std::vector<BatchSignature> batch = {{&keys[0].public_key(), e, signature}};
  on_every_path([&] { EXPECT_ERROR(verify_batch(batch)[0], Code::invalid_signature); });
}

// changed spoils one thing about a signature; kind 0 leaves it right.
BatchSignature changed(BatchSignature one, std::size_t kind, const PublicKey& other) {
  const Scalar unit = Scalar::from_word(1);
  if (kind == 1) one.e[31] ^= 1;
  if (kind == 2) one.key = &other;
  if (kind == 3) one.signature.r = one.signature.r + unit;
  if (kind == 4) one.signature.s = one.signature.s - unit;
  if (kind == 5) one.signature.r = Scalar();
  if (kind == 6) one.signature.s = Scalar();
  if (kind == 7) one.signature.s = -one.signature.r;
  if (kind == 8) std::swap(one.signature.r, one.signature.s);
  return one;
}

void expect_own_verdicts(const std::vector<BatchSignature>& batch) {
  on_every_path([&] {
    const auto verdicts = verify_batch(batch);
    ASSERT_EQ(verdicts.size(), batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto expected = verify_digest(*batch[i].key, batch[i].e, batch[i].signature);
      ASSERT_EQ(verdicts[i].has_value(), expected.has_value()) << i;
      if (!expected) {
        EXPECT_EQ(verdicts[i].error().code, expected.error().code) << i;
      }
    }
  });
}

// Signatures under one key, from a certain number on, are verified by another way.
TEST(Sm2Batch, EachSignatureHasItsOwnVerdictWhateverTheOthersAre) {
  SeededRandom random(11);
  const auto keys = make_keys(4, random);
  for (const std::size_t signers : {3U, 1U}) {
    std::vector<BatchSignature> batch;
    for (std::size_t i = 0; i < 120; ++i) {
      const PrivateKey& key = keys[i % signers];
      Digest e;
      EXPECT_OK(random.fill(e));
      const auto signature = sign_digest(key, e, random);
      batch.push_back(changed({&key.public_key(), e, *signature}, i < 40 ? 0 : random.below(9),
                              keys[signers == 1 ? 0 : 3].public_key()));
    }
    std::shuffle(batch.begin(), batch.end(), std::minstd_rand(1));
    expect_own_verdicts(batch);
  }
}

TEST(Sm2Batch, ASignatureWhosePointIsInfinityIsRefused) {
  SeededRandom random(12);
  const auto keys = make_keys(1, random);
  const Scalar& d = keys[0].d().expose();
  // [s]G + [r + s]P = O where s(1 + d) = −r·d.
  const Scalar r = *Scalar::draw(random);
  const Scalar s = -(r * d) * keys[0].inverse_1_plus_d().expose();
  for (const std::size_t count : {std::size_t(1), kTablesPay}) {
    const std::vector<BatchSignature> batch(
        count, BatchSignature{&keys[0].public_key(), Digest(r.encode()), {r, s}});
    on_every_path([&] { EXPECT_ERROR(verify_batch(batch)[0], Code::invalid_signature); });
  }
}

}  // namespace
}  // namespace heqi::crypto
