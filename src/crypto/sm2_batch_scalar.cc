// sm2_batch_scalar.cc: the batch multiplications on a curve kernel, with one inversion for all, or
// for each level of a tree of sums; and the choice among the paths. Constant time but for the
// function that says otherwise.
#include <algorithm>
#include <vector>

#include "curve_kernel.h"
#include "jacobian_point.h"
#include "sm2_batch_kernel.h"

namespace heqi::crypto::internal {
namespace {

Words words_of(const PlainScalar& scalar) {
  return {scalar.word[0], scalar.word[1], scalar.word[2], scalar.word[3]};
}
Field field_of(const std::uint64_t (&word)[4]) {
  return Field::from_plain({word[0], word[1], word[2], word[3]});
}
void put(std::uint64_t (&word)[4], const Field& element) {
  const Words plain = element.to_plain();
  for (std::size_t i = 0; i < 4; ++i) word[i] = plain[i];
}

JacobianPoint load(const PlainPoint& p) {
  const Field x = field_of(p.x), y = field_of(p.y);
  return {x, y, select(is_zero(x) & is_zero(y), Field{}, Field::one())};
}

// Products are points on their way to affine form; they are wiped when they go.
class Products {
 public:
  explicit Products(std::size_t count) : points_(count), before_(count) {}
  ~Products() {
    base::secure_wipe(points_.data(), points_.size() * sizeof points_[0]);
    base::secure_wipe(before_.data(), before_.size() * sizeof before_[0]);
  }
  Products(const Products&) = delete;
  Products& operator=(const Products&) = delete;

  JacobianPoint& operator[](std::size_t i) { return points_[i]; }

  // store writes all as affine points, by the products of all denominators before each (P. L.
  // Montgomery's trick); false where one is not on the curve.
  bool store(const CurveKernel& curve, PlainPoint* out) {
    Field product = Field::one();
    for (std::size_t i = 0; i < points_.size(); ++i) {
      before_[i] = product;
      product = curve.field_multiply(product, denominator(i));
    }
    Field rest = inverse(product);
    base::ct::Mask right = ~base::ct::Mask(0);
    for (std::size_t i = points_.size(); i-- > 0;) {
      const Affine affine = to_affine(points_[i], curve.field_multiply(rest, before_[i]));
      const base::ct::Mask infinite = is_zero(points_[i].z);
      right &= is_on_curve(affine) | infinite;
      put(out[i].x, select(infinite, Field{}, affine.x));
      put(out[i].y, select(infinite, Field{}, affine.y));
      rest = curve.field_multiply(rest, denominator(i));
    }
    return base::ct::declassified(right);
  }

 private:
  Field denominator(std::size_t i) const {
    return select(is_zero(points_[i].z), Field::one(), points_[i].z);
  }

  std::vector<JacobianPoint> points_;
  std::vector<Field> before_;
};

// BaseGroup is the multiples of G for one call of the tree of sums; wiped when it goes.
struct BaseGroup {
  Words k[kBaseGroup], used[kBaseGroup];
  Affine points[kBaseGroup];
  ~BaseGroup() { base::secure_wipe(this, sizeof *this); }

  void load(const PlainScalar* from, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) k[i] = words_of(from[i]);
  }
  base::ct::Mask store(PlainPoint* out, std::size_t count) const {
    base::ct::Mask right = ~base::ct::Mask(0);
    for (std::size_t i = 0; i < count; ++i) {
      const Affine& point = points[i];
      right &= equal(used[i], k[i]);
      right &= is_on_curve(point) | (is_zero(point.x) & is_zero(point.y));
      put(out[i].x, point.x);
      put(out[i].y, point.y);
    }
    return right;
  }
};

}  // namespace

bool multiply_base_in_groups(BaseTree tree, const PlainScalar* k, std::size_t count,
                             PlainPoint* out) {
  base::ct::Mask right = ~base::ct::Mask(0);
  for (std::size_t at = 0; at < count; at += kBaseGroup) {
    const std::size_t items = std::min(count - at, kBaseGroup);
    BaseGroup group;
    group.load(k + at, items);
    tree(group.points, group.used, group.k, items);
    right &= group.store(out + at, items);
  }
  return base::ct::declassified(right);
}

namespace {

// With fewer scalars, the inversions of the tree cost more than it spares.
constexpr std::size_t kFewestForTree = 6;

// OnCurveKernel is the batch kernel of one curve kernel and its tree of sums.
template <const CurveKernel& kCurve, BaseTree kTree>
struct OnCurveKernel {
  static bool runs(const Processor& processor) { return kCurve.runs(processor); }

  static bool multiply_base(const PlainScalar* k, std::size_t count, PlainPoint* out) {
    const std::size_t rest = count % kBaseGroup < kFewestForTree ? count % kBaseGroup : 0;
    const std::size_t grouped = count - rest;
    return multiply_base_in_groups(kTree, k, grouped, out) &&
           (rest == 0 || multiply_base_few(k + grouped, rest, out + grouped));
  }
  static bool multiply_base_few(const PlainScalar* k, std::size_t count, PlainPoint* out) {
    Products products(count);
    base::ct::Mask right = ~base::ct::Mask(0);
    for (std::size_t i = 0; i < count; ++i) {
      Words scalar = words_of(k[i]);
      Words used = kCurve.multiply_base(products[i], scalar);
      right &= equal(used, scalar);
      base::secure_wipe(scalar.data(), sizeof scalar);
      base::secure_wipe(used.data(), sizeof used);
    }
    return products.store(kCurve, out) && base::ct::declassified(right);
  }
  static bool multiply(const PlainScalar* k, const PlainPoint* p, std::size_t count,
                       PlainPoint* out) {
    Products products(count);
    for (std::size_t i = 0; i < count; ++i) {
      Words scalar = words_of(k[i]);
      kCurve.multiply(products[i], scalar, load(p[i]));
      base::secure_wipe(scalar.data(), sizeof scalar);
    }
    return products.store(kCurve, out);
  }
  static bool multiply_add_vartime(const PlainScalar* a, const PlainScalar* b, const PlainPoint* p,
                                   std::size_t count, PlainPoint* out) {
    Products sums(count);
    for (std::size_t i = 0; i < count; ++i)
      kCurve.multiply_base_add_vartime(sums[i], words_of(a[i]), words_of(b[i]), load(p[i]));
    return sums.store(kCurve, out);
  }
};

template <const CurveKernel& kCurve, BaseTree kTree>
constexpr Sm2BatchKernel scalar_kernel(std::string_view path) {
  using Kernel = OnCurveKernel<kCurve, kTree>;
  return {
      path,    Kernel::runs, Kernel::multiply_base, Kernel::multiply, Kernel::multiply_add_vartime,
      nullptr, nullptr};
}

}  // namespace

const Sm2BatchKernel kSm2BatchPortable =
    scalar_kernel<kPortableCurve, base_multiples_portable>("portable");
#if defined(__x86_64__)
const Sm2BatchKernel kSm2BatchMulx = scalar_kernel<kMulxCurve, base_multiples_mulx>("mulx");
#endif

Choice<Sm2BatchKernel>& sm2_batch_choice() {
  static constexpr const Sm2BatchKernel* kKernels[] = {
#if defined(__x86_64__)
    &kSm2BatchIfma,
    &kSm2BatchMulx,
#endif
    &kSm2BatchPortable
  };
  static Choice<Sm2BatchKernel> choice("sm2_batch", kKernels);
  return choice;
}

}  // namespace heqi::crypto::internal
