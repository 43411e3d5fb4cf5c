// jacobian.h: the group law of sm2p256v1 in Jacobian coordinates (x = X/Z², y = Y/Z³; Z = 0 is
// infinity), for any type of field element. The formulas have exceptional cases; each says which,
// and who calls it shows that they do not come up, or asks.
#pragma once
#include "field.h"

namespace heqi::crypto::internal {

template <class Element>
struct Jacobian {
  Element x, y, z;
};

// Cached is a point that is added more than once: zz = Z², zzz = Z³.
template <class Element>
struct Cached {
  Element x, y, z, zz, zzz;
};

template <class Element>
inline Element twice_of(const Element& a) {
  return a + a;
}

template <class Element>
inline Cached<Element> cache(const Jacobian<Element>& p) {
  const Element zz = square(p.z);
  return {p.x, p.y, p.z, zz, zz * p.z};
}

// double_jacobian has no exceptional case: no point has y = 0, and infinity stays infinity.
template <class Element>
__attribute__((noinline)) void double_jacobian(Jacobian<Element>& p) {
  const Element zz = square(p.z), y2 = twice_of(p.y);
  const Element slope = (p.x + zz) * (p.x - zz);
  const Element alpha = twice_of(slope) + slope;
  const Element yy4 = square(y2);
  p.z = p.z * y2;
  const Element beta = yy4 * p.x, yyyy8 = half(square(yy4));
  p.x = square(alpha) - twice_of(beta);
  p.y = alpha * (beta - p.x) - yyyy8;
}

// double_aligned is [2]p, and gives p the same z: (4XY², 8Y⁴, 2YZ) is p as well.
template <class Element>
Jacobian<Element> double_aligned(Jacobian<Element>& p) {
  const Element yy4 = square(twice_of(p.y)), x = yy4 * p.x, y = half(square(yy4));
  Jacobian<Element> twice = p;
  double_jacobian(twice);
  p = {x, y, twice.z};
  return twice;
}

// add_aligned is p + q for points of one z, and gives q the z of the sum (N. Meloni, "New Point
// Addition Formulae for ECC Applications", WAIFI 2007). They are neither equal nor opposite; of
// infinity on both sides it makes infinity.
template <class Element>
__attribute__((noinline)) void add_aligned(Jacobian<Element>& p, Jacobian<Element>& q) {
  const Element h = q.x - p.x, r = q.y - p.y;
  const Element hh = square(h);
  const Element u = q.x * hh, v = p.x * hh;
  const Element s = q.y * (u - v);
  p.z = p.z * h;
  p.x = square(r) - u - v;
  p.y = r * (u - p.x) - s;
  q = {u, s, p.z};
}

// Difference is what an addition finds out about its summands: both differences are zero where they
// are the same point (or p is infinity), and h alone where they are opposite.
template <class Element>
struct Difference {
  Element h, r;
};

// add_affine is p + q for another p that is neither q nor infinity; of −q it makes infinity.
template <class Element>
__attribute__((noinline)) Difference<Element> add_affine(Jacobian<Element>& p, const Element& qx,
                                                         const Element& qy) {
  const Element zz = square(p.z);
  const Element h = qx * zz - p.x;
  const Element r = (zz * p.z) * qy - p.y;
  const Element hh = square(h);
  const Element hhh = hh * h, v = p.x * hh;
  p.z = p.z * h;
  p.x = square(r) - hhh - twice_of(v);
  p.y = r * (v - p.x) - p.y * hhh;
  return {h, r};
}

// add_cached is the same for q in Jacobian coordinates; with infinity on either side it makes
// infinity.
template <class Element>
__attribute__((noinline)) Difference<Element> add_cached(Jacobian<Element>& p,
                                                         const Cached<Element>& q) {
  const Element zz = square(p.z);
  const Element u = p.x * q.zz, s = p.y * q.zzz;
  const Element h = q.x * zz - u;
  const Element r = (zz * p.z) * q.y - s;
  const Element hh = square(h);
  const Element hhh = hh * h, v = u * hh;
  p.z = (p.z * q.z) * h;
  p.x = square(r) - hhh - twice_of(v);
  p.y = r * (v - p.x) - s * hhh;
  return {h, r};
}

template <class Element>
inline Element choose(base::ct::Mask mask, const Element& a, const Element& b) {
  Element out;
  out.words = select(mask, a.words, b.words);
  return out;
}
template <class Element>
inline Jacobian<Element> choose(base::ct::Mask mask, const Jacobian<Element>& p,
                                const Jacobian<Element>& q) {
  return {choose(mask, p.x, q.x), choose(mask, p.y, q.y), choose(mask, p.z, q.z)};
}

// settle_equal ends an addition that may have met two times the same point: there the sum is the
// double.
template <class Element>
inline void settle_equal(Jacobian<Element>& sum, const Difference<Element>& difference,
                         Jacobian<Element> summand) {
  double_jacobian(summand);
  sum = choose(is_zero(difference.h.words) & is_zero(difference.r.words), summand, sum);
}

// The operations with branches, for public values only.
template <class Element>
inline bool is_zero_vartime(const Element& a) {
  return (a.words[0] | a.words[1] | a.words[2] | a.words[3]) == 0;
}

template <class Element>
void add_affine_vartime(Jacobian<Element>& p, const Element& qx, const Element& qy) {
  if (is_zero_vartime(p.z)) {
    p = {qx, qy, Element::one()};
    return;
  }
  const Difference<Element> difference = add_affine(p, qx, qy);
  if (!is_zero_vartime(difference.h) || !is_zero_vartime(difference.r)) return;
  p = {qx, qy, Element::one()};
  double_jacobian(p);
}

template <class Element>
void add_cached_vartime(Jacobian<Element>& p, const Cached<Element>& q) {
  if (is_zero_vartime(q.z)) return;
  if (is_zero_vartime(p.z)) {
    p = {q.x, q.y, q.z};
    return;
  }
  const Difference<Element> difference = add_cached(p, q);
  if (!is_zero_vartime(difference.h) || !is_zero_vartime(difference.r)) return;
  p = {q.x, q.y, q.z};
  double_jacobian(p);
}

}  // namespace heqi::crypto::internal
