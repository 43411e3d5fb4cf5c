// multiply_vartime.cc: [a]G + [b]P for public values, in Jacobian coordinates (x = X/Z², y = Y/Z³),
// with branches on the exceptional cases.
#include "comb.h"
#include "order.h"
#include "projective.h"

namespace heqi::crypto {
namespace internal {
namespace {

struct Jacobian {
  Field x, y, z;  // z = 0 is infinity
};

bool is_zero_vartime(const Field& a) {
  return a.words == Words{};
}

Jacobian double_vartime(const Jacobian& p) {
  const Field delta = square(p.z), gamma = square(p.y), beta = p.x * gamma;
  const Field alpha = thrice((p.x - delta) * (p.x + delta));
  const Field beta4 = twice(twice(beta));
  const Field x = square(alpha) - twice(beta4);
  const Field z = square(p.y + p.z) - gamma - delta;
  return {x, alpha * (beta4 - x) - twice(twice(twice(square(gamma)))), z};
}

// join ends an addition: u, s are the first point's x and y over the common denominator, h and r
// the differences to the second point's, z the product of the denominators.
Jacobian join(const Field& u, const Field& s, const Field& h, const Field& r, const Field& z) {
  const Field h2 = square(h), h3 = h2 * h, uh2 = u * h2;
  const Field x = square(r) - h3 - twice(uh2);
  return {x, r * (uh2 - x) - s * h3, z * h};
}

Jacobian add_vartime(const Jacobian& p, const Jacobian& q) {
  if (is_zero_vartime(p.z)) return q;
  if (is_zero_vartime(q.z)) return p;
  const Field pz2 = square(p.z), qz2 = square(q.z);
  const Field u = p.x * qz2, s = p.y * q.z * qz2;
  const Field h = q.x * pz2 - u, r = q.y * p.z * pz2 - s;
  if (is_zero_vartime(h)) return is_zero_vartime(r) ? double_vartime(p) : Jacobian{};
  return join(u, s, h, r, p.z * q.z);
}

Jacobian add_vartime(const Jacobian& p, const Affine& q) {
  if (is_zero_vartime(p.z)) return {q.x, q.y, Field::one()};
  const Field pz2 = square(p.z);
  const Field h = q.x * pz2 - p.x, r = q.y * p.z * pz2 - p.y;
  if (is_zero_vartime(h)) return is_zero_vartime(r) ? double_vartime(p) : Jacobian{};
  return join(p.x, p.y, h, r, p.z);
}

constexpr int kNafWidth = 5;
using NafDigits = std::array<std::int8_t, 257>;

// naf_digits writes scalar as the sum of digit·2^i, digits odd and within ±15, or zero.
NafDigits naf_digits(const Words& scalar) {
  NafDigits digits{};
  int carry = 0;
  for (std::size_t i = 0; i < 257;) {
    const auto bits_at = [&](std::size_t at) {
      return at < 256 ? static_cast<int>(scalar[at / 64] >> (at % 64) & 1) : 0;
    };
    if (bits_at(i) == carry) {
      ++i;
      continue;
    }
    int window = carry;
    for (std::size_t j = 0; j < kNafWidth; ++j) window += bits_at(i + j) << j;
    carry = window >= 1 << (kNafWidth - 1) ? 1 : 0;
    digits[i] = static_cast<std::int8_t>(window - (carry << kNafWidth));
    i += kNafWidth;
  }
  return digits;
}

Jacobian multiply_vartime(const Words& scalar, const Projective& point) {
  std::array<Jacobian, 8> odd;  // 1, 3, … 15 times the point
  odd[0] = {point.x * point.z, point.y * square(point.z), point.z};
  const Jacobian doubled = double_vartime(odd[0]);
  for (std::size_t i = 1; i < odd.size(); ++i) odd[i] = add_vartime(odd[i - 1], doubled);
  const NafDigits digits = naf_digits(scalar);
  Jacobian sum;
  for (std::size_t i = digits.size(); i-- > 0;) {
    sum = double_vartime(sum);
    if (digits[i] == 0) continue;
    Jacobian entry = odd[static_cast<std::size_t>(digits[i] < 0 ? -digits[i] : digits[i]) / 2];
    if (digits[i] < 0) entry.y = Field{} - entry.y;
    sum = add_vartime(sum, entry);
  }
  return sum;
}

}  // namespace
}  // namespace internal

Point mul_add_vartime(const Scalar& a, const Scalar& b, const Point& point) {
  using namespace internal;
  Jacobian sum = multiply_vartime(order_to_plain(b.words()), from_point(point));
  const Words a_plain = order_to_plain(a.words());
  const Comb& comb = generator_comb();
  for (std::size_t i = 0; i < kWindows; ++i) {
    const Digit digit = booth_digit(a_plain, i);
    if (digit.magnitude == 0) continue;
    Affine entry = comb[i][static_cast<std::size_t>(digit.magnitude - 1)];
    if (digit.negative != 0) entry.y = Field{} - entry.y;
    sum = add_vartime(sum, entry);
  }
  if (is_zero_vartime(sum.z)) return Point::infinity();
  return to_point({sum.x * sum.z, sum.y, sum.z * square(sum.z)});
}

}  // namespace heqi::crypto
