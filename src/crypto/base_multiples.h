// base_multiples.h: many multiples of the base point at once, for any field element (see
// curve_operations.h for Machine). The entries of the comb are added in affine form, pair by pair;
// all pairs of a level share one inversion, so that an addition is six products and squares and
// not eleven. Constant time.
#pragma once
#include "curve_operations.h"

namespace heqi::crypto::internal {

template <class Machine>
struct BaseMultiples {
  using Operations = CurveOperations<Machine>;
  using Element = typename Operations::Element;
  using AffinePoint = typename Operations::AffinePoint;
  static constexpr std::size_t kRows = BaseComb::kRows;

  // Sums are what is left to add for each scalar, and of each pair the product of all denominators
  // before its own (P. L. Montgomery's trick).
  struct Sums {
    AffinePoint points[kRows][kBaseGroup];
    Element before[kRows / 2][kBaseGroup];
    OddScalar odd[kBaseGroup];
    DigitSum<kBaseWidth> digits[kBaseGroup];
  };

  static void look_up_all(Sums& sums, const Words* k, std::size_t count) {
    const BaseComb& comb = base_comb();
    for (std::size_t i = 0; i < count; ++i) sums.odd[i] = make_odd(k[i]);
    for (std::size_t row = 0; row < kRows; ++row)
      for (std::size_t i = 0; i < count; ++i) {
        const OddDigit digit = odd_digit<kBaseWidth>(sums.odd[i].words, row);
        sums.points[row][i] = Operations::look_up_base(comb.entries[row], digit);
        sums.digits[i].add(digit, row);
      }
  }

  // Slope is that of the line through both points.
  struct Slope {
    Element numerator, denominator;
  };

  // A pair is [a]G of rows from i up and [b]G of rows from j > i up: odd multiples of 2^(7i) and
  // 2^(7j) with |a| < 2^(7j) ≤ |b|. So a ± b is not 0; and not ±n, which is odd, unless i is 0;
  // then |a| + |b| < 2^252 unless the highest row is among them, which is the last pair.
  struct Inner {
    static Slope slope(const AffinePoint& p, const AffinePoint& q) {
      return {q.y - p.y, q.x - p.x};
    }
    static AffinePoint settled(const AffinePoint&, const AffinePoint&, const AffinePoint& sum) {
      return sum;
    }
  };
  // The last pair is of rows 0 to 31 and 32 to 36. It is opposite where k is zero, which is n as an
  // odd number. It is equal for no k ≤ n: b = a + n and a + b ≤ n would make b an odd multiple of
  // 2^224 from n − 2^224 to n, where the only multiple is an even one.
  static_assert(kRows == 37 && kBaseWidth == 7);
  struct Last {
    static base::ct::Mask is_opposite(const AffinePoint& p, const AffinePoint& q) {
      return equal(p.x.words, q.x.words);
    }
    static Slope slope(const AffinePoint& p, const AffinePoint& q) {
      const Slope other = Inner::slope(p, q);
      return {other.numerator, choose(is_opposite(p, q), Element::one(), other.denominator)};
    }
    static AffinePoint settled(const AffinePoint& p, const AffinePoint& q, const AffinePoint& sum) {
      const base::ct::Mask infinite = is_opposite(p, q);
      return {choose(infinite, Element{}, sum.x), choose(infinite, Element{}, sum.y)};
    }
  };

  static AffinePoint sum_of(const AffinePoint& p, const AffinePoint& q, const Slope& slope,
                            const Element& denominator_inverse) {
    const Element gradient = slope.numerator * denominator_inverse;
    const Element x = square(gradient) - p.x - q.x;
    const Element y = gradient * (p.x - x) - p.y;
    return {x, y};
  }

  // add_pairs leaves (rows + 1) / 2 rows. The second pass goes up, since it writes over pairs that
  // it has read.
  template <class Level>
  static void add_pairs(Sums& sums, std::size_t rows, std::size_t count) {
    Element product = Element::one();
    for (std::size_t pair = rows / 2; pair-- > 0;)
      for (std::size_t i = count; i-- > 0;) {
        sums.before[pair][i] = product;
        product = product *
                  Level::slope(sums.points[2 * pair][i], sums.points[2 * pair + 1][i]).denominator;
      }
    Element rest = load(inverse(Field{product.words}));
    for (std::size_t pair = 0; pair < rows / 2; ++pair)
      for (std::size_t i = 0; i < count; ++i) {
        const AffinePoint &p = sums.points[2 * pair][i], &q = sums.points[2 * pair + 1][i];
        const Slope slope = Level::slope(p, q);
        const Element inverted = rest * sums.before[pair][i];
        sums.points[pair][i] = Level::settled(p, q, sum_of(p, q, slope, inverted));
        rest = rest * slope.denominator;
      }
    if (rows % 2 == 1)
      for (std::size_t i = 0; i < count; ++i) sums.points[rows / 2][i] = sums.points[rows - 1][i];
  }

  static Element load(const Field& a) { return Operations::load(a); }

  // compute is what curve_kernel.h says of base_multiples_portable.
  static void compute(Affine* out, Words* used, const Words* k, std::size_t count) {
    Sums sums;
    look_up_all(sums, k, count);
    std::size_t rows = kRows;
    for (; rows > 2; rows = (rows + 1) / 2) add_pairs<Inner>(sums, rows, count);
    add_pairs<Last>(sums, rows, count);
    for (std::size_t i = 0; i < count; ++i) {
      const AffinePoint& sum = sums.points[0][i];
      const base::ct::Mask negated = sums.odd[i].negated;
      out[i] = {{sum.x.words}, {Operations::negate_if(negated, sum.y).words}};
      used[i] = sums.digits[i].scalar(negated);
    }
    base::secure_wipe(&sums, sizeof sums);
  }
};

}  // namespace heqi::crypto::internal
