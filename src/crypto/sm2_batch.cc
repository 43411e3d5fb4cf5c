// sm2_batch.cc: signing and verifying in batches (GB/T 32918.2). Encryption is in
// sm2_batch_encryption.cc.
#include <heqi/crypto/curve_batch.h>
#include <heqi/crypto/sm2_batch.h>
#include <heqi/crypto/sm3_batch.h>

#include <algorithm>
#include <optional>

#include "plain_numbers.h"
#include "sm2_batch_core.h"
#include "sm2_signature.h"

namespace heqi::crypto {

using base::Code;
using internal::PlainPoints;
using internal::PlainScalars;
using internal::Words;

namespace {

// x_of is a point's x coordinate modulo n.
Scalar x_of(const internal::PlainPoint& point) {
  return Scalar::from_words(internal::order_from_plain(internal::words_of(point.x)));
}

}  // namespace

namespace internal {

base::Result<std::vector<std::optional<Signature>>> sign_batch_core(
    std::span<const NonceAndDigest> items) {
  PlainScalars nonces(items.size());
  PlainPoints points(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) put(nonces[i], items[i].k);
  if (!sm2_batch_kernel().multiply_base(nonces.data(), items.size(), points.data()))
    return base::fail(Code::internal, "SM2: a [k]G of the batch is not right");
  std::vector<std::optional<Signature>> out;
  out.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const PrivateKey& key = *items[i].key;
    HEQI_TRY(std::optional<Signature> signature,
             complete({key.d().expose(), key.inverse_1_plus_d().expose()},
                      Scalar::reduce(items[i].e), items[i].k, {x_of(points[i]), items[i].k}));
    out.push_back(signature);
  }
  return out;
}

}  // namespace internal

namespace internal {

base::Status draw_nonces(std::span<Scalar> nonces, base::Random& random) {
  base::SecretArray<kBatchChunk * kScalarSize> bytes;
  HEQI_TRY(random.fill(bytes.expose_mutable().first(nonces.size() * kScalarSize)));
  for (std::size_t i = 0; i < nonces.size(); ++i) {
    auto k = Scalar::decode(bytes.expose().subspan(i * kScalarSize, kScalarSize));
    if (!k) k = Scalar::draw(random);  // out of range, once in 2^32 draws
    if (!k) return k.error();
    nonces[i] = *k;
  }
  return {};
}

}  // namespace internal

namespace {

base::Status sign_chunk(std::span<const BatchDigest> digests, base::Random& random,
                        std::vector<Signature>& out) {
  std::vector<Scalar> nonces(digests.size());
  HEQI_TRY(internal::draw_nonces(nonces, random));
  std::vector<internal::NonceAndDigest> items;
  items.reserve(digests.size());
  for (std::size_t i = 0; i < digests.size(); ++i)
    items.push_back({digests[i].key, digests[i].e, nonces[i]});
  HEQI_TRY(const std::vector<std::optional<Signature>> signatures, sign_batch_core(items));
  for (std::size_t i = 0; i < digests.size(); ++i) {
    if (signatures[i]) {
      out.push_back(*signatures[i]);
      continue;
    }
    HEQI_TRY(const Signature again, sign_digest(*digests[i].key, digests[i].e, random));
    out.push_back(again);
  }
  return {};
}

}  // namespace

base::Result<std::vector<Signature>> sign_digest_batch(std::span<const BatchDigest> digests,
                                                       base::Random& random) {
  std::vector<Signature> out;
  out.reserve(digests.size());
  const base::Status done =
      internal::in_chunks(digests.size(), [&](std::size_t first, std::size_t count) {
        return sign_chunk(digests.subspan(first, count), random, out);
      });
  base::wipe_deep_stack();
  if (!done) return done.error();
  return out;
}

namespace {

// z_values hashes Z_A anew only where none of the last messages had the same key and id.
std::vector<Digest> z_values(std::span<const BatchMessage> messages) {
  constexpr std::size_t kRemembered = 16;
  std::vector<Digest> z;
  z.reserve(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const BatchMessage& one = messages[i];
    std::size_t same = i;
    for (std::size_t j = i; same == i && j-- > 0 && j + kRemembered >= i;)
      if (messages[j].key == one.key && messages[j].id == one.id) same = j;
    z.push_back(same < i ? z[same] : z_value(one.key->public_key(), one.id));
  }
  return z;
}

std::vector<BatchDigest> digest_all(std::span<const BatchMessage> messages) {
  const std::vector<Digest> z = z_values(messages);
  std::vector<Sm3Message> hashed;
  hashed.reserve(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) hashed.push_back({z[i], messages[i].message});
  std::vector<Digest> e(messages.size());
  sm3_batch(hashed, e);
  std::vector<BatchDigest> out;
  out.reserve(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) out.push_back({messages[i].key, e[i]});
  return out;
}

}  // namespace

base::Result<std::vector<Signature>> sign_batch(std::span<const BatchMessage> messages,
                                                base::Random& random) {
  return sign_digest_batch(digest_all(messages), random);
}

namespace {

base::Error refused(Code code, const char* why) {
  return base::fail(code, std::string("SM2 signature: ") + why);
}

// Verification is a signature whose numbers are in range, on its way to its point.
struct Verification {
  std::size_t index;  // among all signatures
  Scalar t;           // r + s
};

base::Status check_numbers(const Signature& signature, const Scalar& t) {
  if (signature.r.is_zero() || signature.s.is_zero())
    return refused(Code::malformed, "r or s is zero");
  if (t.is_zero()) return refused(Code::invalid_signature, "r + s = n");
  return {};
}

// XValues are the x coordinates modulo n of points [s]G + [t]P; empty where one is infinity.
using XValues = std::vector<std::optional<Scalar>>;

base::Result<XValues> x_of_any_keys(std::span<const BatchSignature> signatures,
                                    std::span<const Verification> open) {
  PlainScalars s(open.size()), t(open.size());
  PlainPoints keys(open.size()), points(open.size());
  for (std::size_t i = 0; i < open.size(); ++i) {
    const BatchSignature& one = signatures[open[i].index];
    put(s[i], one.signature.s);
    put(t[i], open[i].t);
    put_vartime(keys[i], one.key->point());
  }
  if (!internal::sm2_batch_kernel().multiply_add_vartime(s.data(), t.data(), keys.data(),
                                                         open.size(), points.data()))
    return base::fail(Code::internal, "SM2: a multiplication of the batch is not right");
  XValues out;
  out.reserve(open.size());
  for (std::size_t i = 0; i < open.size(); ++i) {
    const base::ct::Mask infinite = internal::is_zero(internal::words_of(points[i].x)) &
                                    internal::is_zero(internal::words_of(points[i].y));
    out.push_back(infinite != 0 ? std::nullopt : std::optional(x_of(points[i])));
  }
  return out;
}

base::Result<XValues> x_of_one_key(const Point& key, std::span<const BatchSignature> signatures,
                                   std::span<const Verification> open) {
  std::vector<Scalar> s, t;
  for (const Verification& one : open) {
    s.push_back(signatures[one.index].signature.s);
    t.push_back(one.t);
  }
  HEQI_TRY(std::vector<Point> points, mul_base_batch(s));
  HEQI_TRY(const std::vector<Point> of_key, mul_one_batch(key, t));
  for (std::size_t i = 0; i < points.size(); ++i) points[i] = points[i] + of_key[i];
  make_affine(points);
  XValues out;
  out.reserve(open.size());
  for (const Point& point : points)
    out.push_back(point.is_infinity() ? std::nullopt : std::optional(point.x_mod_n()));
  return out;
}

bool have_one_key(std::span<const BatchSignature> signatures) {
  return std::all_of(signatures.begin(), signatures.end(),
                     [&](const BatchSignature& one) { return one.key == signatures[0].key; });
}

base::Status check_x(const BatchSignature& one, const std::optional<Scalar>& x) {
  if (!x) return refused(Code::invalid_signature, "the point is infinity");
  if (!equal_vartime(Scalar::reduce(one.e) + *x, one.signature.r))
    return refused(Code::invalid_signature, "R differs from r");
  return {};
}

}  // namespace

std::vector<base::Status> verify_batch(std::span<const BatchSignature> signatures) {
  std::vector<base::Status> verdicts(signatures.size());
  std::vector<Verification> open;
  open.reserve(signatures.size());
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    const Signature& signature = signatures[i].signature;
    const Scalar t = signature.r + signature.s;
    verdicts[i] = check_numbers(signature, t);
    if (verdicts[i]) open.push_back({i, t});
  }
  const base::Result<XValues> x = open.size() >= kTablesPay && have_one_key(signatures)
                                      ? x_of_one_key(signatures[0].key->point(), signatures, open)
                                      : x_of_any_keys(signatures, open);
  for (std::size_t i = 0; i < open.size(); ++i)
    verdicts[open[i].index] =
        x ? check_x(signatures[open[i].index], (*x)[i]) : base::Status(x.error());
  return verdicts;
}

}  // namespace heqi::crypto
