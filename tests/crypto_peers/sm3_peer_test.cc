// SM3 beside libgcrypt and Botan, on seeded random messages and on every path, alone and in
// batches.
#include <botan/hash.h>
#include <botan/mac.h>
#include <gcrypt.h>

#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/hmac.h>
#include <heqi/crypto/sm3_batch.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi {
namespace {

using base::Bytes;
using crypto::Digest;
using testing::SeededRandom;

Digest gcrypt_digest(const Bytes& message) {
  static const bool started = [] {
    (void)gcry_check_version(nullptr);
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    return true;
  }();
  (void)started;
  Digest out{};
  gcry_md_hash_buffer(GCRY_MD_SM3, out.data(), message.data(), message.size());
  return out;
}

Bytes botan_digest(const Bytes& message) {
  const auto hash = Botan::HashFunction::create_or_throw("SM3");
  hash->update(message);
  const auto out = hash->final();
  return {out.begin(), out.end()};
}

Bytes botan_hmac(const Bytes& key, const Bytes& message) {
  const auto mac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SM3)");
  mac->set_key(key);
  mac->update(message);
  const auto out = mac->final();
  return {out.begin(), out.end()};
}

void on_each_path(std::uint64_t seed, void (*compare)(SeededRandom& random)) {
  for (const auto& primitive : crypto::primitive_paths()) {
    if (primitive.primitive != "sm3") continue;
    for (const std::string_view path : primitive.runnable) {
      SCOPED_TRACE(std::string(path));
      ASSERT_OK(crypto::choose_path("sm3", path));
      SeededRandom random(seed);
      compare(random);
    }
    ASSERT_OK(crypto::choose_path("sm3", primitive.runnable.front()));
  }
}

TEST(Sm3Strangers, HashAndAuthenticateTheSame) {
  on_each_path(401, [](SeededRandom& random) {
    for (int i = 0; i < 300; ++i) {
      const Bytes message = *base::random_bytes(random, random.below(2000));
      const Bytes key = *base::random_bytes(random, random.below(150) + 1);
      const Digest ours = crypto::sm3(message);
      EXPECT_EQ(ours, gcrypt_digest(message));
      EXPECT_TRUE(base::same_bytes(ours, botan_digest(message)));
      EXPECT_TRUE(base::same_bytes(crypto::hmac_sm3(key, message), botan_hmac(key, message)));
    }
  });
}

TEST(Sm3Strangers, HashTheSameInBatches) {
  on_each_path(402, [](SeededRandom& random) {
    for (int i = 0; i < 20; ++i) {
      std::vector<Bytes> heads, bodies;
      std::vector<crypto::Sm3Message> messages;
      for (std::size_t j = 0; j < 40; ++j) {
        heads.push_back(*base::random_bytes(random, random.below(140)));
        bodies.push_back(*base::random_bytes(random, random.below(700)));
      }
      for (std::size_t j = 0; j < heads.size(); ++j) messages.push_back({heads[j], bodies[j]});
      std::vector<Digest> ours(messages.size());
      crypto::sm3_batch(messages, ours);
      for (std::size_t j = 0; j < heads.size(); ++j)
        EXPECT_EQ(ours[j], gcrypt_digest(base::concat({heads[j], bodies[j]})));
    }
  });
}

}  // namespace
}  // namespace heqi
