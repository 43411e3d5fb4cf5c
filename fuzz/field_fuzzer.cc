// uses: heqi_crypto
// Every kernel of the curve against long division, on words that the fuzzer chooses: products,
// squares, sums, differences and halves modulo p, products modulo n; the inverses modulo both; then
// [k]G by every kernel against [k]P with the base point given as P.
#include "../src/crypto/tests/kernel_check.h"

namespace {

using heqi::base::ByteView;
using namespace heqi::crypto;
using namespace heqi::crypto::testing_oracle;

// take_number takes the next 32 octets, below the modulus.
Number take_number(ByteView& input, const Number& modulus) {
  Number out{};
  for (std::size_t i = 0; i < 32 && !input.empty(); ++i, input = input.subspan(1))
    out[i / 8] |= std::uint64_t{input[0]} << (8 * (i % 8));
  if (!DivisionOracle::is_below(out, modulus)) {
    std::uint64_t borrow = 0;
    out = internal::subtract(out, modulus, borrow);
  }
  return out;
}

void check_arithmetic(const internal::CurveKernel& kernel, const Number& a, const Number& b) {
  static const DivisionOracle prime(internal::kPrime), order(internal::kOrder);
  HEQI_CHECK(prime.is_product(a, b, kernel.field_multiply({a}, {b}).words));
  HEQI_CHECK(prime.is_product(a, a, kernel.field_square({a}).words));
  HEQI_CHECK(prime.is_sum(a, b, kernel.field_add({a}, {b}).words));
  HEQI_CHECK(prime.is_difference(a, b, kernel.field_subtract({a}, {b}).words));
  const Number half = kernel.field_half({a}).words;
  HEQI_CHECK(prime.is_sum(half, half, a));
  if (DivisionOracle::is_below(a, internal::kOrder) &&
      DivisionOracle::is_below(b, internal::kOrder)) {
    HEQI_CHECK(order.is_product(a, b, kernel.order_multiply(a, b)));
  }
}

// check_inverses asks for one, and for zero where there is none.
void check_inverses(const Number& a) {
  static const DivisionOracle prime(internal::kPrime);
  const bool is_zero = a == Number{};
  HEQI_CHECK(prime.is_product(a, inverse(internal::Field{a}).words,
                              is_zero ? Number{} : internal::Field::one().words));
  if (!DivisionOracle::is_below(a, internal::kOrder)) return;
  const Scalar k = Scalar::from_words(a);
  HEQI_CHECK(equal_vartime(k * k.inverse(), is_zero ? Scalar() : Scalar::from_word(1)));
}

void check_multiples(const Number& k) {
  const internal::JacobianPoint base = internal::to_jacobian(internal::generator());
  internal::JacobianPoint expected;
  internal::kPortableCurve.multiply(expected, k, base);
  const internal::Projective projective = internal::to_projective(expected);
  for (const internal::CurveKernel* kernel : runnable_kernels()) {
    internal::JacobianPoint out;
    HEQI_CHECK(kernel->multiply_base(out, k) == k && same_point(out, projective));
    kernel->multiply_base_add_vartime(out, k, {}, base);
    HEQI_CHECK(same_point(out, projective));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView input(data, size);
  while (!input.empty()) {
    const Number a = take_number(input, internal::kPrime), b = take_number(input, internal::kPrime);
    for (const internal::CurveKernel* kernel : runnable_kernels()) check_arithmetic(*kernel, a, b);
    check_inverses(a);
  }
  ByteView again(data, size);
  check_multiples(take_number(again, internal::kOrder));
  return 0;
}
