#include <heqi/crypto/sm2.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/testing/vectors.h>

namespace heqi::crypto {
namespace {

using base::Bytes;
using base::bytes_of;
using base::Code;
using testing::hex;
using testing::read_vectors;
using testing::ScriptedRandom;
using testing::SeededRandom;

TEST(Sm2Signature, TheStandardsExampleComesOutBitForBit) {
  for (const auto& vector : read_vectors(HEQI_VECTORS, "sm2/sign.vec")) {
    const auto key = PrivateKey::decode(vector.bytes("d"));
    ASSERT_OK(key);
    EXPECT_EQ(base::to_hex(key->public_key().encode()), vector.text("public"));
    const Bytes message = vector.bytes("message");
    const std::string& id = vector.text("id");
    EXPECT_EQ(base::to_hex(z_value(key->public_key(), id)), vector.text("z"));
    EXPECT_EQ(base::to_hex(message_digest(key->public_key(), message, id)), vector.text("e"));
    ScriptedRandom nonce(vector.bytes("k"));
    const auto signature = sign(*key, message, nonce, id);
    ASSERT_OK(signature);
    EXPECT_EQ(base::to_hex(signature->r.encode()), vector.text("r"));
    EXPECT_EQ(base::to_hex(signature->s.encode()), vector.text("s"));
    EXPECT_OK(verify(key->public_key(), message, *signature, id));
  }
}

TEST(Sm2Encryption, TheStandardsExampleComesOutBitForBit) {
  for (const auto& vector : read_vectors(HEQI_VECTORS, "sm2/encrypt.vec")) {
    const auto key = PrivateKey::decode(vector.bytes("d"));
    ASSERT_OK(key);
    ScriptedRandom nonce(vector.bytes("k"));
    const auto ciphertext = encrypt(key->public_key(), vector.bytes("plain"), nonce);
    ASSERT_OK(ciphertext);
    EXPECT_EQ(base::to_hex(ciphertext->c1.encode()), vector.text("c1"));
    EXPECT_EQ(base::to_hex(ciphertext->c2), vector.text("c2"));
    EXPECT_EQ(base::to_hex(ciphertext->c3), vector.text("c3"));
    const auto plain = decrypt(*key, *ciphertext);
    ASSERT_OK(plain);
    EXPECT_EQ(base::to_hex(plain->expose()), vector.text("plain"));
  }
}

TEST(Sm2Signature, EveryOtherMessageKeyIdOrValueIsRefused) {
  SeededRandom random(11);
  for (int i = 0; i < 20; ++i) {
    const auto key = PrivateKey::generate(random), other = PrivateKey::generate(random);
    const Bytes message = *base::random_bytes(random, random.below(100) + 1);
    const auto signature = sign(*key, message, random);
    ASSERT_OK(signature);
    EXPECT_OK(verify(key->public_key(), message, *signature));
    Bytes changed = message;
    changed[random.below(changed.size())] ^= 1;
    EXPECT_ERROR(verify(key->public_key(), changed, *signature), Code::invalid_signature);
    EXPECT_ERROR(verify(other->public_key(), message, *signature), Code::invalid_signature);
    EXPECT_ERROR(verify(key->public_key(), message, *signature, "another id"),
                 Code::invalid_signature);
    const Scalar one = Scalar::from_word(1);
    EXPECT_ERROR(verify(key->public_key(), message, {signature->r + one, signature->s}),
                 Code::invalid_signature);
    EXPECT_ERROR(verify(key->public_key(), message, {signature->r, signature->s + one}),
                 Code::invalid_signature);
    EXPECT_ERROR(verify(key->public_key(), message, {signature->s, signature->r}),
                 Code::invalid_signature);
    EXPECT_ERROR(verify(key->public_key(), message, {signature->r, -signature->r}),
                 Code::invalid_signature)
        << "r + s = n";
    EXPECT_ERROR(verify(key->public_key(), message, {Scalar(), signature->s}), Code::malformed);
    EXPECT_ERROR(verify(key->public_key(), message, {signature->r, Scalar()}), Code::malformed);
  }
}

}  // namespace
}  // namespace heqi::crypto
