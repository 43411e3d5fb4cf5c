// heqi/crypto/sharing.h: a secret modulo n in parts of which any `threshold` give it back (Shamir
// 1979), with commitments by which each holder checks its part (Feldman 1987). n is the order of
// sm2p256v1.
#pragma once
#include <span>
#include <vector>

#include <heqi/crypto/curve.h>

namespace heqi::crypto {

inline constexpr std::size_t kSharesMax = 255;

// Share is f(index) of the polynomial whose f(0) is the secret. Move-only.
struct Share {
  std::uint8_t index = 0;  // 1 … kSharesMax
  SecretScalar value;
};

// Commitments are [a0]G, [a1]G, … of the coefficients; the first belongs to the secret. Public.
using Commitments = std::vector<Point>;

struct Sharing {
  std::vector<Share> shares;
  Commitments commitments;
};

// share_secret makes count shares, of which threshold are needed. Constant time in the secret.
// Fails with malformed unless 1 ≤ threshold ≤ count ≤ kSharesMax; crypto_scalar_range for a secret
// of zero; crypto_random_failed.
base::Result<Sharing> share_secret(const SecretScalar& secret, std::size_t threshold,
                                   std::size_t count, base::Random& random);

// verify_share checks [value]G against the commitments. Fails with crypto_proof_invalid; malformed
// for an index of zero or no commitments.
base::Status verify_share(const Share& share, const Commitments& commitments);

// combine_shares gives the secret back from threshold or more shares. Those beyond the threshold
// must lie on the same polynomial, else crypto_proof_invalid. Fails with malformed for too few, an
// index of zero, or one that comes twice. Constant time in the values, not in the indices.
base::Result<SecretScalar> combine_shares(std::span<const Share> shares, std::size_t threshold);

}  // namespace heqi::crypto
