// scalar.cc: integers modulo the order N, kept plain: the few products of SM9 may convert.
#include <algorithm>

#include <heqi/crypto/sm9_curve.h>

#include "montgomery.h"
#include "parameters.h"

namespace heqi::crypto::sm9 {
namespace {

using internal::kOrder;
using internal::Words;

constexpr Words kRadixSquared = crypto::internal::radix_squared(kOrder);
constexpr Words kOrderLessOne = {kOrder[0] - 1, kOrder[1], kOrder[2], kOrder[3]};
constexpr Words kOrderLessTwo = {kOrder[0] - 2, kOrder[1], kOrder[2], kOrder[3]};

Words multiply(const Words& a, const Words& b) {
  return internal::montgomery_multiply<internal::OrderModulus>(a, b);
}

// InForm is a number in Montgomery form, with the operators that power needs.
struct InForm {
  Words words;
};
InForm operator*(const InForm& a, const InForm& b) {
  return {multiply(a.words, b.words)};
}
InForm square(const InForm& a) {
  return {multiply(a.words, a.words)};
}

}  // namespace

Scalar Scalar::from_word(std::uint64_t value) {
  return Scalar({value, 0, 0, 0});
}

base::Result<Scalar> Scalar::decode(base::ByteView bytes) {
  if (bytes.size() != kScalarSize)
    return base::fail(base::Code::crypto_scalar_range,
                      "SM9 scalar: " + std::to_string(bytes.size()) + " bytes, expected 32");
  const Scalar out(crypto::internal::load_words(bytes.data()));
  const base::ct::Mask in_range = crypto::internal::less(out.words_, kOrder) & ~out.is_zero_mask();
  if (!base::ct::declassified(in_range))
    return base::fail(base::Code::crypto_scalar_range, "SM9 scalar: not in 1…N−1");
  return out;
}

Scalar Scalar::from_hash(std::span<const std::uint8_t, 40> bytes) {
  // The upper 256 bits are below 2(N−1); then one bit comes in at a time.
  Words rest =
      crypto::internal::reduce_once(crypto::internal::load_words(bytes.data()), 0, kOrderLessOne);
  const std::uint64_t last = crypto::internal::load_be64(bytes.data() + 32);
  for (int i = 63; i >= 0; --i) {
    std::uint64_t carry = last >> i & 1;
    for (std::uint64_t& word : rest) word = crypto::internal::add_carry(word, word, carry);
    rest = crypto::internal::reduce_once(rest, carry, kOrderLessOne);
  }
  std::uint64_t carry = 0;
  return Scalar(crypto::internal::add(rest, {1, 0, 0, 0}, carry));
}

base::Result<Scalar> Scalar::draw(base::Random& random) {
  // A draw fails with probability 0.29; 128 failures in a row mean a broken source.
  for (int attempt = 0; attempt < 128; ++attempt) {
    base::SecretArray<kScalarSize> bytes;
    HEQI_TRY(random.fill(bytes.expose_mutable()));
    if (auto scalar = decode(bytes.expose())) return scalar;
  }
  return base::fail(base::Code::crypto_random_failed, "128 draws in a row outside 1…N−1");
}

ScalarBytes Scalar::encode() const {
  ScalarBytes out;
  crypto::internal::store_words(out.data(), words_);
  return out;
}

base::ct::Mask Scalar::is_zero_mask() const {
  return crypto::internal::is_zero(words_);
}
bool Scalar::is_zero() const {
  return base::ct::declassified(is_zero_mask());
}

Scalar Scalar::inverse() const {
  const InForm in_form{multiply(kRadixSquared, words_)}, one{crypto::internal::minus(kOrder)};
  const InForm out = crypto::internal::power(in_form, kOrderLessTwo, one);
  return Scalar(multiply({1, 0, 0, 0}, out.words));
}

Scalar operator+(const Scalar& a, const Scalar& b) {
  return Scalar(crypto::internal::add_modulo(a.words_, b.words_, kOrder));
}
Scalar operator-(const Scalar& a, const Scalar& b) {
  return Scalar(crypto::internal::subtract_modulo(a.words_, b.words_, kOrder));
}
Scalar operator*(const Scalar& a, const Scalar& b) {
  return Scalar(multiply(multiply(kRadixSquared, a.words_), b.words_));
}
bool equal_vartime(const Scalar& a, const Scalar& b) {
  return a.words_ == b.words_;
}

}  // namespace heqi::crypto::sm9
