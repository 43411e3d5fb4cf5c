#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "../public_sum.h"
#include "kernel_check.h"
#include "register_check.h"

namespace heqi::crypto {
namespace {

using internal::CurveKernel;
using internal::JacobianPoint;
using internal::Projective;
using internal::Words;
using testing::SeededRandom;
using namespace testing_oracle;

constexpr std::uint64_t kSample = 20000;

TEST(CurveKernel, ProductsAndSquaresAreThoseOfLongDivision) {
  for (const CurveKernel* kernel : runnable_kernels()) {
    EXPECT_EQ(count_wrong_products(*kernel, kSample, 1), 0u) << kernel->path;
    EXPECT_EQ(count_wrong_squares(*kernel, kSample, 2), 0u) << kernel->path;
    EXPECT_EQ(count_wrong_order_products(*kernel, kSample, 3), 0u) << kernel->path;
    EXPECT_EQ(count_wrong_sums(*kernel, kSample, 4), 0u) << kernel->path;
  }
}

TEST(CurveKernel, TheOracleSeesAWrongBit) {
  CurveKernel faulty = internal::kPortableCurve;
  faulty.field_multiply = [](const internal::Field& a, const internal::Field& b) {
    internal::Field out = a * b;
    out.words[3] ^= a.words[0] == 0 ? std::uint64_t{1} << 63 : 0;
    return out;
  };
  faulty.field_add = [](const internal::Field& a, const internal::Field& b) {
    internal::Field out = a + b;
    out.words[0] += b.words[1] == ~std::uint64_t{0} ? 1 : 0;
    return out;
  };
  EXPECT_GT(count_wrong_products(faulty, 1000, 5), 0u);
  EXPECT_GT(count_wrong_sums(faulty, 1000, 6), 0u);
  EXPECT_EQ(count_wrong_squares(faulty, 1000, 7), 0u);
}

TEST(CurveKernel, PointsAndInversesAreThoseOfOtherFormulas) {
  for (const CurveKernel* kernel : runnable_kernels())
    EXPECT_EQ(count_wrong_points(*kernel, 2000), 0u) << kernel->path;
  EXPECT_EQ(testing_oracle::count_wrong_inverses(500, 8), 0u);
}

TEST(CurveKernel, ManyInversesByOneKeepTheirPlacesAndTheirZeros) {
  SeededRandom random(31);
  for (const std::size_t count : {0u, 1u, 2u, 7u, 33u}) {
    std::vector<internal::Field> elements, expected;
    for (std::size_t i = 0; i < count; ++i) {
      const Scalar a = *Scalar::draw(random);
      elements.push_back(i % 3 == 1 ? internal::Field{} : internal::Field{a.words()});
      expected.push_back(inverse(elements.back()));
    }
    internal::invert_all(elements);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(elements[i].words, expected[i].words);
  }
}

// slow_multiple is double-and-add with the complete formulas.
Projective slow_multiple(const Words& k, const Projective& p) {
  Projective out = Projective::infinity();
  for (std::size_t i = 256; i-- > 0;) {
    out = double_point(out);
    if ((k[i / 64] >> (i % 64) & 1) != 0) out = out + p;
  }
  return out;
}

Words order_minus(std::uint64_t value) {
  std::uint64_t borrow = 0;
  return internal::subtract(internal::kOrder, {value, 0, 0, 0}, borrow);
}

// edge_scalars are those at which a formula with exceptional cases could go wrong, and strangers.
std::vector<Words> edge_scalars() {
  std::vector<Words> out;
  for (std::uint64_t i = 0; i <= 34; ++i) out.push_back({i, 0, 0, 0});
  for (std::uint64_t i = 1; i <= 66; ++i) out.push_back(order_minus(i));
  // 2·15·2^252 − n: before the last digit of the base's comb, the sum is that digit's term.
  const Words double_term{0, 0, 0, 0xE000000000000000};
  std::uint64_t carry = 0;
  const Words special = internal::add(double_term, internal::minus(internal::kOrder), carry);
  std::uint64_t borrow = 0;
  out.push_back(special);
  out.push_back(internal::subtract(internal::kOrder, special, borrow));
  for (std::size_t bit = 1; bit < 256; bit += 9) {
    Words k{};
    k[bit / 64] = std::uint64_t{1} << (bit % 64);
    out.push_back(k);
    k[0] |= 1;
    out.push_back(k);
    for (std::size_t i = 0; i < bit / 64; ++i) k[i] = ~std::uint64_t{0};
    out.push_back(k);
  }
  SeededRandom random(32);
  for (int i = 0; i < 40; ++i)
    out.push_back(internal::order_to_plain(Scalar::draw(random)->words()));
  return out;
}

TEST(CurveKernel, MultiplesOfTheBaseAreThoseOfDoubleAndAdd) {
  for (const CurveKernel* kernel : runnable_kernels()) {
    for (const Words& k : edge_scalars()) {
      JacobianPoint out;
      EXPECT_EQ(kernel->multiply_base(out, k), k) << kernel->path;
      EXPECT_TRUE(same_point(out, slow_multiple(k, internal::generator())))
          << kernel->path << " " << k[0] << " " << k[3];
    }
  }
}

TEST(CurveKernel, MultiplesOfAnyPointAreThoseOfDoubleAndAdd) {
  const Projective p = slow_multiple({77, 5, 3, 1}, internal::generator());
  for (const CurveKernel* kernel : runnable_kernels()) {
    for (const Words& k : edge_scalars()) {
      JacobianPoint out;
      kernel->multiply(out, k, internal::to_jacobian(p));
      EXPECT_TRUE(same_point(out, slow_multiple(k, p))) << kernel->path << " " << k[0];
    }
    JacobianPoint out;
    kernel->multiply(out, {5, 0, 0, 0}, internal::to_jacobian(Projective::infinity()));
    EXPECT_TRUE(is_zero(out.z) != 0) << kernel->path;
  }
}

// expect_sums asks every kernel and every way for [a]G + [b]P; comb is null where P is infinity.
void expect_sums(const Words& a, const Words& b, const Projective& p, const internal::KeyComb* comb,
                 const Projective& expected) {
  const JacobianPoint g = internal::to_jacobian(internal::generator());
  for (const CurveKernel* kernel : runnable_kernels()) {
    SCOPED_TRACE(std::string(kernel->path) + " " + std::to_string(a[0]) + " " +
                 std::to_string(b[0]));
    JacobianPoint out;
    kernel->multiply_base_add_vartime(out, a, b, internal::to_jacobian(p));
    EXPECT_TRUE(same_point(out, expected));
    const std::array<internal::PlainTerm, 2> both = {{{a, g}, {b, internal::to_jacobian(p)}}};
    EXPECT_TRUE(same_point(internal::sum_vartime(*kernel, {}, both), expected));
    if (comb == nullptr) continue;
    kernel->multiply_combs_vartime(out, a, b, *comb);
    EXPECT_TRUE(same_point(out, expected));
  }
}

TEST(CurveKernel, SumsOfTwoMultiplesAreThoseOfDoubleAndAdd) {
  const Projective g = internal::generator();
  const std::vector<Words> scalars = edge_scalars();
  std::vector<Projective> of_base;
  for (const Words& a : scalars) of_base.push_back(slow_multiple(a, g));
  auto comb = std::make_unique<internal::KeyComb>();
  std::size_t at = 0;
  // Points that are the base point, its opposite, its double and a stranger; infinity.
  for (const Words& of : {Words{1}, order_minus(1), Words{2}, Words{77, 5, 3, 1}, Words{}}) {
    const Projective p = slow_multiple(of, g);
    const bool finite = is_zero(p.z) == 0;
    if (finite) internal::fill_key_comb(*comb, internal::to_affine(internal::to_jacobian(p)));
    for (std::size_t i = 0; i < scalars.size(); ++i, ++at) {
      const Words b = at % 5 == 0 ? scalars[i] : scalars[(at * 29 + 7) % scalars.size()];
      expect_sums(scalars[i], b, p, finite ? comb.get() : nullptr,
                  of_base[i] + slow_multiple(b, p));
    }
  }
}

// Sums whose terms meet, cancel, vanish or come alone are those that a loop can get wrong.
TEST(CurveKernel, SumsOfManyMultiplesAreThoseOfDoubleAndAdd) {
  const Projective g = internal::generator();
  const std::vector<Words> scalars = edge_scalars();
  const std::vector<Words> points = {{1}, order_minus(1), {2}, {77, 5, 3, 1}, {}, {77, 5, 3, 1}};
  for (const CurveKernel* kernel : runnable_kernels())
    for (std::size_t count = 0; count <= 24; ++count) {
      const Words& a = scalars[count * 5 % scalars.size()];
      Projective expected = slow_multiple(a, g);
      std::vector<internal::PlainTerm> terms;
      for (std::size_t j = 0; j < count; ++j) {
        const Projective p = slow_multiple(points[(count + j) % points.size()], g);
        const Words& k = scalars[(count * 13 + j * 7) % scalars.size()];
        terms.push_back({k, internal::to_jacobian(p)});
        expected = expected + slow_multiple(k, p);
      }
      EXPECT_TRUE(same_point(internal::sum_vartime(*kernel, a, terms), expected))
          << kernel->path << " " << count;
    }
}

#if defined(__x86_64__)
struct Call {
  const CurveKernel* kernel;
  JacobianPoint p, q;
  internal::Field a;
  Words k{7, 8, 9, 10};
};

Call& take(void* context) {
  return *static_cast<Call*>(context);
}

TEST(CurveKernel, EveryFunctionKeepsTheRegistersOfItsCaller) {
  for (const CurveKernel* kernel : runnable_kernels()) {
    Call call{kernel, internal::to_jacobian(internal::generator()), {}, {}, {7, 8, 9, 10}};
    call.q = call.p;
    kernel->double_point(call.q);
    using Step = void (*)(void*);
    const Step steps[] = {
        [](void* c) { take(c).a = take(c).kernel->field_multiply(take(c).p.x, take(c).p.y); },
        [](void* c) { take(c).a = take(c).kernel->field_square(take(c).p.x); },
        [](void* c) { take(c).a = take(c).kernel->field_add(take(c).p.x, take(c).p.y); },
        [](void* c) { take(c).a = take(c).kernel->field_subtract(take(c).p.x, take(c).p.y); },
        [](void* c) { take(c).a = take(c).kernel->field_half(take(c).p.x); },
        [](void* c) { take(c).k = take(c).kernel->order_multiply(take(c).k, take(c).k); },
        [](void* c) { take(c).kernel->double_point(take(c).p); },
        [](void* c) { take(c).kernel->add_points(take(c).q, take(c).p); },
        [](void* c) { (void)take(c).kernel->multiply_base(take(c).q, take(c).k); },
        [](void* c) { take(c).kernel->multiply(take(c).q, take(c).k, take(c).p); },
        [](void* c) {
          take(c).kernel->multiply_base_add_vartime(take(c).q, take(c).k, take(c).k, take(c).p);
        }};
    for (const Step step : steps)
      EXPECT_TRUE(testing_oracle::keeps_registers(step, &call)) << kernel->path;
  }
  // The check itself: a function that writes to a register it should have kept.
  EXPECT_FALSE(testing_oracle::keeps_registers(
      [](void*) {
        __asm__ volatile("incq %%r12" ::: "cc");
      },
      nullptr));
}
#endif

}  // namespace
}  // namespace heqi::crypto
