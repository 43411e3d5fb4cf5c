// curve_operations.h: the operations of a CurveKernel, for any field element. Machine gives the
// Element and look_up, which reads a whole table. Every name here is a template of Machine, so that
// each kernel's code is its own, made with its own instructions.
#pragma once
#include <cstdlib>
#include <span>

#include "curve_kernel.h"
#include "naf.h"

namespace heqi::crypto::internal {

template <class Machine>
struct CurveOperations {
  using Element = typename Machine::Element;
  using Point = Jacobian<Element>;
  struct AffinePoint {
    Element x, y;
  };

  static Element load(const Field& a) {
    Element out;
    out.words = a.words;
    return out;
  }
  static Point load(const JacobianPoint& p) { return {load(p.x), load(p.y), load(p.z)}; }
  static AffinePoint load(const Affine& p) { return {load(p.x), load(p.y)}; }
  static void store(JacobianPoint& out, const Point& p) {
    out = {{p.x.words}, {p.y.words}, {p.z.words}};
  }

  static Element negate_if(base::ct::Mask mask, const Element& a) {
    return choose(mask, Element{} - a, a);
  }

  static AffinePoint look_up_base(const std::array<Affine, BaseComb::kEntries>& row,
                                  const OddDigit& digit) {
    AffinePoint out;
    Machine::look_up(out, row, digit.index);
    out.y = negate_if(digit.negative, out.y);
    return out;
  }

  // multiply_base adds one entry of each row, from the lowest digit up. Before digit i the sum S is
  // odd with |S| < 2^(7i), less than any digit's term, and |S| + |term| < n for all but the last
  // digit: the summands are never infinity, equal or opposite. With the last digit, S = ±term
  // modulo n happens for two values of k (0 is one); settle_equal serves them.
  static Words multiply_base(JacobianPoint& out, const Words& k) {
    const BaseComb& comb = base_comb();
    const OddScalar odd = make_odd(k);
    DigitSum<kBaseWidth> recomposed;
    OddDigit digit = odd_digit<kBaseWidth>(odd.words, 0);
    AffinePoint entry = look_up_base(comb.entries[0], digit);
    recomposed.add(digit, 0);
    Point sum{entry.x, entry.y, Element::one()};
    Difference<Element> difference{};
    for (std::size_t i = 1; i < BaseComb::kRows; ++i) {
      digit = odd_digit<kBaseWidth>(odd.words, i);
      entry = look_up_base(comb.entries[i], digit);
      difference = add_affine(sum, entry.x, entry.y);
      recomposed.add(digit, i);
    }
    settle_equal(sum, difference, {entry.x, entry.y, Element::one()});
    sum.y = negate_if(odd.negated, sum.y);
    store(out, sum);
    return recomposed.scalar(odd.negated);
  }

  static constexpr std::size_t kWidth = 5;
  using Window = std::array<Cached<Element>, std::size_t(1) << (kWidth - 1)>;

  // fill_odds puts [2j + 1]P at window[j]. An odd multiple below n is never ±[2]P.
  static void fill_odds(std::span<Cached<Element>> window, const Point& p) {
    Point odd = p, twice = double_aligned(odd);
    window[0] = cache(odd);
    for (std::size_t j = 1; j < window.size(); ++j) {
      add_aligned(odd, twice);
      window[j] = cache(odd);
    }
  }

  // multiply goes from the highest digit down. Before the addition of digit i, the sum is [a]P for
  // an even a with 32 ≤ a; a + 31 < n for all but the last digit. So the summands differ there, and
  // settle_equal serves the last. Infinity goes through all formulas as z = 0.
  static void multiply(JacobianPoint& out, const Words& k, const JacobianPoint& p) {
    const OddScalar odd = make_odd(k);
    Window window;
    fill_odds(window, load(p));
    // The highest digit is bit 255 with the forced lowest bit: one, whatever k is.
    Point sum = load(p);
    Cached<Element> entry;
    Difference<Element> difference{};
    for (std::size_t i = digit_count(kWidth) - 1; i-- > 0;) {
      for (std::size_t j = 0; j < kWidth; ++j) double_jacobian(sum);
      const OddDigit digit = odd_digit<kWidth>(odd.words, i);
      Machine::look_up(entry, window, digit.index);
      entry.y = negate_if(digit.negative, entry.y);
      difference = add_cached(sum, entry);
    }
    settle_equal(sum, difference, {entry.x, entry.y, entry.z});
    sum.y = negate_if(odd.negated, sum.y);
    store(out, sum);
  }

  // ---- Below: public values only. ----

  using NafWindow = std::array<Cached<Element>, std::size_t(1) << (kNafWidth - 2)>;

  static std::size_t index_of(int digit) { return static_cast<std::size_t>(std::abs(digit)) / 2; }

  static void add_odd_vartime(Point& sum, Cached<Element> entry, bool negative) {
    if (negative) entry.y = Element{} - entry.y;
    add_cached_vartime(sum, entry);
  }
  static void add_entry_vartime(Point& sum, const Affine& stored, bool negative) {
    AffinePoint entry = load(stored);
    if (negative) entry.y = Element{} - entry.y;
    add_affine_vartime(sum, entry.x, entry.y);
  }

  static void multiply_base_add_vartime(JacobianPoint& out, const Words& a, const Words& b,
                                        const JacobianPoint& p) {
    const BaseOdds& odds = base_odds();
    NafWindow window;
    fill_odds(window, load(p));
    const NafDigits a_digits = naf_digits(a, kBaseNafWidth), b_digits = naf_digits(b, kNafWidth);
    Point sum{};
    for (std::size_t i = a_digits.size(); i-- > 0;) {
      if (!is_zero_vartime(sum.z)) double_jacobian(sum);
      if (const int digit = b_digits[i]; digit != 0)
        add_odd_vartime(sum, window[index_of(digit)], digit < 0);
      if (const int digit = a_digits[i]; digit != 0)
        add_entry_vartime(sum, odds[index_of(digit)], digit < 0);
    }
    store(out, sum);
  }

  static Cached<Element> load(const Cached<Field>& p) {
    return {load(p.x), load(p.y), load(p.z), load(p.zz), load(p.zzz)};
  }
  static void keep_odds_vartime(PublicTerm& term) {
    NafWindow window;
    fill_odds(window, load(term.p));
    for (std::size_t j = 0; j < window.size(); ++j) {
      const Cached<Element>& odd = window[j];
      term.odds[j] = {{odd.x.words}, {odd.y.words}, {odd.z.words}, {odd.zz.words}, {odd.zzz.words}};
    }
  }

  // multiply_sum_vartime shares the doublings among all terms (Straus).
  static void multiply_sum_vartime(JacobianPoint& out, const Words& a, PublicTerm* terms,
                                   const std::int8_t* digits, std::size_t count) {
    const BaseOdds& odds = base_odds();
    for (std::size_t j = 0; j < count; ++j) keep_odds_vartime(terms[j]);
    const NafDigits a_digits = naf_digits(a, kBaseNafWidth);
    Point sum{};
    for (std::size_t i = a_digits.size(); i-- > 0;) {
      if (!is_zero_vartime(sum.z)) double_jacobian(sum);
      for (std::size_t j = 0; j < count; ++j) {
        if (const int digit = digits[i * count + j]; digit != 0)
          add_odd_vartime(sum, load(terms[j].odds[index_of(digit)]), digit < 0);
      }
      if (const int digit = a_digits[i]; digit != 0)
        add_entry_vartime(sum, odds[index_of(digit)], digit < 0);
    }
    store(out, sum);
  }

  template <std::size_t kCombWidth>
  static void add_comb_vartime(Point& sum, const Words& k, const Comb<kCombWidth>& comb) {
    if (k == Words{}) return;
    const OddScalar odd = make_odd(k);
    for (std::size_t i = 0; i < comb.kRows; ++i) {
      const OddDigit digit = odd_digit<kCombWidth>(odd.words, i);
      add_entry_vartime(sum, comb.entries[i][static_cast<std::size_t>(digit.index)],
                        digit.negative != odd.negated);
    }
  }

  static void multiply_combs_vartime(JacobianPoint& out, const Words& a, const Words& b,
                                     const KeyComb& comb) {
    Point sum{};
    add_comb_vartime(sum, a, base_comb());
    add_comb_vartime(sum, b, comb);
    store(out, sum);
  }

  // ---- Single steps. ----

  static Field field_multiply(const Field& a, const Field& b) {
    return {(load(a) * load(b)).words};
  }
  static Field field_square(const Field& a) { return {square(load(a)).words}; }
  static Field field_add(const Field& a, const Field& b) { return {(load(a) + load(b)).words}; }
  static Field field_subtract(const Field& a, const Field& b) {
    return {(load(a) - load(b)).words};
  }
  static Field field_half(const Field& a) { return {half(load(a)).words}; }
  static void double_point(JacobianPoint& p) {
    Point point = load(p);
    double_jacobian(point);
    store(p, point);
  }
  static void add_points(JacobianPoint& p, const JacobianPoint& q) {
    Point sum = load(p);
    add_cached(sum, cache(load(q)));
    store(p, sum);
  }

  static constexpr CurveKernel kernel(std::string_view path, bool (*runs)(const Processor&),
                                      Words (*order_product)(const Words&, const Words&)) {
    return {.path = path,
            .runs = runs,
            .multiply_base = multiply_base,
            .multiply = multiply,
            .multiply_base_add_vartime = multiply_base_add_vartime,
            .multiply_sum_vartime = multiply_sum_vartime,
            .multiply_combs_vartime = multiply_combs_vartime,
            .field_multiply = field_multiply,
            .field_square = field_square,
            .field_add = field_add,
            .field_subtract = field_subtract,
            .field_half = field_half,
            .order_multiply = order_product,
            .double_point = double_point,
            .add_points = add_points};
  }
};

}  // namespace heqi::crypto::internal
