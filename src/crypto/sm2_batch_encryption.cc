// sm2_batch_encryption.cc: public key encryption in batches (GB/T 32918.4). Names are the
// standard's.
#include <heqi/crypto/sm2_batch.h>

#include "plain_numbers.h"
#include "sm2_batch_core.h"
#include "sm2_shared_point.h"

namespace heqi::crypto {

using base::Code;
using internal::PlainPoints;
using internal::PlainScalars;
using internal::SharedSecret;

namespace {

SharedSecret share(const internal::PlainPoint& point, std::size_t size) {
  internal::SharedCoordinates coordinates;
  std::uint8_t* bytes = coordinates.expose_mutable().data();
  internal::store_words(bytes, internal::words_of(point.x));
  internal::store_words(bytes + 32, internal::words_of(point.y));
  return internal::derive(std::move(coordinates), size);
}

Ciphertext seal(const internal::PlainPoint& c1, const SharedSecret& shared, base::ByteView plain) {
  Ciphertext out;
  out.c1 = internal::point_of(c1);
  base::ct::declassify(
      {reinterpret_cast<const std::uint8_t*>(out.c1.words().data()), sizeof out.c1.words()});
  internal::encrypt_with_shared(out, shared, plain);
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
    const SharedSecret shared = share(shared_points[i], messages[i].plain.size());
    if (internal::is_usable(shared)) {
      out.push_back(seal(c1[i], shared, messages[i].plain));
      continue;
    }
    HEQI_TRY(Ciphertext again, encrypt(*messages[i].key, messages[i].plain, random));
    out.push_back(std::move(again));
  }
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
  base::wipe_deep_stack();
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
    if (const base::Status form = internal::check_form(ciphertexts[i]); !form)
      out.push_back(form.error());
    else if (!right)
      out.push_back(
          base::fail(Code::internal, "SM2 ciphertext: a point of the batch is not right"));
    else
      out.push_back(internal::decrypt_with_shared(
          ciphertexts[i], share(shared_points[i], ciphertexts[i].c2.size())));
  }
  base::wipe_deep_stack();
  return out;
}

}  // namespace heqi::crypto
