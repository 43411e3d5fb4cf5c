// scalar.cc: integers modulo the order n of sm2p256v1, in Montgomery form. Constant time.
#include <algorithm>

#include <heqi/crypto/curve.h>

#include "inversion.h"
#include "order.h"

namespace heqi::crypto {
namespace internal {

namespace {

// order_step is one word of the product and of the reduction: (t4 … t0) = ((t4 … t0) + a·b + m·n)
// / 2^64, with m such that the lowest word vanishes. t4 is at most one.
inline void order_step(std::uint64_t a, const Words& b, std::uint64_t& t0, std::uint64_t& t1,
                       std::uint64_t& t2, std::uint64_t& t3, std::uint64_t& t4) {
  std::uint64_t carry = 0, high = 0, over = 0;
  add_row(a, b, t0, t1, t2, t3, high);
  t4 = add_carry(t4, high, over);
  const std::uint64_t m = t0 * montgomery_inverse(kOrder);
  (void)multiply_add(m, kOrder[0], t0, carry);
  t0 = multiply_add(m, kOrder[1], t1, carry);
  t1 = multiply_add(m, kOrder[2], t2, carry);
  t2 = multiply_add(m, kOrder[3], t3, carry);
  std::uint64_t over2 = 0;
  t3 = add_carry(t4, carry, over2);
  t4 = over + over2;
}

}  // namespace

Words order_multiply(const Words& a, const Words& b) {
  std::uint64_t t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0;
  order_step(a[0], b, t0, t1, t2, t3, t4);
  order_step(a[1], b, t0, t1, t2, t3, t4);
  order_step(a[2], b, t0, t1, t2, t3, t4);
  order_step(a[3], b, t0, t1, t2, t3, t4);
  return reduce_once({t0, t1, t2, t3}, t4, kOrder);
}

Words order_from_plain(const Words& plain) {
  return order_multiply(plain, radix_squared(kOrder));
}

Words order_to_plain(const Words& a) {
  return order_multiply(a, {1, 0, 0, 0});
}

}  // namespace internal

using internal::kOrder;
using internal::order_multiply;
using internal::Words;

namespace {

constexpr Words kRadixSquared = internal::radix_squared(kOrder);
constexpr Words kRadixCubed = internal::to_montgomery(kRadixSquared, kOrder);

}  // namespace

Scalar Scalar::from_words(const Words& words) {
  Scalar out;
  out.words_ = words;
  return out;
}

Scalar Scalar::from_word(std::uint64_t value) {
  return from_words(order_multiply({value, 0, 0, 0}, kRadixSquared));
}

base::Result<Scalar> Scalar::decode(base::ByteView bytes) {
  if (bytes.size() != kScalarSize)
    return base::fail(base::Code::crypto_scalar_range,
                      "scalar: " + std::to_string(bytes.size()) + " bytes, expected 32");
  Words plain = internal::load_words(bytes.data());
  const base::ct::Mask in_range = internal::less(plain, kOrder) & ~internal::is_zero(plain);
  if (!base::ct::declassified(in_range))
    return base::fail(base::Code::crypto_scalar_range, "scalar: not in 1…n−1");
  Scalar out = from_words(order_multiply(plain, kRadixSquared));
  base::secure_wipe(plain.data(), sizeof plain);
  return out;
}

Scalar Scalar::reduce(base::ByteView bytes) {
  HEQI_CHECK(bytes.size() >= 32 && bytes.size() <= 64);
  base::SecretArray<64> padded;
  std::copy(bytes.begin(), bytes.end(),
            padded.expose_mutable().begin() + static_cast<std::ptrdiff_t>(64 - bytes.size()));
  const Words high = internal::load_words(padded.expose().data());
  const Words low = internal::load_words(padded.expose().data() + 32);
  // A factor may be any 256-bit number as long as the other one is below n.
  const Words high_form = order_multiply(order_multiply(high, kRadixSquared), kRadixSquared);
  const Words low_form = order_multiply(low, kRadixSquared);
  return from_words(internal::add_modulo(high_form, low_form, kOrder));
}

base::Result<Scalar> Scalar::draw(base::Random& random) {
  // A value outside 1…n−1 comes once in 2^32 draws; eight in a row mean a broken source.
  for (int attempt = 0; attempt < 8; ++attempt) {
    base::SecretArray<kScalarSize> bytes;
    HEQI_TRY(random.fill(bytes.expose_mutable()));
    if (auto scalar = decode(bytes.expose())) return scalar;
  }
  return base::fail(base::Code::crypto_random_failed, "eight draws in a row outside 1…n−1");
}

ScalarBytes Scalar::encode() const {
  ScalarBytes out;
  internal::store_words(out.data(), internal::order_to_plain(words_));
  return out;
}

base::ct::Mask Scalar::is_zero_mask() const {
  return internal::is_zero(words_);
}
bool Scalar::is_zero() const {
  return base::ct::declassified(is_zero_mask());
}

Scalar Scalar::inverse() const {
  constexpr internal::InversionModulus modulus = internal::inversion_modulus(kOrder);
  return from_words(order_multiply(internal::invert(words_, modulus), kRadixCubed));
}

Scalar Scalar::operator-() const {
  return Scalar() - *this;
}
Scalar operator+(const Scalar& a, const Scalar& b) {
  return Scalar::from_words(internal::add_modulo(a.words_, b.words_, kOrder));
}
Scalar operator-(const Scalar& a, const Scalar& b) {
  return Scalar::from_words(internal::subtract_modulo(a.words_, b.words_, kOrder));
}
Scalar operator*(const Scalar& a, const Scalar& b) {
  return Scalar::from_words(order_multiply(a.words_, b.words_));
}
bool equal_vartime(const Scalar& a, const Scalar& b) {
  return a.words_ == b.words_;
}

base::Result<SecretScalar> SecretScalar::draw(base::Random& random) {
  HEQI_TRY(const Scalar value, Scalar::draw(random));
  return SecretScalar(value);
}

}  // namespace heqi::crypto
