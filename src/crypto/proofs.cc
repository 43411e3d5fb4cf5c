#include <heqi/crypto/proofs.h>

#include <heqi/crypto/curve_batch.h>
#include <heqi/crypto/sm3.h>

namespace heqi::crypto {
namespace {

// Challenge hashes parts, each after its length in eight bytes, so that no two statements hash
// alike.
class Challenge {
 public:
  explicit Challenge(std::string_view domain) { add(base::bytes_of(domain)); }
  Challenge& add(base::ByteView part) {
    std::array<std::uint8_t, 8> size;
    for (std::size_t i = 0; i < 8; ++i)
      size[i] = static_cast<std::uint8_t>(std::uint64_t(part.size()) >> (56 - 8 * i));
    hash_.update(size).update(part);
    return *this;
  }
  Challenge& add(const Point& point) {
    // What is hashed is about to be published; only its affine form is.
    const PointBytes bytes = point.encode();
    base::ct::declassify(bytes);
    return add(base::ByteView(bytes));
  }
  Scalar finish() { return Scalar::reduce(hash_.finish()); }

 private:
  Sm3 hash_;
};

Scalar schnorr_challenge(const Point& base_point, const Point& w_point, const Point& commitment,
                         std::string_view domain, base::ByteView transcript) {
  return Challenge(domain).add(base_point).add(w_point).add(commitment).add(transcript).finish();
}

Scalar dleq_challenge(const Point& b1, const Point& w1, const Point& b2, const Point& w2,
                      const DleqProof& proof, std::string_view domain, base::ByteView transcript) {
  Challenge challenge(domain);
  for (const Point* point : {&b1, &w1, &b2, &w2, &proof.commitment1, &proof.commitment2})
    challenge.add(*point);
  return challenge.add(transcript).finish();
}

bool any_infinity(std::initializer_list<const Point*> points) {
  for (const Point* point : points)
    if (point->is_infinity()) return true;
  return false;
}

// fits asks [z]B = A + [c]W.
bool fits(const Scalar& z, const Point& b, const Point& a, const Scalar& c, const Point& w) {
  if (equal_vartime(b, Point::generator())) return equal_vartime(mul_add_vartime(z, -c, w), a);
  const std::array<Term, 2> sum = {Term{z, &b}, Term{-c, &w}};
  return equal_vartime(mul_sum_vartime(Scalar(), sum), a);
}

base::Error invalid(std::string detail) {
  return base::fail(base::Code::crypto_proof_invalid, std::move(detail));
}

// publish takes a point that is about to leave to affine form: projective coordinates would tell
// about the scalar that made it.
base::Result<Point> publish(const Point& point) {
  const PointBytes bytes = point.encode();
  base::ct::declassify(bytes);
  return Point::decode(bytes);
}

Scalar respond(const Scalar& k, const Scalar& c, const Scalar& w) {
  const Scalar z = k + c * w;
  base::ct::declassify({reinterpret_cast<const std::uint8_t*>(z.words().data()), kScalarSize});
  return z;
}

}  // namespace

namespace {

// prove_with is prove_schnorr where multiple(k) is [k]B.
template <class Multiple>
base::Result<SchnorrProof> prove_with(const Multiple& multiple, const Scalar& w,
                                      const Point& base_point, const Point& w_point,
                                      std::string_view domain, base::ByteView transcript,
                                      base::Random& random) {
  if (any_infinity({&base_point, &w_point})) return invalid("a point of the statement is infinity");
  HEQI_TRY(const Scalar k, Scalar::draw(random));
  HEQI_TRY(const Point commitment, publish(multiple(k)));
  const Scalar c = schnorr_challenge(base_point, w_point, commitment, domain, transcript);
  SchnorrProof proof{commitment, respond(k, c, w)};
  base::wipe_stack();
  return proof;
}

}  // namespace

base::Result<SchnorrProof> prove_schnorr(const Scalar& w, const Point& base_point,
                                         const Point& w_point, std::string_view domain,
                                         base::ByteView transcript, base::Random& random) {
  if (equal_vartime(base_point, Point::generator()))
    return prove_with(mul_base, w, base_point, w_point, domain, transcript, random);
  return prove_with([&base_point](const Scalar& k) { return mul(k, base_point); }, w, base_point,
                    w_point, domain, transcript, random);
}

base::Result<std::vector<SchnorrProof>> prove_schnorr_batch(std::span<const SchnorrClaim> claims,
                                                            const KnownBase& known,
                                                            base::Random& random) {
  std::vector<Scalar> k, logarithms;
  k.reserve(claims.size());
  logarithms.reserve(claims.size());
  for (const SchnorrClaim& claim : claims) {
    if (any_infinity({&known.point, claim.w_point}))
      return invalid("a point of the statement is infinity");
    HEQI_TRY(const Scalar drawn, Scalar::draw(random));
    k.push_back(drawn);
    logarithms.push_back(drawn * known.logarithm);
  }
  HEQI_TRY(const std::vector<Point> multiples, mul_base_batch(logarithms));
  std::vector<SchnorrProof> proofs;
  proofs.reserve(claims.size());
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const SchnorrClaim& claim = claims[i];
    HEQI_TRY(const Point commitment, publish(multiples[i]));
    const Scalar c =
        schnorr_challenge(known.point, *claim.w_point, commitment, claim.domain, claim.transcript);
    proofs.push_back({commitment, respond(k[i], c, *claim.w)});
  }
  base::wipe_stack();
  return proofs;
}

base::Status verify_schnorr(const SchnorrProof& proof, const Point& base_point,
                            const Point& w_point, std::string_view domain,
                            base::ByteView transcript) {
  if (any_infinity({&proof.commitment, &base_point, &w_point}))
    return invalid("Schnorr proof: infinity");
  const Scalar c = schnorr_challenge(base_point, w_point, proof.commitment, domain, transcript);
  if (!fits(proof.response, base_point, proof.commitment, c, w_point))
    return invalid("Schnorr proof for " + std::string(domain));
  return {};
}

base::Status add_schnorr(WeightedCheck& check, const SchnorrProof& proof, const Point& base_point,
                         const Point& w_point, std::string_view domain, base::ByteView transcript) {
  if (any_infinity({&proof.commitment, &base_point, &w_point}))
    return invalid("Schnorr proof: infinity");
  HEQI_TRY(check.begin());
  // A + [c]W − [z]B, so that A has the short weight itself.
  check.add(proof.commitment);
  check.add(schnorr_challenge(base_point, w_point, proof.commitment, domain, transcript), w_point);
  if (&base_point == &Point::generator())
    check.add_base(-proof.response);
  else
    check.add(-proof.response, base_point);
  return {};
}

base::Result<DleqProof> prove_dleq(const Scalar& w, const Point& b1, const Point& w1,
                                   const Point& b2, const Point& w2, std::string_view domain,
                                   base::ByteView transcript, base::Random& random) {
  if (any_infinity({&b1, &w1, &b2, &w2})) return invalid("a point of the statement is infinity");
  HEQI_TRY(const Scalar k, Scalar::draw(random));
  HEQI_TRY(const Point commitment1, publish(mul(k, b1)));
  HEQI_TRY(const Point commitment2, publish(mul(k, b2)));
  DleqProof proof{commitment1, commitment2, {}};
  proof.response = respond(k, dleq_challenge(b1, w1, b2, w2, proof, domain, transcript), w);
  base::wipe_stack();
  return proof;
}

base::Status verify_dleq(const DleqProof& proof, const Point& b1, const Point& w1, const Point& b2,
                         const Point& w2, std::string_view domain, base::ByteView transcript) {
  if (any_infinity({&proof.commitment1, &proof.commitment2, &b1, &w1, &b2, &w2}))
    return invalid("equality proof: infinity");
  const Scalar c = dleq_challenge(b1, w1, b2, w2, proof, domain, transcript);
  if (!fits(proof.response, b1, proof.commitment1, c, w1) ||
      !fits(proof.response, b2, proof.commitment2, c, w2))
    return invalid("equality proof for " + std::string(domain));
  return {};
}

}  // namespace heqi::crypto
