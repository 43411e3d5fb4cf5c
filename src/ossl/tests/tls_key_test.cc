#include <gtest/gtest.h>

#include <openssl/rsa.h>

#include <heqi/ossl/tls_key.h>
#include <heqi/testing/expect.h>

#include "made_by_openssl.h"

namespace heqi::ossl {
namespace {

using base::Bytes;
using base::Code;
using base::TlsSignature;

std::unique_ptr<base::TlsKey> held(const TestKey& key) {
  return *parse_tls_key(base::bytes_of(pem_of(key)));
}

// verifies asks OpenSSL about a signature of a digest; padding is 0 for curves.
bool verifies(const TestKey& key, int padding, const EVP_MD* hash, const Bytes& digest,
              const Bytes& signature) {
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new(key.get(), nullptr);
  bool good = EVP_PKEY_verify_init(context) == 1;
  if (padding != 0) good = good && EVP_PKEY_CTX_set_rsa_padding(context, padding) == 1;
  good = good && EVP_PKEY_CTX_set_signature_md(context, hash) == 1 &&
         EVP_PKEY_verify(context, signature.data(), signature.size(), digest.data(),
                         digest.size()) == 1;
  EVP_PKEY_CTX_free(context);
  return good;
}

const std::pair<std::size_t, const EVP_MD*> kHashes[] = {
    {32, EVP_sha256()}, {48, EVP_sha384()}, {64, EVP_sha512()}};

TEST(TlsKey, OfACurveSignsDigests) {
  for (const char* curve : {"P-256", "P-384", "P-521"}) {
    const TestKey key = curve_key(curve);
    const auto signing = held(key);
    EXPECT_EQ(signing->public_key(), public_der_of(key));
    for (const auto& [size, hash] : kHashes) {
      const Bytes digest(size, 7);
      const auto value = signing->sign(TlsSignature::ecdsa, digest);
      ASSERT_OK(value);
      EXPECT_TRUE(verifies(key, 0, hash, digest, *value)) << curve;
      EXPECT_FALSE(verifies(key, 0, hash, Bytes(size, 8), *value)) << curve;
    }
    EXPECT_ERROR(signing->sign(TlsSignature::rsa_pkcs1, Bytes(32)), Code::unsupported);
    EXPECT_ERROR(signing->sign(TlsSignature::rsa_pss, Bytes(256, 0xbc)), Code::unsupported);
    EXPECT_ERROR(signing->sign(TlsSignature{0}, Bytes(32)), Code::unsupported);
  }
}

TEST(TlsKey, OfRsaSignsDigestsAndPaddedBlocks) {
  const TestKey key = rsa_key(2048);
  const auto signing = held(key);
  EXPECT_EQ(signing->public_key(), public_der_of(key));
  for (const auto& [size, hash] : kHashes) {
    const Bytes digest(size, 7);
    const auto value = signing->sign(TlsSignature::rsa_pkcs1, digest);
    ASSERT_OK(value);
    EXPECT_TRUE(verifies(key, RSA_PKCS1_PADDING, hash, digest, *value));
  }
  Bytes block(256, 1);
  block[0] = 0, block[255] = 0xbc;
  const auto value = signing->sign(TlsSignature::rsa_pss, block);
  ASSERT_OK(value);
  EXPECT_EQ(value->size(), block.size());
  EXPECT_ERROR(signing->sign(TlsSignature::ecdsa, Bytes(32)), Code::unsupported);
  EXPECT_ERROR(signing->sign(TlsSignature{9}, Bytes(32)), Code::unsupported);
}

// shows: ZSA37-DEP-a
TEST(TlsKey, SignsNothingOfAnotherSize) {
  const auto curve = held(curve_key("P-256")), rsa = held(rsa_key(2048));
  for (const std::size_t size : {0, 1, 20, 28, 31, 33, 47, 63, 65, 128, 255, 256, 257, 100'000}) {
    EXPECT_ERROR(curve->sign(TlsSignature::ecdsa, Bytes(size)), Code::malformed) << size;
    EXPECT_ERROR(rsa->sign(TlsSignature::rsa_pkcs1, Bytes(size)), Code::malformed) << size;
    // A block whose end is not that of PSS is none; what it would decrypt stays closed.
    EXPECT_ERROR(rsa->sign(TlsSignature::rsa_pss, Bytes(size)), Code::malformed) << size;
    if (size != 256) {
      EXPECT_ERROR(rsa->sign(TlsSignature::rsa_pss, Bytes(size, 0xbc)), Code::malformed) << size;
    }
  }
}

TEST(TlsKey, OfAnotherKindIsRefused) {
  EXPECT_ERROR(parse_tls_key({}), Code::malformed);
  EXPECT_ERROR(parse_tls_key(base::bytes_of("-----BEGIN PRIVATE KEY-----\n")), Code::malformed);
  EXPECT_ERROR(parse_tls_key(Bytes(70'000, 'a')), Code::limit_exceeded);
  for (const TestKey& key : {rsa_key(1024), curve_key("secp256k1"), curve_key("SM2"),
                             TestKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")),
                             TestKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"))})
    EXPECT_ERROR(parse_tls_key(base::bytes_of(pem_of(key))), Code::unsupported);
}

}  // namespace
}  // namespace heqi::ossl
