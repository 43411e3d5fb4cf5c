#include <heqi/crypto/curve_batch.h>

#include <optional>

#include "jacobian_point.h"
#include "plain_numbers.h"

namespace heqi::crypto {
namespace {

using internal::Affine;
using internal::Field;
using internal::PlainPoints;
using internal::PlainScalars;
using internal::Projective;

base::Error wrong_result() {
  return base::fail(base::Code::internal, "multiplication: a result is not right");
}

base::Result<std::vector<Point>> points_of(bool right, PlainPoints& plain) {
  base::wipe_deep_stack();
  if (!right) return wrong_result();
  std::vector<Point> out;
  out.reserve(plain.size());
  for (std::size_t i = 0; i < plain.size(); ++i) out.push_back(internal::point_of(plain[i]));
  return out;
}

// put_all makes all points affine with one inversion; constant time. The inverse of zero being
// zero, infinity becomes (0, 0).
void put_all(PlainPoints& out, std::span<const Multiplication> products) {
  std::vector<Field> z;
  z.reserve(products.size());
  for (const Multiplication& product : products) z.push_back(internal::from_point(*product.p).z);
  internal::invert_all(z);
  for (std::size_t i = 0; i < products.size(); ++i) {
    const Projective p = internal::from_point(*products[i].p);
    internal::put(out[i], Affine{p.x * z[i], p.y * z[i]});
  }
  base::secure_wipe(z.data(), z.size() * sizeof(Field));
}

[[maybe_unused]] base::Result<std::vector<Point>> many_of_base(std::span<const Scalar> scalars) {
  PlainScalars k(scalars.size());
  PlainPoints out(scalars.size());
  for (std::size_t i = 0; i < scalars.size(); ++i) internal::put(k[i], scalars[i]);
  const bool right = internal::sm2_batch_kernel().multiply_base(k.data(), k.size(), out.data());
  return points_of(right, out);
}

[[maybe_unused]] base::Result<std::vector<Point>> many_of_points(
    std::span<const Multiplication> products) {
  PlainScalars k(products.size());
  PlainPoints p(products.size()), out(products.size());
  for (std::size_t i = 0; i < products.size(); ++i) internal::put(k[i], *products[i].k);
  put_all(p, products);
  const bool right =
      internal::sm2_batch_kernel().multiply(k.data(), p.data(), k.size(), out.data());
  return points_of(right, out);
}

// spaced_points are 2^(kSpacing·j)·P.
void spaced_points(PlainPoints& out, const Point& p) {
  internal::JacobianPoint points[internal::kSpacedPoints];
  Field z[internal::kSpacedPoints];
  points[0] = internal::to_jacobian(p);
  for (std::size_t j = 0; j < out.size(); ++j) {
    if (j > 0) points[j] = points[j - 1];
    for (unsigned i = 0; j > 0 && i < internal::kSpacing; ++i)
      internal::curve_kernel().double_point(points[j]);
    z[j] = points[j].z;
  }
  internal::invert_all(z);
  for (std::size_t j = 0; j < out.size(); ++j)
    internal::put(out[j], internal::to_affine(points[j], z[j]));
  base::secure_wipe(points, sizeof points);
  base::secure_wipe(z, sizeof z);
}

// multiples_of_one is empty where the kernel has no lanes, or says that its products are of no use.
[[maybe_unused]] std::optional<std::vector<Point>> multiples_of_one(
    const Point& p, std::span<const Scalar> scalars) {
  const internal::Sm2BatchKernel& kernel = internal::sm2_batch_kernel();
  if (kernel.multiply_one == nullptr) return {};
  PlainPoints spaced(internal::kSpacedPoints), out(scalars.size());
  spaced_points(spaced, p);
  PlainScalars k(scalars.size());
  for (std::size_t i = 0; i < scalars.size(); ++i) internal::put(k[i], scalars[i]);
  auto products =
      points_of(kernel.multiply_one(k.data(), k.size(), spaced.data(), out.data()), out);
  if (!products) return {};
  return *std::move(products);
}

// The code for lanes is left out of a browser, where a person signs little at a time and the size
// of the program counts.
#if defined(__EMSCRIPTEN__)
constexpr bool kHasLanes = false;
#else
constexpr bool kHasLanes = true;
#endif

// FewProducts are multiplied one by one and made affine together; wiped when they go.
class FewProducts {
 public:
  explicit FewProducts(std::size_t count) : points_(count), z_(count) {}
  ~FewProducts() {
    base::secure_wipe(points_.data(), points_.size() * sizeof points_[0]);
    base::secure_wipe(z_.data(), z_.size() * sizeof z_[0]);
  }
  FewProducts(const FewProducts&) = delete;
  FewProducts& operator=(const FewProducts&) = delete;

  internal::JacobianPoint& operator[](std::size_t i) { return points_[i]; }

  base::Result<std::vector<Point>> affine() {
    for (std::size_t i = 0; i < z_.size(); ++i) z_[i] = points_[i].z;
    internal::invert_all(z_);
    std::vector<Point> out;
    out.reserve(points_.size());
    base::ct::Mask right = ~base::ct::Mask(0);
    for (std::size_t i = 0; i < z_.size(); ++i) {
      const Affine affine = internal::to_affine(points_[i], z_[i]);
      const base::ct::Mask infinite = is_zero(points_[i].z);
      right &= is_on_curve(affine) | infinite;
      out.push_back(internal::to_point(
          internal::select(infinite, Projective::infinity(), Projective::from(affine))));
    }
    if (!base::ct::declassified(right)) return wrong_result();
    return out;
  }

 private:
  std::vector<internal::JacobianPoint> points_;
  std::vector<Field> z_;
};

base::Result<std::vector<Point>> few_of_base(std::span<const Scalar> scalars) {
  FewProducts products(scalars.size());
  base::ct::Mask right = ~base::ct::Mask(0);
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    internal::Words plain = internal::order_to_plain(scalars[i].words());
    internal::Words used = internal::curve_kernel().multiply_base(products[i], plain);
    right &= internal::equal(used, plain);
    base::secure_wipe(plain.data(), sizeof plain);
    base::secure_wipe(used.data(), sizeof used);
  }
  if (!base::ct::declassified(right)) return wrong_result();
  return products.affine();
}

base::Result<std::vector<Point>> few_of_points(std::span<const Multiplication> multiplications) {
  FewProducts products(multiplications.size());
  for (std::size_t i = 0; i < multiplications.size(); ++i) {
    internal::Words plain = internal::order_to_plain(multiplications[i].k->words());
    internal::curve_kernel().multiply(products[i], plain,
                                      internal::to_jacobian(*multiplications[i].p));
    base::secure_wipe(plain.data(), sizeof plain);
  }
  return products.affine();
}

}  // namespace

base::Result<std::vector<Point>> mul_base_batch(std::span<const Scalar> scalars) {
  if constexpr (kHasLanes)
    if (scalars.size() >= kLanesPay) return many_of_base(scalars);
  return few_of_base(scalars);
}

base::Result<std::vector<Point>> mul_one_batch(const Point& p, std::span<const Scalar> scalars) {
  if constexpr (kHasLanes)
    if (scalars.size() >= kTablesPay && !p.is_infinity())
      if (auto products = multiples_of_one(p, scalars)) return *std::move(products);
  std::vector<Multiplication> products;
  products.reserve(scalars.size());
  for (const Scalar& k : scalars) products.push_back({&k, &p});
  return mul_batch(products);
}

void make_affine(std::span<Point> points) {
  std::vector<Field> z;
  z.reserve(points.size());
  for (const Point& point : points) z.push_back(internal::from_point(point).z);
  internal::invert_all(z);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Projective p = internal::from_point(points[i]);
    points[i] = internal::to_point(internal::select(
        is_zero(p.z), Projective::infinity(), Projective::from(Affine{p.x * z[i], p.y * z[i]})));
  }
  base::secure_wipe(z.data(), z.size() * sizeof(Field));
}

base::Result<std::vector<Point>> mul_batch(std::span<const Multiplication> products) {
  if constexpr (kHasLanes)
    if (products.size() >= kLanesPay) return many_of_points(products);
  return few_of_points(products);
}

}  // namespace heqi::crypto
