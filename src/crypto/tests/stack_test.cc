// What a signature leaves on the stack: run on a stack of its own, which is searched afterwards.
#include <algorithm>
#include <cstring>
#include <functional>

#include <heqi/crypto/kdf.h>
#include <heqi/crypto/proofs.h>
#include <heqi/crypto/sharing.h>
#include <heqi/crypto/sm2.h>
#include <heqi/crypto/sm2_batch.h>
#include <heqi/crypto/sm4.h>
#include <heqi/crypto/sm9.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/testing/stack.h>

#include "../order.h"

namespace heqi::crypto {
namespace {

// forget_to_wipe leaves a secret so deep that the end of a thread does not overwrite it.
[[gnu::noinline]] void forget_to_wipe(base::ByteView secret) {
  std::uint8_t deep[8192];
  std::copy(secret.begin(), secret.end(), deep);
  __asm__ volatile("" : : "r"(deep) : "memory");
}

// use_too_much uses more of the stack than is wiped.
[[gnu::noinline]] void use_too_much() {
  std::uint8_t deep[2 * base::kStackWipe];
  std::fill(std::begin(deep), std::end(deep), std::uint8_t{1});
  __asm__ volatile("" : : "r"(deep) : "memory");
}

TEST(Stack, ASignatureLeavesNeitherNonceNorKey) {
  testing::SeededRandom random(51);
  const auto key = PrivateKey::generate(random);
  const Scalar k = *Scalar::draw(random);
  std::vector<std::uint64_t> needles;
  const auto add = [&needles](const internal::Words& words) {
    needles.insert(needles.end(), words.begin(), words.end());
  };
  for (const Scalar& secret : {k, key->d().expose(), key->inverse_1_plus_d().expose()}) {
    add(secret.words());
    add(internal::order_to_plain(secret.words()));
  }
  const ScalarBytes encoded = k.encode();
  for (std::size_t i = 0; i < 4; ++i) {  // as octets, too
    std::uint64_t word = 0;
    std::memcpy(&word, encoded.data() + 8 * i, sizeof word);
    needles.push_back(word);
  }

  testing::Stack stack;
  stack.run([&] {
    testing::ScriptedRandom nonce(base::to_bytes(encoded));
    EXPECT_OK(sign(*key, base::bytes_of("message"), nonce));
  });
  for (const std::uint64_t needle : needles) EXPECT_EQ(stack.count(needle), 0u) << needle;

  // The search finds what is there.
  testing::Stack careless;
  careless.run([&] { forget_to_wipe(encoded); });
  EXPECT_GT(careless.count(needles.back()), 0u);
}

// is_wiped_after tells whether an operation used no more of the stack than wipe_stack reaches.
// Wipes that are called deeper reach deeper, and leave the addresses of their own calls there.
bool is_wiped_after(const std::function<void()>& operation) {
  constexpr std::size_t kOwnFrames = 4096, kOwnAddresses = 128;
  testing::Stack stack;
  stack.run([&] {
    operation();
    base::wipe_stack();
  });
  return stack.left_below(base::kStackWipe + kOwnFrames) < kOwnAddresses;
}

TEST(Stack, NoOperationWithSm2KeysUsesMoreOfItThanIsWiped) {
  testing::SeededRandom random(52);
  const auto key = PrivateKey::generate(random);
  const base::Bytes message(100, 7);
  EXPECT_FALSE(is_wiped_after(use_too_much));
  EXPECT_TRUE(is_wiped_after([&] { EXPECT_OK(sign(*key, message, random)); }));
  EXPECT_TRUE(is_wiped_after([&] {
    const std::vector<BatchMessage> many(70, {&*key, message});
    EXPECT_OK(sign_batch(many, random));
  }));
  EXPECT_TRUE(is_wiped_after(
      [&] { EXPECT_OK(decrypt(*key, *encrypt(key->public_key(), message, random))); }));
  EXPECT_TRUE(is_wiped_after([&] {
    std::vector<Ciphertext> many;
    for (int i = 0; i < 20; ++i) many.push_back(*encrypt(key->public_key(), message, random));
    for (const auto& plain : decrypt_batch(*key, many)) EXPECT_OK(plain);
  }));
  EXPECT_TRUE(is_wiped_after([&] {
    const auto shared = share_secret(SecretScalar(key->d().expose()), 3, 5, random);
    ASSERT_OK(shared);
    EXPECT_OK(combine_shares(shared->shares, 3));
  }));
  EXPECT_TRUE(is_wiped_after([&] {
    const Scalar w = *Scalar::draw(random);
    const Point b1 = Point::generator(), b2 = mul_base(*Scalar::draw(random));
    const Point w1 = mul_base(w), w2 = mul(w, b2);
    EXPECT_OK(prove_dleq(w, b1, w1, b2, w2, "test", message, random));
    EXPECT_OK(prove_schnorr(w, b1, w1, "test", message, random));
  }));
}

TEST(Stack, NoOperationWithSymmetricOrIdentityKeysUsesMoreOfItThanIsWiped) {
  testing::SeededRandom random(53);
  const base::Bytes message(10'000, 7), salt(16, 3);
  EXPECT_TRUE(is_wiped_after([&] {
    const Sm4Key key;
    const auto sealed = sm4_gcm_seal(key, base::Bytes(12), salt, message);
    ASSERT_OK(sealed);
    EXPECT_OK(sm4_gcm_open(key, base::Bytes(12), salt, *sealed));
  }));
  EXPECT_TRUE(is_wiped_after(
      [&] { (void)stretch(base::bytes_of("pin"), salt, 32, {.rounds = 100, .progress = {}}); }));
  const auto signs = sm9::SignMasterKey::generate(random);
  const auto encrypts = sm9::EncryptMasterKey::generate(random);
  EXPECT_TRUE(is_wiped_after([&] {
    const auto key = signs->extract("Alice");
    ASSERT_OK(key);
    EXPECT_OK(sm9::sign(*key, message, random));
  }));
  EXPECT_TRUE(is_wiped_after([&] {
    const auto key = encrypts->extract("Bob");
    ASSERT_OK(key);
    const auto sealed = sm9::encapsulate(encrypts->public_key(), "Bob", 32, random);
    ASSERT_OK(sealed);
    EXPECT_OK(sm9::decapsulate(*key, sealed->c, 32));
  }));
}

}  // namespace
}  // namespace heqi::crypto
