// multiply.cc: [k]G with a table of the base point, [k]P with signed windows; every look-up reads
// the whole table. Constant time.
#include "booth.h"
#include "comb.h"
#include "order.h"
#include "projective.h"

namespace heqi::crypto {
namespace internal {
namespace {

// make_comb computes every entry and brings them all to affine form with one inversion.
Comb make_comb() {
  static Projective points[kWindows * kWindowEntries];
  static Field products[kWindows * kWindowEntries];
  Projective base = generator();
  for (std::size_t i = 0; i < kWindows; ++i) {
    Projective* row = points + i * kWindowEntries;
    row[0] = base;
    for (std::size_t j = 1; j < kWindowEntries; ++j) row[j] = row[j - 1] + base;
    base = double_point(row[kWindowEntries - 1]);  // 2·16 = 2^5
  }
  Field product = Field::one();
  for (std::size_t i = 0; i < kWindows * kWindowEntries; ++i) {
    products[i] = product;
    product = product * points[i].z;
  }
  Field inverted = inverse(product);
  Comb comb;
  for (std::size_t i = kWindows * kWindowEntries; i-- > 0;) {
    const Field z_inverse = inverted * products[i];
    inverted = inverted * points[i].z;
    comb[i / kWindowEntries][i % kWindowEntries] = {points[i].x * z_inverse,
                                                    points[i].y * z_inverse};
  }
  return comb;
}

Affine look_up(const std::array<Affine, kWindowEntries>& row, const Digit& digit) {
  Affine out;
  for (std::size_t j = 0; j < kWindowEntries; ++j) {
    const base::ct::Mask mask = base::ct::equal(j + 1, digit.magnitude);
    for (std::size_t i = 0; i < 4; ++i) {
      out.x.words[i] |= row[j].x.words[i] & mask;
      out.y.words[i] |= row[j].y.words[i] & mask;
    }
  }
  out.y = select(digit.negative, Field{} - out.y, out.y);
  return out;
}

Projective look_up(const std::array<Projective, kWindowEntries>& row, const Digit& digit) {
  Projective out = Projective::infinity();
  for (std::size_t j = 0; j < kWindowEntries; ++j)
    out = select(base::ct::equal(j + 1, digit.magnitude), row[j], out);
  out.y = select(digit.negative, Field{} - out.y, out.y);
  return out;
}

}  // namespace

const Comb& generator_comb() {
  static const Comb comb = make_comb();
  return comb;
}

}  // namespace internal

using internal::Projective;
using internal::Words;

Point mul_base(const Scalar& k) {
  const internal::Comb& comb = internal::generator_comb();
  Words plain = internal::order_to_plain(k.words());
  Projective sum = Projective::infinity();
  for (std::size_t i = 0; i < internal::kWindows; ++i) {
    const internal::Digit digit = internal::booth_digit(plain, i);
    const Projective next = sum + internal::look_up(comb[i], digit);
    sum = internal::select(base::ct::is_zero(digit.magnitude), sum, next);
  }
  base::secure_wipe(plain.data(), sizeof plain);
  return internal::to_point(sum);
}

Point mul(const Scalar& k, const Point& point) {
  Words plain = internal::order_to_plain(k.words());
  std::array<Projective, internal::kWindowEntries> row;
  row[0] = internal::from_point(point);
  for (std::size_t j = 1; j < internal::kWindowEntries; ++j)
    row[j] = j % 2 == 1 ? double_point(row[j / 2]) : row[j - 1] + row[0];
  Projective sum = Projective::infinity();
  for (std::size_t i = internal::kWindows; i-- > 0;) {
    for (std::size_t j = 0; j < internal::kWindowBits; ++j) sum = double_point(sum);
    sum = sum + internal::look_up(row, internal::booth_digit(plain, i));
  }
  base::secure_wipe(plain.data(), sizeof plain);
  return internal::to_point(sum);
}

}  // namespace heqi::crypto
