// point.h: points of sm2p256v1 in eight lanes, in Jacobian coordinates (x = X/Z², y = Y/Z³,
// infinity where Z = 0). Constant time. Bounds: "3p" beside a number says that it is below 3p (and
// a thousandth); a point's X is below 1p, Y below 2.2p, Z below 2.8p.
#pragma once
#include "field.h"

namespace heqi::crypto::internal::ifma {

// Affine is never infinity; its coordinates are below 1p.
struct Affine {
  Number x, y;
};
struct Jacobian {
  Number x, y, z;
};

HEQI_LANES Affine select(LaneMask mask, const Affine& p, const Affine& q) {
  return {select(mask, p.x, q.x), select(mask, p.y, q.y)};
}
HEQI_LANES Jacobian select(LaneMask mask, const Jacobian& p, const Jacobian& q) {
  return {select(mask, p.x, q.x), select(mask, p.y, q.y), select(mask, p.z, q.z)};
}
HEQI_LANES Jacobian jacobian_of(const Affine& p) {
  return {p.x, p.y, all(kOne)};
}
// negated takes y below 1p.
HEQI_LANES Affine negated(LaneMask mask, const Affine& p) {
  return {p.x, select(mask, folded(primes<2>() - sum_of(p.y)), p.y)};
}

// doubled is 2p; of infinity it is infinity.
HEQI_LANES Jacobian doubled(const Jacobian& p) {
  const Sum delta = square(p.z);                                   // 1.5p
  const Number gamma = squared(p.y);                               // 1.4p
  const Sum beta = multiply(p.x, gamma);                           // 1.1p
  const Number left = carried(sum_of(p.x) - delta + primes<2>());  // 3p
  const Number right = carried(sum_of(p.x) + delta);               // 2.5p
  const Sum third = multiply(left, right);                         // 1.5p
  const Number alpha = carried(third + shifted<1>(third));         // 4.5p
  const Sum beta4 = shifted<2>(beta);                              // 4.4p
  const Number x = folded(square(alpha) - shifted<1>(beta4) + primes<9>());
  const Number z = carried(shifted<1>(multiply(p.y, p.z)));      // 2.8p
  const Number drop = carried(beta4 - sum_of(x) + primes<2>());  // 6.4p
  const Sum gamma2 = shifted<3>(square(gamma));                  // 9p
  const Number y = folded(multiply(alpha, drop) - gamma2 + primes<9>());
  return {x, y, z};
}

// Difference is where two points are, over their common denominator: h of x, r of y.
struct Difference {
  Number h, r;
};
// same asks for h = r = 0: the points are equal.
HEQI_LANES LaneMask same(const Difference& d) {
  return static_cast<LaneMask>(is_zero(d.h) & is_zero(d.r));
}

// join_negated is minus the sum of two points that differ by d, the first one being (u, s) over the
// common denominator z. To give the negative spares a negation: h is first minus second, r second
// minus first.
HEQI_LANES Jacobian join_negated(const Number& u, const Number& s, const Number& z,
                                 const Difference& d) {
  const Number h2 = squared(d.h), h3 = d.h * h2;  // 1.6p, 1.4p
  const Sum v = multiply(u, h2);                  // 1.1p
  const Number x = folded(square(d.r) + sum_of(h3) - shifted<1>(v) + primes<3>());
  const Number drop = carried(v - sum_of(x) + primes<2>());  // 3.1p
  return {x, carried(multiply_two(d.r, drop, s, h3)), carried(multiply(z, d.h))};
}

HEQI_LANES Difference difference(const Jacobian& p, const Affine& q) {
  const Number zz = squared(p.z), zzz = p.z * zz;                    // 1.5p, 1.3p
  return {carried(sum_of(p.x) - multiply(q.x, zz) + primes<2>()),    // 3p
          carried(multiply(q.y, zzz) - sum_of(p.y) + primes<3>())};  // 4.1p
}
// add_negated is −(p + q) for p other than q; for p = −q it is infinity. p is not infinity.
HEQI_LANES Jacobian add_negated(const Jacobian& p, const Affine& q) {
  return join_negated(p.x, p.y, p.z, difference(p, q));
}
// add_negated_any is −(p + q) for every q; p is not infinity.
HEQI_LANES Jacobian add_negated_any(const Jacobian& p, const Affine& q) {
  const Difference d = difference(p, q);
  const Jacobian twice = doubled(jacobian_of(negated(LaneMask(0xFF), q)));
  return select(same(d), twice, join_negated(p.x, p.y, p.z, d));
}

// add_any is p + q for every p and q.
HEQI_LANES Jacobian add_any(const Jacobian& p, const Jacobian& q) {
  const Number pz2 = squared(p.z), qz2 = squared(q.z);                                 // 1.5p
  const Number u = folded(multiply(p.x, qz2)), s = carried(multiply(p.y, q.z * qz2));  // 1p, 1.2p
  const Difference d = {carried(sum_of(u) - multiply(q.x, pz2) + primes<2>()),
                        carried(multiply(q.y, p.z * pz2) - sum_of(s) + primes<3>())};
  Jacobian sum = join_negated(u, s, p.z * q.z, d);
  sum.y = folded(primes<3>() - sum_of(sum.y));
  sum = select(same(d), doubled(p), sum);
  sum = select(is_zero(q.z), p, sum);
  return select(is_zero(p.z), q, sum);
}

// is_on_curve asks y² = x³ − 3x + b.
HEQI_LANES LaneMask is_on_curve(const Affine& p) {
  const Sum one = sum_of(all(kOne));
  const Number slope = carried(square(p.x) - one - shifted<1>(one) + primes<4>());  // x² − 3
  const Number rest =
      carried(sum_of(squared(p.y)) - multiply(slope, p.x) - sum_of(all(kFieldB)) + primes<3>());
  return is_zero(rest);
}

}  // namespace heqi::crypto::internal::ifma
