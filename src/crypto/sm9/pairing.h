// pairing.h: the R-ate pairing of SM9 (GB/T 38635.1 §6.4 and annex A): Miller's loop over 6t + 2
// and the final exponentiation to (p¹² − 1)/N. What depends on the point of the twist alone is
// prepared. Constant time: the loop's course is that of the public number t.
#pragma once
#include "projective.h"
#include "tower.h"

namespace heqi::crypto::sm9::internal {

// Signed is a number in non-adjacent form, the lowest digit first.
struct Signed {
  std::array<std::int8_t, 68> digits{};
  std::size_t size = 0;   // the highest digit is 1
  std::size_t count = 0;  // digits that are not zero, the highest left out
};
consteval Signed non_adjacent(crypto::internal::DoubleWord number) {
  Signed out;
  while (number != 0) {
    std::int8_t digit = 0;
    if ((number & 1) != 0) {
      digit = (number & 3) == 1 ? 1 : -1;
      number = digit == 1 ? number - 1 : number + 1;
      ++out.count;
    }
    out.digits[out.size++] = digit;
    number >>= 1;
  }
  --out.count;
  return out;
}
inline constexpr Signed kLoop = non_adjacent(crypto::internal::DoubleWord(6) * kT + 2);
inline constexpr Signed kTSigned = non_adjacent(kT);
inline constexpr std::size_t kLines = kLoop.size - 1 + kLoop.count + 2;

// Line is v + free + slope·w², the line of one step divided by y of the point that it is taken at:
// there free is to be multiplied by 1/y and slope by x/y. A factor from Fp4 does not matter.
template <class Path>
struct Line {
  Fp2<Path> free, slope;
};
template <class Path>
using Lines = std::array<Line<Path>, kLines>;

// Step is the running point with the line of its last move, scale·y·v + free + slope·x·w².
template <class Path>
struct Step {
  Projective<Fp2<Path>> point;
  Line<Path> line;
  Fp2<Path> scale;
};

// double_step moves to [2]T and gives the tangent (Costello, Lange, Naehrig; no inversion).
template <class Path>
void double_step(Step<Path>& step) {
  Projective<Fp2<Path>>& t = step.point;
  const Fp2<Path> xx = square(t.x), yy = square(t.y), zz = square(t.z);
  const Fp2<Path> bzz = times_3b(zz), bzz3 = thrice(bzz), sum = yy + bzz3;
  const Fp2<Path> xy2 = square(t.x + t.y) - xx - yy, yz2 = square(t.y + t.z) - yy - zz;
  step.line = {yy - bzz, -thrice(xx)};
  step.scale = yz2;
  const Fp2<Path> bzz_squared = square(twice(bzz));
  t = {xy2 * (yy - bzz3), square(sum) - thrice(bzz_squared), twice(twice(yy * yz2))};
}

// add_step moves to T + Q for Q = (x, y) and gives the line through both.
template <class Path>
void add_step(Step<Path>& step, const Fp2<Path>& x, const Fp2<Path>& y) {
  Projective<Fp2<Path>>& t = step.point;
  const Fp2<Path> theta = t.y - y * t.z, lambda = t.x - x * t.z;
  step.line = {theta * x - lambda * y, -theta};
  step.scale = lambda;
  const Fp2<Path> squared = square(lambda), cubed = squared * lambda, moved = t.x * squared;
  const Fp2<Path> sum = cubed + t.z * square(theta) - twice(moved);
  t = {lambda * sum, theta * (moved - sum) - cubed * t.y, t.z * cubed};
}

// divide_by_scales brings every line to scale 1 with one inversion.
template <class Path>
void divide_by_scales(Lines<Path>& lines, const std::array<Fp2<Path>, kLines>& scales) {
  std::array<Fp2<Path>, kLines> products;
  Fp2<Path> product = Fp2<Path>::one();
  for (std::size_t i = 0; i < kLines; ++i) {
    products[i] = product;
    product = product * scales[i];
  }
  Fp2<Path> inverted = inverse(product);
  for (std::size_t i = kLines; i-- > 0;) {
    const Fp2<Path> over = inverted * products[i];
    inverted = inverted * scales[i];
    lines[i] = {lines[i].free * over, lines[i].slope * over};
  }
}

// prepare computes the lines of all steps for a point of the twist. Those of infinity are v alone.
template <class Path>
void prepare(Lines<Path>& lines, const Projective<Fp2<Path>>& point) {
  const Projective<Fp2<Path>> q = to_affine(point);
  std::array<Fp2<Path>, kLines> scales;
  std::size_t at = 0;
  Step<Path> step{{q.x, q.y, Fp2<Path>::one()}, {}, {}};
  const auto keep = [&] {
    lines[at] = step.line;
    scales[at++] = step.scale;
  };
  for (std::size_t i = kLoop.size - 1; i-- > 0;) {
    double_step(step);
    keep();
    if (kLoop.digits[i] == 0) continue;
    add_step(step, q.x, kLoop.digits[i] > 0 ? q.y : -q.y);
    keep();
  }
  // The last two moves: by the image of Q under Frobenius, and by minus its second image.
  constexpr Words kX = in_field(kFrobeniusX), kY = in_field(kFrobeniusY);
  add_step(step, conjugate(q.x) * Fp<Path>{kX}, conjugate(q.y) * Fp<Path>{kY});
  keep();
  constexpr Words kTwiceX = in_field(kFrobeniusTwiceX);
  add_step(step, q.x * Fp<Path>{kTwiceX}, q.y);
  keep();
  divide_by_scales(lines, scales);
}

// times_line is f·(v + free + slope·w²): even and odd powers of w are two numbers of a cubic field.
template <class Path>
[[gnu::noinline]] void times_line(Fp12<Path>& f, const Fp2<Path>& free, const Fp2<Path>& slope) {
  using Number = Fp2<Path>;
  struct Cubic {
    Number n0, n1, n2;
  };
  const Number both = free + slope;
  const auto times = [&](const Number& n0, const Number& n1, const Number& n2) {
    const Number lowest = n0 * free, middle = n1 * slope;
    return Cubic{lowest + times_u(n2 * slope), (n0 + n1) * both - lowest - middle,
                 n2 * free + middle};
  };
  const Cubic even = times(f.a.low, f.c.low, f.b.high);
  const Cubic odd = times(f.b.low, f.a.high, f.c.high);
  f = {{even.n0 + times_u(f.a.high), odd.n1 + f.a.low},
       {odd.n0 + times_u(f.b.high), even.n2 + f.b.low},
       {even.n1 + times_u(f.c.high), odd.n2 + f.c.low}};
}

// miller takes the prepared lines at P. Infinity gives a power of v, which the final exponentiation
// makes one.
template <class Path>
Fp12<Path> miller(const Lines<Path>& lines, const Projective<Fp<Path>>& p) {
  const Fp<Path> over = inverse(p.y), y_inverse = p.z * over, x_over_y = p.x * over;
  Fp12<Path> f = Fp12<Path>::one();
  std::size_t at = 0;
  const auto next = [&] {
    times_line(f, lines[at].free * y_inverse, lines[at].slope * x_over_y);
    ++at;
  };
  for (std::size_t i = kLoop.size - 1; i-- > 0;) {
    if (i + 2 < kLoop.size) f = square(f);
    next();
    if (kLoop.digits[i] != 0) next();
  }
  next();
  next();
  return f;
}

// power_of_t is x^t for unitary x.
template <class Path>
Fp12<Path> power_of_t(const Fp12<Path>& x) {
  const Fp12<Path> inverted = conjugate(x);
  Fp12<Path> out = x;
  for (std::size_t i = kTSigned.size - 1; i-- > 0;) {
    out = square_unitary(out);
    if (kTSigned.digits[i] != 0) out = out * (kTSigned.digits[i] > 0 ? x : inverted);
  }
  return out;
}

// final_exponentiation is f^((p¹² − 1)/N). The second part is p³ + (6t²+1)p² − (36t³+18t²+12t−1)p
// − (36t³+30t²+18t+2), in the order of Scott, Benger, Charlemagne, Perez and Kachisa (Pairing
// 2009).
template <class Path>
Fp12<Path> final_exponentiation(const Fp12<Path>& in) {
  Fp12<Path> f = conjugate(in) * inverse(in);
  f = frobenius(frobenius(f)) * f;

  const Fp12<Path> t1 = power_of_t(f), t2 = power_of_t(t1), t3 = power_of_t(t2);
  const Fp12<Path> f1 = frobenius(f), f2 = frobenius(f1), f3 = frobenius(f2);
  const Fp12<Path> t2_1 = frobenius(t2);
  const Fp12<Path> y0 = f1 * f2 * f3, y1 = conjugate(f), y2 = frobenius(t2_1);
  const Fp12<Path> y3 = conjugate(frobenius(t1)), y4 = conjugate(t1 * t2_1);
  const Fp12<Path> y5 = conjugate(t2), y6 = conjugate(t3 * frobenius(t3));

  // y0·y1²·y2⁶·y3¹²·y4¹⁸·y5³⁰·y6³⁶
  Fp12<Path> low = square_unitary(y6) * y4 * y5;
  Fp12<Path> high = y3 * y5 * low;
  low = low * y2;
  high = square_unitary(square_unitary(high) * low);
  low = square_unitary(high * y1);
  return low * (high * y0);
}

}  // namespace heqi::crypto::sm9::internal
