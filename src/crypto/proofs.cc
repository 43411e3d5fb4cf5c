#include <heqi/crypto/proofs.h>

#include <heqi/crypto/sm3_batch.h>

#include <algorithm>

namespace heqi::crypto {
namespace {

std::array<std::uint8_t, 8> big_endian(std::uint64_t value) {
  std::array<std::uint8_t, 8> out;
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return out;
}

// Challenge hashes parts, each after its length in eight bytes, so that no two statements hash
// alike.
class Challenge {
 public:
  explicit Challenge(std::string_view domain) { add(base::bytes_of(domain)); }
  Challenge& add(base::ByteView part) {
    hash_.update(big_endian(part.size())).update(part);
    return *this;
  }
  Challenge& add(const Point& point) {
    // What is hashed is about to be published; only its affine form is.
    const PointBytes bytes = point.encode();
    base::ct::declassify(bytes);
    return add(base::ByteView(bytes));
  }
  Digest digest() { return hash_.finish(); }
  Scalar finish() { return Scalar::reduce(digest()); }

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

// list_challenges are c₁ … of a proof of many: two of them from the hash of each (seed, index),
// where the seed hashes the statement.
std::vector<Scalar> list_challenges(const Point& base_point, const Point& commitment,
                                    std::string_view domain, base::ByteView transcript,
                                    std::size_t count) {
  constexpr std::size_t kIndexSize = 8, kChallengeSize = kSm3Size / 2;
  const Digest seed = Challenge(domain).add(base_point).add(commitment).add(transcript).digest();
  const std::size_t hashes = (count + 1) / 2;
  std::vector<std::array<std::uint8_t, kIndexSize>> indices(hashes);
  std::vector<Sm3Message> messages;
  messages.reserve(hashes);
  for (std::size_t i = 0; i < hashes; ++i) {
    indices[i] = big_endian(i);
    messages.push_back({seed, indices[i]});
  }
  std::vector<Digest> digests(hashes);
  sm3_batch(messages, digests);
  std::vector<Scalar> challenges;
  challenges.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    ScalarBytes bytes{};
    std::copy_n(digests[i / 2].begin() + std::ptrdiff_t(i % 2 * kChallengeSize), kChallengeSize,
                bytes.end() - kChallengeSize);
    const Scalar u = Scalar::reduce(bytes);
    challenges.push_back(u + u + Scalar::from_word(1));
  }
  return challenges;
}

bool any_infinity(std::span<const Point* const> points) {
  for (const Point* point : points)
    if (point->is_infinity()) return true;
  return false;
}
bool any_infinity(std::initializer_list<const Point*> points) {
  return any_infinity(std::span(points.begin(), points.size()));
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

void declassify(const Scalar& z) {
  base::ct::declassify({reinterpret_cast<const std::uint8_t*>(z.words().data()), kScalarSize});
}
Scalar respond(const Scalar& k, const Scalar& c, const Scalar& w) {
  const Scalar z = k + c * w;
  declassify(z);
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

base::Result<SchnorrProof> prove_schnorr_list(std::span<const SecretScalar> w,
                                              const KnownBase& base_point,
                                              std::span<const Point* const> w_points,
                                              std::string_view domain, base::ByteView transcript,
                                              base::Random& random) {
  HEQI_CHECK(w.size() == w_points.size());
  if (base_point.point.is_infinity() || any_infinity(w_points))
    return invalid("a point of the statement is infinity");
  HEQI_TRY(const Scalar k, Scalar::draw(random));
  HEQI_TRY(const Point commitment, publish(mul_base(k * base_point.logarithm)));
  const std::vector<Scalar> c =
      list_challenges(base_point.point, commitment, domain, transcript, w.size());
  Scalar z = k;
  for (std::size_t i = 0; i < w.size(); ++i) z = z + c[i] * w[i].expose();
  declassify(z);
  base::wipe_stack();
  return SchnorrProof{commitment, z};
}

base::Status verify_schnorr_list(const SchnorrProof& proof, const Point& base_point,
                                 std::span<const Point* const> w_points, std::string_view domain,
                                 base::ByteView transcript) {
  if (any_infinity({&proof.commitment, &base_point}) || any_infinity(w_points))
    return invalid("Schnorr proof of a list: infinity");
  const std::vector<Scalar> c =
      list_challenges(base_point, proof.commitment, domain, transcript, w_points.size());
  std::vector<Term> sum = {{-proof.response, &base_point}};
  for (std::size_t i = 0; i < w_points.size(); ++i) sum.push_back({c[i], w_points[i]});
  if (!equal_vartime(mul_sum_vartime(Scalar(), sum), -proof.commitment))
    return invalid("Schnorr proof of a list for " + std::string(domain));
  return {};
}

base::Status add_schnorr_list(WeightedCheck& check, const SchnorrProof& proof,
                              const Point& base_point, std::span<const Point* const> w_points,
                              std::string_view domain, base::ByteView transcript) {
  if (any_infinity({&proof.commitment, &base_point}) || any_infinity(w_points))
    return invalid("Schnorr proof of a list: infinity");
  const std::vector<Scalar> c =
      list_challenges(base_point, proof.commitment, domain, transcript, w_points.size());
  HEQI_TRY(check.begin());
  check.add(proof.commitment);
  for (std::size_t i = 0; i < w_points.size(); ++i) check.add(c[i], *w_points[i]);
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
