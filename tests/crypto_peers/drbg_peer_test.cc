// The deterministic generators beside OpenSSL's, both in the order of NIST.
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <heqi/crypto/ctr_drbg.h>
#include <heqi/crypto/hmac_drbg.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi {
namespace {

using base::Bytes;
using testing::SeededRandom;

// Kind is a generator of OpenSSL with the algorithms it is to use; nullptr where it has none.
struct Kind {
  const char* name;
  const char *digest, *mac, *cipher;
};

// OpensslGenerator is one, fed with given entropy.
class OpensslGenerator {
 public:
  OpensslGenerator(const Kind& kind, const Bytes& entropy, const Bytes& nonce,
                   const Bytes& personalisation) {
    EVP_RAND* source = EVP_RAND_fetch(nullptr, "TEST-RAND", nullptr);
    EVP_RAND* wanted = EVP_RAND_fetch(nullptr, kind.name, nullptr);
    source_ = EVP_RAND_CTX_new(source, nullptr);
    unsigned strength = 256;
    feed(entropy, nonce, &strength);
    HEQI_CHECK(EVP_RAND_instantiate(source_, strength, 0, nullptr, 0, nullptr) > 0);
    drbg_ = EVP_RAND_CTX_new(wanted, source_);
    usable_ = set_algorithms(kind) && EVP_RAND_instantiate(drbg_, 128, 0, personalisation.data(),
                                                           personalisation.size(), nullptr) > 0;
    EVP_RAND_free(source);
    EVP_RAND_free(wanted);
  }
  ~OpensslGenerator() {
    EVP_RAND_CTX_free(drbg_);
    EVP_RAND_CTX_free(source_);
  }
  OpensslGenerator(const OpensslGenerator&) = delete;
  OpensslGenerator& operator=(const OpensslGenerator&) = delete;

  bool usable() const { return usable_; }
  void reseed(const Bytes& entropy, const Bytes& additional) {
    feed(entropy, {}, nullptr);
    HEQI_CHECK(EVP_RAND_reseed(drbg_, 0, nullptr, 0, additional.data(), additional.size()) > 0);
  }
  Bytes generate(std::size_t size, const Bytes& additional) {
    Bytes out(size);
    HEQI_CHECK(EVP_RAND_generate(drbg_, out.data(), size, 128, 0, additional.data(),
                                 additional.size()) > 0);
    return out;
  }

 private:
  bool set_algorithms(const Kind& kind) {
    std::vector<OSSL_PARAM> parameters;
    const auto add = [&](const char* parameter, const char* value) {
      if (value != nullptr)
        parameters.push_back(
            OSSL_PARAM_construct_utf8_string(parameter, const_cast<char*>(value), 0));
    };
    add(OSSL_DRBG_PARAM_DIGEST, kind.digest);
    add(OSSL_DRBG_PARAM_MAC, kind.mac);
    add(OSSL_DRBG_PARAM_CIPHER, kind.cipher);
    parameters.push_back(OSSL_PARAM_construct_end());
    return EVP_RAND_CTX_set_params(drbg_, parameters.data()) > 0;
  }
  void feed(Bytes entropy, Bytes nonce, unsigned* strength) {
    std::vector<OSSL_PARAM> parameters = {OSSL_PARAM_construct_octet_string(
        OSSL_RAND_PARAM_TEST_ENTROPY, entropy.data(), entropy.size())};
    if (!nonce.empty())
      parameters.push_back(OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_NONCE,
                                                             nonce.data(), nonce.size()));
    if (strength != nullptr)
      parameters.push_back(OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, strength));
    parameters.push_back(OSSL_PARAM_construct_end());
    HEQI_CHECK(EVP_RAND_CTX_set_params(source_, parameters.data()) > 0);
  }

  EVP_RAND_CTX *source_ = nullptr, *drbg_ = nullptr;
  bool usable_ = false;
};

template <class State>
void compare(const Kind& kind, State (*make)(), std::size_t entropy_size, std::size_t nonce_size) {
  SeededRandom random(301);
  for (int i = 0; i < 100; ++i) {
    const Bytes entropy = *base::random_bytes(random, entropy_size);
    const Bytes nonce = *base::random_bytes(random, nonce_size);
    // OpenSSL puts a string of its own where there is none.
    const Bytes personalisation = *base::random_bytes(random, random.below(40) + 1);
    OpensslGenerator theirs(kind, entropy, nonce, personalisation);
    ASSERT_TRUE(theirs.usable());
    State ours = make();
    ours.instantiate(entropy, nonce, personalisation);
    for (int step = 0; step < 4; ++step) {
      const Bytes additional = *base::random_bytes(random, random.below(2) * 20);
      if (step == 2) {
        const Bytes fresh = *base::random_bytes(random, entropy_size);
        theirs.reseed(fresh, additional);
        ours.reseed(fresh, additional);
      }
      Bytes out(random.below(200) + 1);
      ours.generate(out, additional);
      EXPECT_EQ(out, theirs.generate(out.size(), additional)) << i << " step " << step;
    }
  }
}

TEST(OpensslPeer, GeneratesTheSameWithHmac) {
  compare<crypto::HmacDrbgState>(
      {"HMAC-DRBG", "SM3", "HMAC", nullptr}, [] { return crypto::HmacDrbgState(); }, 32, 16);
}

TEST(OpensslPeer, GeneratesTheSameWithSm4InCounterMode) {
  compare<crypto::CtrDrbgState>(
      {"CTR-DRBG", nullptr, nullptr, "SM4-CTR"},
      [] { return crypto::CtrDrbgState(crypto::DrbgOrder::nist_sp_800_90a); }, 16, 8);
}

}  // namespace
}  // namespace heqi
