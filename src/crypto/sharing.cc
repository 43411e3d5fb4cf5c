#include <heqi/crypto/sharing.h>

namespace heqi::crypto {
namespace {

base::Error malformed(std::string detail) {
  return base::fail(base::Code::malformed, std::move(detail));
}

// evaluate is f(x) by Horner's rule.
Scalar evaluate(std::span<const SecretScalar> coefficients, const Scalar& x) {
  Scalar sum;
  for (std::size_t i = coefficients.size(); i-- > 0;) sum = sum * x + coefficients[i].expose();
  return sum;
}

// published takes a point to affine form: projective coordinates would tell about its scalar.
base::Result<Point> published(const Point& point) {
  const PointBytes bytes = point.encode();
  base::ct::declassify(bytes);
  return Point::decode(bytes);
}

// interpolated is f(x) from shares with different indices (Lagrange).
Scalar interpolated(std::span<const Share> shares, const Scalar& x) {
  Scalar sum;
  for (const Share& share : shares) {
    const Scalar at = Scalar::from_word(share.index);
    Scalar above = Scalar::from_word(1), below = above;
    for (const Share& other : shares) {
      if (other.index == share.index) continue;
      const Scalar there = Scalar::from_word(other.index);
      above = above * (x - there);
      below = below * (at - there);
    }
    sum = sum + share.value.expose() * above * below.inverse();
  }
  return sum;
}

base::Status check_indices(std::span<const Share> shares) {
  std::array<bool, kSharesMax + 1> seen{};
  seen[0] = true;
  for (const Share& share : shares) {
    if (seen[share.index]) return malformed("the index of a share is zero or comes twice");
    seen[share.index] = true;
  }
  return {};
}

}  // namespace

base::Result<Sharing> share_secret(const SecretScalar& secret, std::size_t threshold,
                                   std::size_t count, base::Random& random) {
  if (threshold == 0 || threshold > count || count > kSharesMax)
    return malformed("a threshold is at least one and at most the number of shares");
  if (secret.expose().is_zero())
    return base::fail(base::Code::crypto_scalar_range, "zero has no commitment");
  std::vector<SecretScalar> coefficients;
  coefficients.push_back(secret.clone());
  while (coefficients.size() < threshold) {
    HEQI_TRY(auto drawn, SecretScalar::draw(random));
    coefficients.push_back(std::move(drawn));
  }
  Sharing out;
  for (const SecretScalar& coefficient : coefficients) {
    HEQI_TRY(auto commitment, published(mul_base(coefficient.expose())));
    out.commitments.push_back(std::move(commitment));
  }
  for (std::size_t i = 1; i <= count; ++i)
    out.shares.push_back(
        {static_cast<std::uint8_t>(i), SecretScalar(evaluate(coefficients, Scalar::from_word(i)))});
  base::wipe_stack();
  return out;
}

base::Status verify_share(const Share& share, const Commitments& commitments) {
  if (share.index == 0 || commitments.empty())
    return malformed("a share has an index from one on, and a commitment");
  const Scalar x = Scalar::from_word(share.index);
  Point expected = commitments.back();
  for (std::size_t i = commitments.size() - 1; i-- > 0;)
    expected = mul(x, expected) + commitments[i];
  const PointBytes made = mul_base(share.value.expose()).encode();
  base::wipe_stack();
  if (!base::ct::declassified(base::ct::equal_bytes(made, expected.encode())))
    return base::fail(base::Code::crypto_proof_invalid, "the share does not fit its commitments");
  return {};
}

base::Result<SecretScalar> combine_shares(std::span<const Share> shares, std::size_t threshold) {
  if (threshold == 0 || shares.size() < threshold || shares.size() > kSharesMax)
    return malformed("there are too few shares, or too many");
  HEQI_TRY(check_indices(shares));
  const auto needed = shares.first(threshold);
  for (const Share& more : shares.subspan(threshold)) {
    const Scalar there = interpolated(needed, Scalar::from_word(more.index));
    if (!(there - more.value.expose()).is_zero())
      return base::fail(base::Code::crypto_proof_invalid, "the shares are not of one secret");
  }
  SecretScalar secret(interpolated(needed, Scalar()));
  base::wipe_stack();
  return secret;
}

}  // namespace heqi::crypto
