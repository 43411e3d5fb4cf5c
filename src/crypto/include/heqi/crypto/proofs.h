// heqi/crypto/proofs.h: non-interactive proofs of knowledge over sm2p256v1 (Fiat–Shamir with SM3).
// The challenge hashes a domain, the statement and the transcript, each with its length before it.
#pragma once
#include <heqi/crypto/weighted_check.h>

namespace heqi::crypto {

// SchnorrProof shows knowledge of w with W = [w]B: A = [k]B, z = k + c·w.
struct SchnorrProof {
  Point commitment;  // A
  Scalar response;   // z
};
// prove_schnorr proves W = [w]base. transcript binds the proof to its session; domain names its
// purpose.
base::Result<SchnorrProof> prove_schnorr(const Scalar& w, const Point& base_point,
                                         const Point& w_point, std::string_view domain,
                                         base::ByteView transcript, base::Random& random);
// verify_schnorr fails with crypto_proof_invalid.
base::Status verify_schnorr(const SchnorrProof& proof, const Point& base_point,
                            const Point& w_point, std::string_view domain,
                            base::ByteView transcript);
// add_schnorr adds the equation that verify_schnorr asks to a check of many, and fails as it does
// where a point is infinity. base_point and w_point that are shared, and the generator, are known
// by their address.
base::Status add_schnorr(WeightedCheck& check, const SchnorrProof& proof, const Point& base_point,
                         const Point& w_point, std::string_view domain, base::ByteView transcript);

// KnownBase is a base B = [logarithm]G whose logarithm the prover knows, so that [k]B is a multiple
// of the generator, in a fifth of the time.
struct KnownBase {
  const Scalar& logarithm;
  const Point& point;
};
// prove_schnorr_list shows by one proof that every w of a list is known: A = [k]B, z = k + Σ cᵢ·wᵢ
// with a challenge cᵢ = 2u + 1 for each point Wᵢ = [wᵢ]B, where u is 128 bits of the hash. The
// points are not hashed by themselves: transcript is a digest that covers all of them in their
// order. Fails with crypto_proof_invalid where base_point or a point is infinity.
base::Result<SchnorrProof> prove_schnorr_list(std::span<const SecretScalar> w,
                                              const KnownBase& base_point,
                                              std::span<const Point* const> w_points,
                                              std::string_view domain, base::ByteView transcript,
                                              base::Random& random);
// verify_schnorr_list fails with crypto_proof_invalid.
base::Status verify_schnorr_list(const SchnorrProof& proof, const Point& base_point,
                                 std::span<const Point* const> w_points, std::string_view domain,
                                 base::ByteView transcript);
// add_schnorr_list adds the equation A + Σ [cᵢ]Wᵢ − [z]B to a check of many, as add_schnorr does.
// As the first equation of the check, which has the weight one, its terms are short.
base::Status add_schnorr_list(WeightedCheck& check, const SchnorrProof& proof,
                              const Point& base_point, std::span<const Point* const> w_points,
                              std::string_view domain, base::ByteView transcript);

// DleqProof shows that one w fits W1 = [w]B1 and W2 = [w]B2 (Chaum–Pedersen).
struct DleqProof {
  Point commitment1, commitment2;
  Scalar response;
};
base::Result<DleqProof> prove_dleq(const Scalar& w, const Point& b1, const Point& w1,
                                   const Point& b2, const Point& w2, std::string_view domain,
                                   base::ByteView transcript, base::Random& random);
base::Status verify_dleq(const DleqProof& proof, const Point& b1, const Point& w1, const Point& b2,
                         const Point& w2, std::string_view domain, base::ByteView transcript);

}  // namespace heqi::crypto
