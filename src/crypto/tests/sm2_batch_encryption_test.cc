#include <heqi/crypto/sm2_batch.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "sm2_batch_kernel.h"

namespace heqi::crypto {
namespace {

using base::Bytes;
using base::Code;
using testing::SeededRandom;

template <class Check>
void on_every_path(Check check) {
  auto& choice = internal::sm2_batch_choice();
  const std::string_view before = choice.kernel().path;
  for (const std::string_view path : choice.describe().runnable) {
    SCOPED_TRACE(path);
    EXPECT_OK(choice.choose(path));
    check();
  }
  EXPECT_OK(choice.choose(before));
}

struct Letters {
  std::vector<PrivateKey> keys;
  std::vector<Bytes> plains;
  std::vector<BatchPlain> batch;

  Letters(std::size_t count, base::Random& random) {
    for (int i = 0; i < 3; ++i) keys.push_back(*PrivateKey::generate(random));
    for (std::size_t i = 0; i < count; ++i)
      plains.push_back(*base::random_bytes(random, 1 + i * 7 % 100));
    for (std::size_t i = 0; i < count; ++i) batch.push_back({&keys[i % 3].public_key(), plains[i]});
  }
};

TEST(Sm2BatchEncryption, CiphertextsAreThoseOfOneByOneWithTheSameNonces) {
  SeededRandom setup(21);
  const Letters letters(70, setup);
  on_every_path([&] {
    SeededRandom one(22), other(22);
    const auto sealed = encrypt_batch(letters.batch, one);
    ASSERT_OK(sealed);
    ASSERT_EQ(sealed->size(), letters.batch.size());
    for (std::size_t i = 0; i < sealed->size(); ++i) {
      const auto expected = encrypt(*letters.batch[i].key, letters.plains[i], other);
      ASSERT_OK(expected);
      EXPECT_EQ((*sealed)[i].c1.encode(), expected->c1.encode());
      EXPECT_EQ((*sealed)[i].c2, expected->c2);
      EXPECT_EQ((*sealed)[i].c3, expected->c3);
    }
  });
}

TEST(Sm2BatchEncryption, EachCiphertextIsOpenedOrRefusedByItself) {
  SeededRandom random(23);
  const PrivateKey key = *PrivateKey::generate(random);
  std::vector<Bytes> plains;
  std::vector<Ciphertext> sealed;
  for (std::size_t i = 0; i < 40; ++i) {
    plains.push_back(*base::random_bytes(random, i + 1));
    sealed.push_back(*encrypt(key.public_key(), plains[i], random));
    if (i % 6 == 1) sealed[i].c2[i / 2] ^= 1;
    if (i % 6 == 2) sealed[i].c3[i % 32] ^= 0x80;
    if (i % 6 == 3) sealed[i].c1 = Point::infinity();
    if (i % 6 == 4) sealed[i].c2.clear();
    if (i % 6 == 5) sealed[i].c1 = -sealed[i].c1;
  }
  on_every_path([&] {
    const auto opened = decrypt_batch(key, sealed);
    ASSERT_EQ(opened.size(), sealed.size());
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      SCOPED_TRACE(i);
      const auto expected = decrypt(key, sealed[i]);
      ASSERT_EQ(opened[i].has_value(), expected.has_value());
      if (!expected) {
        EXPECT_EQ(opened[i].error().code, expected.error().code);
      } else {
        EXPECT_EQ(base::to_hex(opened[i]->expose()), base::to_hex(plains[i]));
      }
    }
  });
}

TEST(Sm2BatchEncryption, AnEmptyMessageOrNoRandomnessEncryptsNothing) {
  SeededRandom setup(24);
  const Letters letters(9, setup);
  testing::ScriptedRandom dry(Bytes(8 * 32, 0x22));
  EXPECT_ERROR(encrypt_batch(letters.batch, dry), Code::crypto_random_failed);
  auto batch = letters.batch;
  batch[4].plain = {};
  EXPECT_ERROR(encrypt_batch(batch, setup), Code::malformed);
  EXPECT_TRUE(encrypt_batch({}, setup)->empty());
  EXPECT_TRUE(decrypt_batch(letters.keys[0], {}).empty());
}

TEST(Sm2BatchEncryption, AKeyStreamOfZerosIsDrawnAgain) {
  // One octet of key stream is zero for one nonce in 256: with 700 of them some are met.
  SeededRandom setup(25);
  const PrivateKey key = *PrivateKey::generate(setup);
  const Bytes plain = {0x5A};
  const std::vector<BatchPlain> batch(700, BatchPlain{&key.public_key(), plain});
  const auto sealed = encrypt_batch(batch, setup);
  ASSERT_OK(sealed);
  for (const Ciphertext& one : *sealed) EXPECT_NE(one.c2, plain);
}

}  // namespace
}  // namespace heqi::crypto
