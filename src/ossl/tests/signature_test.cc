#include <gtest/gtest.h>

#include <openssl/core_names.h>

#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/ossl/signer.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/oids.h>

#include "made_by_openssl.h"

namespace heqi::ossl {
namespace {

using base::Code;
using testing::hex;
namespace oids = x509::oids;

const base::Bytes kMessage = base::to_bytes(std::string_view("合同正文"));

KeyPair pair_of(const TestKey& key, RsaPadding padding = RsaPadding::pkcs1_v15) {
  auto pair = parse_private_key_pem(base::bytes_of(pem_of(key)), {padding});
  EXPECT_OK(pair);
  return *std::move(pair);
}

// expect_strict checks that the signature holds, and that nothing near it does.
void expect_strict(KeyPair pair) {
  const auto verifier = make_signature_verifier();
  const x509::AlgorithmIdentifier algorithm = pair.signer->algorithm();
  auto signature = pair.signer->sign(kMessage);
  ASSERT_OK(signature);
  EXPECT_OK(verifier->verify(algorithm, pair.public_key, kMessage, *signature));
  EXPECT_ERROR(verifier->verify(algorithm, pair.public_key, hex("00"), *signature),
               Code::invalid_signature);
  EXPECT_ERROR(verifier->verify(algorithm, pair.public_key, kMessage, {}), Code::invalid_signature);
  base::Bytes damaged = *signature;
  damaged[damaged.size() / 2] ^= 1;
  EXPECT_ERROR(verifier->verify(algorithm, pair.public_key, kMessage, damaged),
               Code::invalid_signature);
  damaged = *signature;
  damaged.push_back(0);
  EXPECT_ERROR(verifier->verify(algorithm, pair.public_key, kMessage, damaged),
               Code::invalid_signature);
}

TEST(Signatures, OfEveryKindHoldForTheirMessageOnly) {
  for (const char* curve : {"P-256", "P-384", "P-521"}) expect_strict(pair_of(curve_key(curve)));
  const TestKey rsa = rsa_key(2048);
  expect_strict(pair_of(rsa, RsaPadding::pkcs1_v15));
  expect_strict(pair_of(rsa, RsaPadding::pss));
}

TEST(Signatures, OfSm2AreVerifiedByOwnCode) {
  testing::SeededRandom random(3);
  x509::SoftwareSm2Signer signer(*crypto::PrivateKey::generate(random), random);
  const x509::PublicKeyInfo key = x509::make_public_key_info(signer.public_key());
  const auto verifier = make_signature_verifier();
  EXPECT_OK(verifier->verify(signer.algorithm(), key, kMessage, *signer.sign(kMessage)));
  EXPECT_ERROR(verifier->verify(signer.algorithm(), key, hex("00"), *signer.sign(kMessage)),
               Code::invalid_signature);
}

TEST(Signatures, OfOnePaddingAreNoneOfTheOther) {
  const TestKey rsa = rsa_key(2048);
  KeyPair plain = pair_of(rsa, RsaPadding::pkcs1_v15), pss = pair_of(rsa, RsaPadding::pss);
  const auto verifier = make_signature_verifier();
  EXPECT_ERROR(verifier->verify(pss.signer->algorithm(), plain.public_key, kMessage,
                                *plain.signer->sign(kMessage)),
               Code::invalid_signature);
  EXPECT_ERROR(verifier->verify(plain.signer->algorithm(), plain.public_key, kMessage,
                                *pss.signer->sign(kMessage)),
               Code::invalid_signature);
}

TEST(Verifier, RefusesAlgorithmsThatDoNotFitTheKey) {
  KeyPair ec = pair_of(curve_key("P-256")), rsa = pair_of(rsa_key(2048));
  const auto verifier = make_signature_verifier();
  EXPECT_ERROR(verifier->verify(rsa.signer->algorithm(), ec.public_key, kMessage, hex("00")),
               Code::malformed);
  EXPECT_ERROR(verifier->verify(ec.signer->algorithm(), rsa.public_key, kMessage, hex("00")),
               Code::malformed);
  EXPECT_ERROR(verifier->verify(x509::sm2_with_sm3_algorithm(), ec.public_key, kMessage, hex("00")),
               Code::malformed);
  x509::PublicKeyInfo foreign = ec.public_key;
  foreign.algorithm.oid = asn1::Oid::of("1.3.101.112");
  EXPECT_ERROR(verifier->verify(ec.signer->algorithm(), foreign, kMessage, hex("00")),
               Code::unsupported);
}

TEST(Verifier, RefusesWeakOrUnknownAlgorithms) {
  KeyPair rsa = pair_of(rsa_key(2048));
  const auto verifier = make_signature_verifier();
  const auto check = [&](const asn1::Oid& oid, const char* parameters) {
    return verifier->verify({oid, hex(parameters)}, rsa.public_key, kMessage, hex("00"));
  };
  EXPECT_ERROR(check(oids::rsa_with_sha1(), "0500"), Code::unsupported);
  EXPECT_ERROR(check(oids::rsa_with_sm3(), "0500"), Code::unsupported);
  EXPECT_ERROR(check(oids::rsa_encryption(), "0500"), Code::unsupported);
  EXPECT_ERROR(check(oids::sha256(), ""), Code::unsupported);
  EXPECT_ERROR(check(oids::rsa_with_sha256(), "020101"), Code::malformed);
  // RSA-PSS: nothing, the defaults (SHA-1), a bad trailer, a negative and a huge salt, more behind
  const std::string hash = "a00f300d06096086480165030402010500";
  const std::string mask = "a11c301a06092a864886f70d010108300d06096086480165030402010500";
  EXPECT_ERROR(check(oids::rsa_pss(), ""), Code::malformed);
  EXPECT_ERROR(check(oids::rsa_pss(), "3000"), Code::unsupported);
  EXPECT_ERROR(check(oids::rsa_pss(), ("302f" + hash + mask).c_str()), Code::invalid_signature);
  EXPECT_ERROR(check(oids::rsa_pss(), ("3034" + hash + mask + "a303020102").c_str()),
               Code::malformed);
  EXPECT_ERROR(check(oids::rsa_pss(), ("3034" + hash + mask + "a2030201ff").c_str()),
               Code::malformed);
  EXPECT_ERROR(check(oids::rsa_pss(), ("3035" + hash + mask + "a20402027fff").c_str()),
               Code::malformed);
  EXPECT_ERROR(check(oids::rsa_pss(), ("302f" + hash + mask + "00").c_str()), Code::malformed);
}

TEST(Verifier, RefusesKeysOutsideItsLimits) {
  const auto verifier = make_signature_verifier();
  auto small = x509::parse_public_key_info(public_der_of(rsa_key(1024)));
  ASSERT_OK(small);
  EXPECT_ERROR(verifier->verify({oids::rsa_with_sha256(), {}}, *small, kMessage, hex("00")),
               Code::unsupported);
  auto other = x509::parse_public_key_info(public_der_of(curve_key("secp256k1")));
  ASSERT_OK(other);
  EXPECT_ERROR(verifier->verify({oids::ecdsa_with_sha256(), {}}, *other, kMessage, hex("00")),
               Code::unsupported);
  const TestKey explicit_key = curve_key("P-256");
  EVP_PKEY_set_utf8_string_param(explicit_key.get(), OSSL_PKEY_PARAM_EC_ENCODING, "explicit");
  auto with_parameters = x509::parse_public_key_info(public_der_of(explicit_key));
  ASSERT_OK(with_parameters);
  EXPECT_FALSE(
      verifier->verify({oids::ecdsa_with_sha256(), {}}, *with_parameters, kMessage, hex("00")));
  x509::PublicKeyInfo broken = *x509::parse_public_key_info(public_der_of(curve_key("P-256")));
  broken.der[broken.der.size() - 1] ^= 1;
  EXPECT_ERROR(verifier->verify({oids::ecdsa_with_sha256(), {}}, broken, kMessage, hex("00")),
               Code::malformed);
}

TEST(PrivateKeys, ThatCannotBeUsedAreRefused) {
  EXPECT_ERROR(parse_private_key_pem({}), Code::malformed);
  EXPECT_ERROR(parse_private_key_pem(base::bytes_of("-----BEGIN PRIVATE KEY-----\n")),
               Code::malformed);
  EXPECT_ERROR(parse_private_key_pem(base::bytes_of(pem_of(rsa_key(1024)))), Code::unsupported);
  EXPECT_ERROR(parse_private_key_pem(base::bytes_of(pem_of(curve_key("secp256k1")))),
               Code::unsupported);
  EXPECT_ERROR(parse_private_key_pem(base::Bytes(70'000, 'a')), Code::limit_exceeded);
}

TEST(Digest, IsThatOfTheNamedAlgorithm) {
  const base::Bytes abc = base::to_bytes(std::string_view("abc"));
  EXPECT_EQ(base::to_hex(*digest(oids::sm3(), abc)),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  EXPECT_EQ(base::to_hex(*digest(oids::sha256(), abc)),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(base::to_hex(*digest(oids::sha1(), abc)), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(digest(oids::sha384(), abc)->size(), 48U);
  EXPECT_EQ(digest(oids::sha512(), abc)->size(), 64U);
  EXPECT_ERROR(digest(oids::sm2_with_sm3(), abc), Code::unsupported);
}

}  // namespace
}  // namespace heqi::ossl
