#include "sm2_signature.h"

#include "jacobian_point.h"
#include "order.h"

namespace heqi::crypto::internal {
namespace {

void declassify(const Scalar& scalar) {
  base::ct::declassify({reinterpret_cast<const std::uint8_t*>(scalar.words().data()), kScalarSize});
}

// fault is what is reported instead of a result that may be a function of the key.
base::Error fault(const char* what) {
  return base::fail(base::Code::internal, what);
}

Scalar scalar_of(const Words& plain) {
  return Scalar::from_words(order_from_plain(plain));
}

consteval Words prime_minus_order() {
  Words out{};
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) out[i] = subtract_borrow(kPrime[i], kOrder[i], borrow);
  return out;
}

}  // namespace

__attribute__((noinline)) base::Result<Commitment> commit(const Scalar& k,
                                                          const CurveKernel& kernel) {
  Words plain = order_to_plain(k.words());
  JacobianPoint point;
  Words used = kernel.multiply_base(point, plain);
  const Affine affine = to_affine(point);
  if (!base::ct::declassified(is_on_curve(affine))) return fault("SM2: [k]G is not on the curve");
  Commitment out{scalar_of(affine.x.to_plain()), scalar_of(used)};
  base::secure_wipe(plain.data(), sizeof plain);
  base::secure_wipe(used.data(), sizeof used);
  return out;
}

// s = (1+d)⁻¹·(k − r·d) is computed as (1+d)⁻¹·(k + r) − r, which does not touch d; the check does.
__attribute__((noinline)) base::Result<std::optional<Signature>> complete(
    const SigningSecrets& secrets, const Scalar& e, const Scalar& k, const Commitment& commitment) {
  using Attempt = std::optional<Signature>;
  const Scalar r = e + commitment.x;
  if (base::ct::declassified(r.is_zero_mask() | (r + k).is_zero_mask())) return Attempt{};
  const Scalar s = secrets.inverse_1_plus_d * (k + r) - r;
  if (s.is_zero()) return Attempt{};
  const Scalar again = s + (s + r) * secrets.d;
  if (!(again - commitment.k).is_zero()) return fault("SM2: s does not belong to k");
  declassify(r);
  declassify(s);
  return Attempt{Signature{r, s}};
}

base::Result<std::optional<Signature>> attempt_signature(const SigningSecrets& secrets,
                                                         const Scalar& e, const Scalar& k,
                                                         const CurveKernel& kernel) {
  HEQI_TRY(const Commitment commitment, commit(k, kernel));
  return complete(secrets, e, k, commitment);
}

bool has_x_vartime(const JacobianPoint& point, const Scalar& value) {
  // x is the value, or the value plus n where that is below p.
  constexpr Words last = prime_minus_order();
  const Field zz = square(point.z);
  const Words plain = order_to_plain(value.words());
  if ((Field::from_plain(plain) * zz).words == point.x.words) return true;
  if (less(plain, last) == 0) return false;
  std::uint64_t carry = 0;
  return (Field::from_plain(add(plain, kOrder, carry)) * zz).words == point.x.words;
}

}  // namespace heqi::crypto::internal
