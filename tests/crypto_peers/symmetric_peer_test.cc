#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include <heqi/crypto/drbg.h>
#include <heqi/crypto/hmac.h>
#include <heqi/crypto/kdf.h>
#include <heqi/crypto/sm4.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include "openssl_peer.h"

namespace heqi {
namespace {

using base::Bytes;
using base::same_bytes;
using peer::Direction;
using testing::SeededRandom;

constexpr int kCases = 200;

TEST(OpensslPeer, HashesAndAuthenticatesTheSame) {
  SeededRandom random(201);
  for (int i = 0; i < 2 * kCases; ++i) {
    const Bytes message = *base::random_bytes(random, random.below(1000));
    const Bytes key = *base::random_bytes(random, random.below(150));
    EXPECT_TRUE(same_bytes(crypto::sm3(message), peer::digest("SM3", message)));
    EXPECT_TRUE(same_bytes(crypto::hmac_sm3(key, message), peer::hmac_sm3(key, message)));
  }
}

TEST(OpensslPeer, StretchesPasswordsTheSame) {
  SeededRandom random(202);
  for (int i = 0; i < kCases; ++i) {
    const Bytes password = *base::random_bytes(random, random.below(100) + 1);
    const Bytes salt = *base::random_bytes(random, random.below(40) + 1);
    const auto rounds = static_cast<std::uint32_t>(random.below(20) + 1);
    Bytes theirs(random.below(100) + 1);
    ASSERT_EQ(PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(password.data()),
                                static_cast<int>(password.size()), salt.data(),
                                static_cast<int>(salt.size()), static_cast<int>(rounds), EVP_sm3(),
                                static_cast<int>(theirs.size()), theirs.data()),
              1);
    const auto ours =
        crypto::stretch(password, salt, theirs.size(), {.rounds = rounds, .progress = {}});
    EXPECT_TRUE(same_bytes(ours.expose(), theirs));
  }
}

TEST(OpensslPeer, EncryptsTheSameInEveryMode) {
  SeededRandom random(203);
  for (int i = 0; i < kCases; ++i) {
    const Bytes key_bytes = *base::random_bytes(random, 16);
    const crypto::Sm4Key key{std::span<const std::uint8_t, 16>(key_bytes.data(), 16)};
    crypto::Sm4Block iv;
    ASSERT_OK(random.fill(iv));
    if (i % 3 == 0) std::fill(iv.begin() + 4, iv.end(), std::uint8_t(0xFF));  // a carry soon
    const Bytes plain = *base::random_bytes(random, random.below(40) * 16);
    Bytes ecb(plain.size()), back(plain.size());
    crypto::Sm4(key).encrypt_blocks(plain, ecb);
    EXPECT_EQ(ecb, peer::cipher("SM4-ECB", Direction::encrypt, key_bytes, iv, plain));
    crypto::Sm4(key).decrypt_blocks(plain, back);
    EXPECT_EQ(back, peer::cipher("SM4-ECB", Direction::decrypt, key_bytes, iv, plain));
    EXPECT_TRUE(same_bytes(crypto::sm4_cbc_encrypt(key, iv, plain)->expose(),
                           peer::cipher("SM4-CBC", Direction::encrypt, key_bytes, iv, plain)));
    EXPECT_TRUE(same_bytes(crypto::sm4_cbc_decrypt(key, iv, plain)->expose(),
                           peer::cipher("SM4-CBC", Direction::decrypt, key_bytes, iv, plain)));
    const Bytes any = *base::random_bytes(random, random.below(700));
    EXPECT_TRUE(same_bytes(crypto::sm4_ctr(key, iv, any).expose(),
                           peer::cipher("SM4-CTR", Direction::encrypt, key_bytes, iv, any)));
  }
}

// OpensslDrbg is OpenSSL's HASH-DRBG with SM3, fed with given entropy.
class OpensslDrbg {
 public:
  OpensslDrbg(const Bytes& entropy, const Bytes& nonce, const Bytes& personalisation) {
    EVP_RAND* test = EVP_RAND_fetch(nullptr, "TEST-RAND", nullptr);
    EVP_RAND* hash = EVP_RAND_fetch(nullptr, "HASH-DRBG", nullptr);
    source_ = EVP_RAND_CTX_new(test, nullptr);
    unsigned strength = 256;
    set_entropy(entropy, nonce, &strength);
    HEQI_CHECK(EVP_RAND_instantiate(source_, strength, 0, nullptr, 0, nullptr) > 0);
    drbg_ = EVP_RAND_CTX_new(hash, source_);
    char name[] = "SM3";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end()};
    usable_ = EVP_RAND_CTX_set_params(drbg_, parameters) > 0 &&
              EVP_RAND_instantiate(drbg_, 128, 0, personalisation.data(), personalisation.size(),
                                   nullptr) > 0;
    EVP_RAND_free(test);
    EVP_RAND_free(hash);
  }
  ~OpensslDrbg() {
    EVP_RAND_CTX_free(drbg_);
    EVP_RAND_CTX_free(source_);
  }
  OpensslDrbg(const OpensslDrbg&) = delete;
  OpensslDrbg& operator=(const OpensslDrbg&) = delete;

  bool usable() const { return usable_; }
  void reseed(const Bytes& entropy, const Bytes& additional) {
    set_entropy(entropy, {}, nullptr);
    HEQI_CHECK(EVP_RAND_reseed(drbg_, 0, nullptr, 0, additional.data(), additional.size()) > 0);
  }
  Bytes generate(std::size_t size, const Bytes& additional) {
    Bytes out(size);
    HEQI_CHECK(EVP_RAND_generate(drbg_, out.data(), size, 128, 0, additional.data(),
                                 additional.size()) > 0);
    return out;
  }

 private:
  void set_entropy(Bytes entropy, Bytes nonce, unsigned* strength) {
    OSSL_PARAM parameters[4] = {
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, entropy.data(),
                                          entropy.size()),
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_NONCE, nonce.data(), nonce.size()),
        OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
    if (strength != nullptr)
      parameters[2] = OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, strength);
    if (nonce.empty()) parameters[1] = OSSL_PARAM_construct_end();
    HEQI_CHECK(EVP_RAND_CTX_set_params(source_, parameters) > 0);
  }

  EVP_RAND_CTX *source_ = nullptr, *drbg_ = nullptr;
  bool usable_ = false;
};

TEST(OpensslPeer, GeneratesTheSameInTheOrderOfNist) {
  SeededRandom random(204);
  for (int i = 0; i < kCases; ++i) {
    const Bytes entropy = *base::random_bytes(random, 32), nonce = *base::random_bytes(random, 16);
    // OpenSSL puts a string of its own where there is none.
    const Bytes personalisation = *base::random_bytes(random, random.below(40) + 1);
    OpensslDrbg theirs(entropy, nonce, personalisation);
    ASSERT_TRUE(theirs.usable());
    crypto::HashDrbgState ours(crypto::DrbgOrder::nist_sp_800_90a);
    ours.instantiate(entropy, nonce, personalisation);
    for (int step = 0; step < 4; ++step) {
      const Bytes additional = *base::random_bytes(random, random.below(2) * 20);
      if (step == 2) {
        const Bytes fresh = *base::random_bytes(random, 32);
        theirs.reseed(fresh, additional);
        ours.reseed(fresh, additional);
      }
      Bytes out(random.below(200) + 1);
      ours.generate(out, additional);
      EXPECT_EQ(out, theirs.generate(out.size(), additional)) << i << " step " << step;
    }
  }
}

}  // namespace
}  // namespace heqi
