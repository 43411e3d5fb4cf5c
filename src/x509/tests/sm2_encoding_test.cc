#include <gtest/gtest.h>

#include <heqi/x509/oids.h>
#include <heqi/x509/public_key_info.h>
#include <heqi/x509/signature_verifier.h>
#include <heqi/x509/sm2_encoding.h>

#include "sample.h"

namespace heqi::x509 {
namespace {

using base::Code;
using testing::hex;

const char* kOrder = "00fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";

TEST(Sm2Signature, GoesThroughDerAndRawForm) {
  Sample sample;
  for (int i = 0; i < 50; ++i) {
    crypto::Signature signature;
    signature.r = *crypto::Scalar::draw(sample.random);
    signature.s = i % 2 == 0 ? crypto::Scalar::from_word(static_cast<std::uint64_t>(i) + 1)
                             : *crypto::Scalar::draw(sample.random);
    auto der = parse_signature(encode_signature(signature));
    ASSERT_OK(der);
    EXPECT_TRUE(equal_vartime(der->r, signature.r) && equal_vartime(der->s, signature.s));
    auto raw = parse_raw_signature(encode_raw_signature(signature));
    ASSERT_OK(raw);
    EXPECT_TRUE(equal_vartime(raw->r, signature.r) && equal_vartime(raw->s, signature.s));
  }
}

TEST(Sm2Signature, ThatIsNotStrictDerIsRefused) {
  for (const char* der :
       {"", "30", "3000", "3003020101", "3006020101020101 00", "3009020101020101020101",
        "30070202000102 0101", "3007020101 02020001", "300602010102 01ff", "30060201ff 020101",
        "308106020101020101", "3080020101020101 0000", "3106020101020101", "3006020101030101",
        "30050200 020101", "3006820101020101"})
    EXPECT_ERROR(parse_signature(hex(der)), Code::malformed) << der;
}

TEST(Sm2Signature, OutsideOneToNMinusOneIsRefused) {
  const std::string order = std::string("0221") + kOrder;
  EXPECT_ERROR(parse_signature(hex("3006020100020101")), Code::crypto_scalar_range);
  EXPECT_ERROR(parse_signature(hex("3006020101020100")), Code::crypto_scalar_range);
  EXPECT_ERROR(parse_signature(hex("3026" + order + "020101")), Code::crypto_scalar_range);
  EXPECT_ERROR(parse_signature(hex("3026020101" + order)), Code::crypto_scalar_range);
  EXPECT_ERROR(parse_signature(hex("3026020101"
                                   "0221"
                                   "01" +
                                   std::string(64, '0'))),
               Code::malformed);  // 33 octets
  EXPECT_ERROR(parse_raw_signature(base::Bytes(64)), Code::crypto_scalar_range);
  EXPECT_ERROR(parse_raw_signature(base::Bytes(63, 1)), Code::malformed);
  EXPECT_ERROR(parse_raw_signature(base::Bytes(65, 1)), Code::malformed);
}

TEST(Sm2Cipher, GoesThroughDer) {
  Sample sample;
  const crypto::PrivateKey key = *crypto::PrivateKey::generate(sample.random);
  for (std::size_t size = 1; size < 40; ++size) {
    const base::Bytes plain(size, 0x5a);
    auto ciphertext = crypto::encrypt(key.public_key(), plain, sample.random);
    ASSERT_OK(ciphertext);
    auto read = parse_ciphertext(encode_ciphertext(*ciphertext));
    ASSERT_OK(read);
    auto opened = crypto::decrypt(key, *read);
    ASSERT_OK(opened);
    EXPECT_TRUE(base::same_bytes(opened->expose(), plain));
  }
}

TEST(Sm2Cipher, ThatIsNotWellFormedIsRefused) {
  EXPECT_ERROR(parse_ciphertext({}), Code::malformed);
  EXPECT_ERROR(parse_ciphertext(hex("3000")), Code::malformed);
  const std::string hash = "0420" + std::string(64, '1');
  EXPECT_ERROR(parse_ciphertext(hex("302b 020101 020101" + hash + "040131")),
               Code::crypto_not_on_curve);
  EXPECT_ERROR(parse_ciphertext(hex("302a 020101 020101" + hash + "0400")), Code::malformed);
  EXPECT_ERROR(parse_ciphertext(hex("300c 020101 020101 040111 040131")), Code::malformed);
  EXPECT_ERROR(parse_ciphertext(base::Bytes(kCiphertextSizeMax + 1)), Code::limit_exceeded);
}

TEST(PrivateKeyFile, GoesThroughPkcs8) {
  Sample sample;
  const crypto::PrivateKey key = *crypto::PrivateKey::generate(sample.random);
  const base::SecretBytes der = encode_private_key(key);
  auto read = parse_private_key(der.expose());
  ASSERT_OK(read);
  EXPECT_EQ(read->public_key(), key.public_key());
}

TEST(PrivateKeyFile, OfAnotherKindOrWithAnotherPublicKeyIsRefused) {
  Sample sample;
  const crypto::PrivateKey key = *crypto::PrivateKey::generate(sample.random);
  const base::SecretBytes sealed = encode_private_key(key);
  const base::Bytes der = base::to_bytes(sealed.expose());
  base::Bytes other = der;
  other[other.size() - 1] ^= 1;
  EXPECT_ERROR(parse_private_key(other), Code::crypto_not_on_curve);
  const crypto::PointBytes foreign = sample.root.public_key().encode();
  other = der;
  std::copy(foreign.begin(), foreign.end(), other.end() - 65);
  EXPECT_ERROR(parse_private_key(other), Code::malformed);
  EXPECT_ERROR(parse_private_key(base::ByteView(der).first(der.size() - 1)), Code::malformed);
  EXPECT_ERROR(parse_private_key(base::Bytes(5000)), Code::limit_exceeded);
  EXPECT_ERROR(parse_private_key(hex("3003020101")), Code::unsupported);
  const std::string octets = "0420" + std::string(62, '0') + "05";
  // SEC 1 without a curve, with P-256, with the SM2 curve, and of a later version
  EXPECT_ERROR(parse_private_key(hex("3025020101" + octets)), Code::unsupported);
  EXPECT_ERROR(parse_private_key(hex("3031020101" + octets + "a00a06082a8648ce3d030107")),
               Code::unsupported);
  EXPECT_OK(parse_private_key(hex("3031020101" + octets + "a00a06082a811ccf5501822d")));
  EXPECT_ERROR(parse_private_key(hex("3031020102" + octets + "a00a06082a811ccf5501822d")),
               Code::unsupported);
  const std::string zero = "0420" + std::string(64, '0');
  EXPECT_ERROR(parse_private_key(hex("3031020101" + zero + "a00a06082a811ccf5501822d")),
               Code::crypto_scalar_range);
}

TEST(PublicKeyInfo, IsReadInBothWaysAndWrittenInOne) {
  Sample sample;
  const PublicKeyInfo written = make_public_key_info(sample.root.public_key());
  auto read = parse_public_key_info(written.der);
  ASSERT_OK(read);
  EXPECT_EQ(*read, written);
  asn1::Writer out;  // the curve's identifier as the algorithm (GM/T 0015-2023)
  out.sequence([&](asn1::Writer& w) {
    write_algorithm(w, {oids::sm2_curve(), {}});
    w.bit_string(written.key);
  });
  read = parse_public_key_info(out.bytes());
  ASSERT_OK(read);
  ASSERT_OK(read->sm2_key());
  EXPECT_EQ(*read->sm2_key(), sample.root.public_key());
}

TEST(PublicKeyInfo, OfOtherKindsHasNoSm2Key) {
  Sample sample;
  PublicKeyInfo info = make_public_key_info(sample.root.public_key());
  info.algorithm.parameters = asn1::Writer().oid(oids::p256()).take();
  EXPECT_ERROR(info.sm2_key(), Code::unsupported);
  info.algorithm = {oids::rsa_encryption(), {}};
  EXPECT_ERROR(info.sm2_key(), Code::unsupported);
  info = make_public_key_info(sample.root.public_key());
  info.key[64] ^= 1;
  EXPECT_ERROR(info.sm2_key(), Code::crypto_not_on_curve);
  info.key.pop_back();
  EXPECT_FALSE(info.sm2_key());
  EXPECT_ERROR(parse_public_key_info(hex("3000")), Code::malformed);
  EXPECT_ERROR(parse_public_key_info(hex("3009 3003060129 030100 00")), Code::malformed);
  EXPECT_ERROR(parse_public_key_info(hex("3008 3003060129 030100")), Code::malformed);
}

TEST(Sm2Verifier, KnowsTheTwoIdentifiersOnly) {
  Sample sample;
  const base::Bytes message = hex("0102");
  const base::Bytes signature = *sample.root.sign(message);
  const PublicKeyInfo key = make_public_key_info(sample.root.public_key());
  const Sm2SignatureVerifier verifier;
  EXPECT_OK(verifier.verify(sm2_with_sm3_algorithm(), key, message, signature));
  EXPECT_OK(verifier.verify({oids::sm2_sign(), hex("0500")}, key, message, signature));
  EXPECT_ERROR(verifier.verify({oids::sm2_with_sm3(), hex("020101")}, key, message, signature),
               Code::unsupported);
  for (const asn1::Oid& oid : {oids::ecdsa_with_sha256(), oids::rsa_with_sm3(), oids::sm3()})
    EXPECT_ERROR(verifier.verify({oid, {}}, key, message, signature), Code::unsupported);
  PublicKeyInfo rsa = key;
  rsa.algorithm = {oids::rsa_encryption(), {}};
  EXPECT_ERROR(verifier.verify(sm2_with_sm3_algorithm(), rsa, message, signature), Code::malformed);
  EXPECT_ERROR(verifier.verify(sm2_with_sm3_algorithm(), key, hex("0103"), signature),
               Code::invalid_signature);
  EXPECT_ERROR(verifier.verify(sm2_with_sm3_algorithm(), key, message, {}),
               Code::invalid_signature);
  EXPECT_ERROR(verifier.verify(sm2_with_sm3_algorithm(), key, message, hex("3006020100020101")),
               Code::invalid_signature);
  const auto raw = encode_raw_signature(*parse_signature(signature));
  EXPECT_ERROR(verifier.verify(sm2_with_sm3_algorithm(), key, message, raw),
               Code::invalid_signature);
}

}  // namespace
}  // namespace heqi::x509
