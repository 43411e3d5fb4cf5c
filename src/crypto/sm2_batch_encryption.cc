// sm2_batch_encryption.cc: public key encryption in batches (GB/T 32918.4). Names are the
// standard's.
#include <heqi/crypto/kdf.h>
#include <heqi/crypto/sm2_batch.h>

#include "plain_numbers.h"
#include "sm2_batch_core.h"

namespace heqi::crypto {

using base::Code;
using internal::PlainPoints;
using internal::PlainScalars;

namespace {

// Shared is x2 || y2 of the point that both sides find, and the key stream t.
struct Shared {
  base::SecretArray<64> coordinates;
  base::SecretBytes stream;
};

Shared share(const internal::PlainPoint& point, std::size_t size) {
  Shared out;
  std::uint8_t* bytes = out.coordinates.expose_mutable().data();
  internal::store_words(bytes, internal::words_of(point.x));
  internal::store_words(bytes + 32, internal::words_of(point.y));
  out.stream = sm2_kdf(out.coordinates.expose(), size);
  return out;
}

// is_usable: t is not all zero, which the standard asks for and branches on.
bool is_usable(const Shared& shared) {
  std::uint64_t any = 0;
  for (const std::uint8_t octet : shared.stream.expose()) any |= octet;
  return !base::ct::declassified(base::ct::is_zero(any));
}

void combine(base::MutableByteView out, base::ByteView in, const Shared& shared) {
  const base::ByteView stream = shared.stream.expose();
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = static_cast<std::uint8_t>(in[i] ^ stream[i]);
}

Digest check_of(const Shared& shared, base::ByteView plain) {
  const base::ByteView coordinates = shared.coordinates.expose();
  return Sm3().update(coordinates.first(32)).update(plain).update(coordinates.last(32)).finish();
}

Ciphertext seal(const internal::PlainPoint& c1, const Shared& shared, base::ByteView plain) {
  Ciphertext out;
  out.c1 = internal::point_of(c1);
  base::ct::declassify(
      {reinterpret_cast<const std::uint8_t*>(out.c1.words().data()), sizeof out.c1.words()});
  out.c2.resize(plain.size());
  combine(out.c2, plain, shared);
  out.c3 = check_of(shared, plain);
  base::ct::declassify(out.c2);
  base::ct::declassify(out.c3);
  return out;
}

base::Status encrypt_chunk(std::span<const BatchPlain> messages, base::Random& random,
                           std::vector<Ciphertext>& out) {
  std::vector<Scalar> nonces(messages.size());
  HEQI_TRY(internal::draw_nonces(nonces, random));
  PlainScalars k(messages.size());
  PlainPoints keys(messages.size()), c1(messages.size()), shared_points(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    internal::put(k[i], nonces[i]);
    internal::put_vartime(keys[i], messages[i].key->point());
  }
  const auto& kernel = internal::sm2_batch_kernel();
  if (!kernel.multiply_base(k.data(), k.size(), c1.data()) ||
      !kernel.multiply(k.data(), keys.data(), k.size(), shared_points.data()))
    return base::fail(Code::internal, "SM2 encryption: a point of the batch is not right");
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Shared shared = share(shared_points[i], messages[i].plain.size());
    if (is_usable(shared)) {
      out.push_back(seal(c1[i], shared, messages[i].plain));
      continue;
    }
    HEQI_TRY(Ciphertext again, encrypt(*messages[i].key, messages[i].plain, random));
    out.push_back(std::move(again));
  }
  return {};
}

base::Error does_not_fit() {
  return base::fail(Code::invalid_signature, "SM2 ciphertext: C3 does not fit");
}

base::Result<base::SecretBytes> open(const internal::PlainPoint& point,
                                     const Ciphertext& ciphertext) {
  const Shared shared = share(point, ciphertext.c2.size());
  base::SecretBytes plain(ciphertext.c2.size());
  combine(plain.expose_mutable(), ciphertext.c2, shared);
  Digest c3 = check_of(shared, plain.expose());
  const bool same = base::ct::declassified(base::ct::equal_bytes(c3, ciphertext.c3));
  base::secure_wipe(c3.data(), c3.size());
  if (!same || !is_usable(shared)) return does_not_fit();
  return plain;
}

base::Status check_form(const Ciphertext& ciphertext) {
  if (ciphertext.c1.is_infinity())
    return base::fail(Code::crypto_not_on_curve, "SM2 ciphertext: C1 is infinity");
  if (ciphertext.c2.empty()) return base::fail(Code::malformed, "SM2 ciphertext: C2 is empty");
  return {};
}

}  // namespace

base::Result<std::vector<Ciphertext>> encrypt_batch(std::span<const BatchPlain> messages,
                                                    base::Random& random) {
  for (const BatchPlain& message : messages)
    if (message.plain.empty())
      return base::fail(Code::malformed, "SM2 encryption: nothing to encrypt");
  std::vector<Ciphertext> out;
  out.reserve(messages.size());
  const base::Status done =
      internal::in_chunks(messages.size(), [&](std::size_t first, std::size_t count) {
        return encrypt_chunk(messages.subspan(first, count), random, out);
      });
  base::wipe_stack();
  if (!done) return done.error();
  return out;
}

std::vector<base::Result<base::SecretBytes>> decrypt_batch(
    const PrivateKey& key, std::span<const Ciphertext> ciphertexts) {
  const std::size_t count = ciphertexts.size();
  PlainScalars d(count);
  PlainPoints c1(count), shared_points(count);
  for (std::size_t i = 0; i < count; ++i) {
    internal::put(d[i], key.d().expose());
    internal::put_vartime(c1[i], ciphertexts[i].c1);
  }
  const bool right =
      internal::sm2_batch_kernel().multiply(d.data(), c1.data(), count, shared_points.data());
  std::vector<base::Result<base::SecretBytes>> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (const base::Status form = check_form(ciphertexts[i]); !form)
      out.push_back(form.error());
    else if (!right)
      out.push_back(
          base::fail(Code::internal, "SM2 ciphertext: a point of the batch is not right"));
    else
      out.push_back(open(shared_points[i], ciphertexts[i]));
  }
  base::wipe_stack();
  return out;
}

}  // namespace heqi::crypto
