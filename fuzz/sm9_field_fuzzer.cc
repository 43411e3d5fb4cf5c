// uses: heqi_crypto
// Every path of SM9's field against long division, on words that the fuzzer chooses, and every
// path's multiples of a point of G1 against those of the portable one.
#include <heqi/crypto/sm9_curve.h>

#include <algorithm>
#include <optional>

#include "../src/crypto/sm9/kernel.h"
#include "../src/crypto/tests/division_oracle.h"

namespace {

using heqi::base::ByteView;
using namespace heqi::crypto;
using namespace heqi::crypto::sm9::internal;
using testing_oracle::DivisionOracle;
using testing_oracle::Number;

// take_number takes the next 32 octets, below the modulus or as they are.
Number take_number(ByteView& input) {
  Number out{};
  for (std::size_t i = 0; i < 32 && !input.empty(); ++i, input = input.subspan(1))
    out[i / 8] |= std::uint64_t{input[0]} << (8 * (i % 8));
  return out;
}
Number reduced(Number a, const Number& modulus) {
  while (!DivisionOracle::is_below(a, modulus)) {
    std::uint64_t borrow = 0;
    a = heqi::crypto::internal::subtract(a, modulus, borrow);
  }
  return a;
}

std::vector<const Kernel*> runnable_kernels() {
  std::vector<const Kernel*> out;
  auto& choice = kernels();
  const auto runnable = choice.describe().runnable;
  for (const std::string_view path : runnable)
    if (choice.choose(path)) out.push_back(&choice.kernel());
  (void)choice.choose(runnable.front());
  return out;
}
const std::vector<const Kernel*>& all() {
  static const std::vector<const Kernel*> found = runnable_kernels();
  return found;
}

// The first factor of a product may be any number; all else is below p.
void check_arithmetic(const Kernel& kernel, const Number& any, const Number& b) {
  static const DivisionOracle oracle(kPrime);
  const Number a = reduced(any, kPrime);
  Number out;
  kernel.multiply(out, any, b);
  HEQI_CHECK(oracle.is_product(any, b, out));
  kernel.multiply(out, b, b);
  HEQI_CHECK(oracle.is_product(b, b, out));
  kernel.add(out, a, b);
  HEQI_CHECK(oracle.is_sum(a, b, out));
  kernel.subtract(out, a, b);
  HEQI_CHECK(oracle.is_difference(a, b, out));
}

void check_multiples(ByteView input) {
  std::array<std::uint8_t, 32> octets{};
  std::copy_n(input.begin(), std::min(input.size(), octets.size()), octets.begin());
  const auto k = heqi::crypto::sm9::Scalar::decode(octets);
  if (!k) return;
  std::optional<heqi::crypto::sm9::G1> expected;
  auto& choice = kernels();
  for (const std::string_view path : choice.describe().runnable) {
    HEQI_CHECK(choice.choose(path).has_value());
    const auto point = mul(*k, heqi::crypto::sm9::G1::generator());
    if (!expected) expected = point;
    HEQI_CHECK(equal_vartime(point, *expected));
  }
  HEQI_CHECK(choice.choose(choice.describe().runnable.front()).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView input(data, size);
  while (!input.empty()) {
    const Number any = take_number(input), b = reduced(take_number(input), kPrime);
    for (const Kernel* kernel : all()) check_arithmetic(*kernel, any, b);
  }
  check_multiples({data, size});
  return 0;
}
