// The schemes of SM9: the standard's examples bit for bit, and what has to be refused.
#include <heqi/crypto/sm4.h>
#include <heqi/crypto/sm9.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/testing/vectors.h>

#include "sm9/signature_step.h"

namespace heqi::crypto::sm9 {
namespace {

using base::Bytes;
using base::bytes_of;
using base::Code;
using testing::read_vectors;
using testing::ScriptedRandom;
using testing::SeededRandom;

template <class Secret>
std::string hex_of(const Secret& secret) {
  return base::to_hex(secret.expose());
}

TEST(Sm9Signature, TheStandardsExampleComesOutBitForBit) {
  for (const auto& vector : read_vectors(HEQI_VECTORS, "sm9/sign.vec")) {
    const auto master = SignMasterKey::decode(vector.bytes("ks"));
    ASSERT_OK(master);
    EXPECT_EQ(base::to_hex(master->public_key().encode()), vector.text("public"));
    const std::string& id = vector.text("id");
    EXPECT_EQ(base::to_hex(identity_scalar(id, kSignHid)->encode()), vector.text("h1"));
    const auto key = master->extract(id);
    ASSERT_OK(key);
    EXPECT_EQ(hex_of(key->encode()), vector.text("ds"));
    const auto r = Scalar::decode(vector.bytes("r"));
    EXPECT_EQ(base::to_hex(master->public_key().g().power(*r).encode()), vector.text("w"));
    ScriptedRandom nonce(vector.bytes("r"));
    const Bytes message = vector.bytes("message");
    const auto signature = sign(*key, message, nonce);
    ASSERT_OK(signature);
    EXPECT_EQ(base::to_hex(signature->h.encode()), vector.text("h"));
    EXPECT_EQ(base::to_hex(signature->s.encode()), vector.text("s"));
    EXPECT_OK(verify(master->public_key(), id, message, *signature));
    const auto received = SignMasterPublicKey::decode(vector.bytes("public"));
    ASSERT_OK(received);
    EXPECT_OK(verify(*received, id, message, *signature));
  }
}

TEST(Sm9Encapsulation, TheStandardsExampleComesOutBitForBit) {
  for (const auto& vector : read_vectors(HEQI_VECTORS, "sm9/encapsulate.vec")) {
    const auto master = EncryptMasterKey::decode(vector.bytes("ke"));
    ASSERT_OK(master);
    EXPECT_EQ(base::to_hex(master->public_key().encode()), vector.text("public"));
    const std::string& id = vector.text("id");
    const auto recipient = master->public_key().recipient(id, kEncryptHid);
    EXPECT_EQ(base::to_hex(recipient->encode()), vector.text("recipient"));
    const auto key = master->extract(id);
    ASSERT_OK(key);
    EXPECT_EQ(hex_of(key->encode()), vector.text("de"));
    ScriptedRandom nonce(vector.bytes("r"));
    const auto out = encapsulate(master->public_key(), id, 32, nonce);
    ASSERT_OK(out);
    EXPECT_EQ(base::to_hex(out->c.encode()), vector.text("c"));
    EXPECT_EQ(hex_of(out->key), vector.text("key"));
    const auto back = decapsulate(*key, *G1::decode(vector.bytes("c")), 32);
    ASSERT_OK(back);
    EXPECT_EQ(hex_of(*back), vector.text("key"));
  }
}

TEST(Sm9Encryption, TheStandardsExamplesComeOutBitForBit) {
  int modes = 0;
  for (const auto& vector : read_vectors(HEQI_VECTORS, "sm9/encrypt.vec")) {
    const CipherMode mode = vector.text("mode") == "sm4" ? CipherMode::sm4 : CipherMode::stream;
    const auto master = EncryptMasterKey::decode(vector.bytes("ke"));
    const std::string& id = vector.text("id");
    ScriptedRandom nonce(vector.bytes("r"));
    const auto out = encrypt(master->public_key(), id, vector.bytes("plain"), mode, nonce);
    ASSERT_OK(out);
    EXPECT_EQ(base::to_hex(out->c1.encode()), vector.text("c1"));
    EXPECT_EQ(base::to_hex(out->c2), vector.text("c2"));
    EXPECT_EQ(base::to_hex(out->c3), vector.text("c3"));
    const auto plain = decrypt(*master->extract(id), *out);
    ASSERT_OK(plain);
    EXPECT_EQ(hex_of(*plain), vector.text("plain"));
    ++modes;
  }
  EXPECT_EQ(modes, 2);
}

TEST(Sm9Exchange, TheStandardsExampleComesOutBitForBit) {
  for (const auto& vector : read_vectors(HEQI_VECTORS, "sm9/exchange.vec")) {
    const auto master = EncryptMasterKey::decode(vector.bytes("ke"));
    EXPECT_EQ(base::to_hex(master->public_key().encode()), vector.text("public"));
    const std::string &a = vector.text("id_a"), &b = vector.text("id_b");
    const auto key_a = master->extract(a, kExchangeHid), key_b = master->extract(b, kExchangeHid);
    EXPECT_EQ(hex_of(key_a->encode()), vector.text("de_a"));
    EXPECT_EQ(hex_of(key_b->encode()), vector.text("de_b"));

    ScriptedRandom random_a(vector.bytes("r_a")), random_b(vector.bytes("r_b"));
    const auto initiator = Initiator::begin(*key_a, b, random_a);
    ASSERT_OK(initiator);
    EXPECT_EQ(base::to_hex(initiator->share().encode()), vector.text("share_a"));
    auto responder = Responder::answer(*key_b, a, initiator->share(), 16, random_b);
    ASSERT_OK(responder);
    EXPECT_EQ(base::to_hex(responder->share().encode()), vector.text("share_b"));
    EXPECT_EQ(base::to_hex(responder->confirmation()), vector.text("confirmation_b"));
    const auto agreed =
        initiator->finish_confirmed(responder->share(), 16, responder->confirmation());
    ASSERT_OK(agreed);
    EXPECT_EQ(hex_of(agreed->key), vector.text("key"));
    EXPECT_EQ(base::to_hex(agreed->confirmation), vector.text("confirmation_a"));
    const auto accepted = std::move(*responder).accept_confirmed(agreed->confirmation);
    ASSERT_OK(accepted);
    EXPECT_EQ(hex_of(*accepted), vector.text("key"));
  }
}

TEST(Sm9Signature, EveryOtherMessageMasterIdentityPurposeOrValueIsRefused) {
  SeededRandom random(111);
  const auto master = SignMasterKey::generate(random), other = SignMasterKey::generate(random);
  const auto key = master->extract("alice@heqi");
  const Bytes message = base::to_bytes("合同正文");
  const auto signature = sign(*key, message, random);
  ASSERT_OK(signature);
  const SignMasterPublicKey& known = master->public_key();
  const auto refused = [&](const Signature& changed) {
    return verify(known, "alice@heqi", message, changed);
  };
  EXPECT_OK(refused(*signature));
  EXPECT_ERROR(verify(known, "alice@heqi", bytes_of("合同正文。"), *signature),
               Code::invalid_signature);
  EXPECT_ERROR(verify(known, "alice@heqi", {}, *signature), Code::invalid_signature);
  EXPECT_ERROR(verify(known, "alice@heqI", message, *signature), Code::invalid_signature);
  EXPECT_ERROR(verify(known, "alice@heqi", message, *signature, kEncryptHid),
               Code::invalid_signature);
  EXPECT_ERROR(verify(other->public_key(), "alice@heqi", message, *signature),
               Code::invalid_signature);
  const Scalar one = Scalar::from_word(1);
  EXPECT_ERROR(refused({signature->h + one, signature->s}), Code::invalid_signature);
  EXPECT_ERROR(refused({signature->h, -signature->s}), Code::invalid_signature);
  EXPECT_ERROR(refused({signature->h, signature->s + G1::generator()}), Code::invalid_signature);
  EXPECT_ERROR(refused({Scalar(), signature->s}), Code::malformed);
  EXPECT_ERROR(refused({signature->h, G1()}), Code::malformed);
  EXPECT_ERROR(verify(known, "", message, *signature), Code::malformed);
  EXPECT_ERROR(verify(known, std::string(8192, 'a'), message, *signature), Code::limit_exceeded);
}

// r = h makes S infinity (step A5): no message leads there on purpose, so that the step is asked
// alone.
TEST(Sm9Signature, ANonceThatIsTheHashMakesNone) {
  SeededRandom random(121);
  const auto master = SignMasterKey::generate(random);
  const auto key = master->extract("alice");
  const Scalar h = *Scalar::draw(random), one = Scalar::from_word(1);
  const auto none = internal::finish_signature(*key, h, h);
  ASSERT_OK(none);
  EXPECT_FALSE(none->has_value());
  const auto next = internal::finish_signature(*key, h + one, h);
  ASSERT_OK(next);
  ASSERT_TRUE(next->has_value());
  EXPECT_TRUE(equal_vartime((*next)->h, h) && equal_vartime((*next)->s, key->expose()));
}

// The end of the identity and hid are hashed one after the other: "a" with hid 'b' is not "ab".
TEST(Sm9Signature, IdentityAndPurposeAreHashedInOrder) {
  EXPECT_FALSE(equal_vartime(*identity_scalar("ab", 1), *identity_scalar("a", 'b')));
  EXPECT_FALSE(equal_vartime(*identity_scalar("Alice", 1), *identity_scalar("Alice", 2)));
  EXPECT_OK(identity_scalar(std::string(8191, 'a'), 1));
  EXPECT_ERROR(identity_scalar("", 1), Code::malformed);
  EXPECT_ERROR(identity_scalar(std::string(8192, 'a'), 1), Code::limit_exceeded);
}

TEST(Sm9Signature, TwoSignaturesOfOneMessageDifferAndAPreparedSignerTakesBoth) {
  SeededRandom random(112);
  const auto master = SignMasterKey::generate(random);
  const auto key = master->extract("bob");
  const auto first = sign(*key, bytes_of("m"), random), second = sign(*key, bytes_of("m"), random);
  EXPECT_FALSE(equal_vartime(first->h, second->h));
  const auto signer = Signer::make(master->public_key(), "bob");
  ASSERT_OK(signer);
  EXPECT_OK(signer->verify(bytes_of("m"), *first));
  EXPECT_OK(signer->verify(bytes_of("m"), *second));
  EXPECT_ERROR(signer->verify(bytes_of("m"), {first->h, second->s}), Code::invalid_signature);
}

TEST(Sm9Keys, AKeyOfAnotherIdentityPurposeOrMasterIsNotTaken) {
  SeededRandom random(113);
  const auto sign_master = SignMasterKey::generate(random);
  const auto signing = sign_master->extract("bob")->encode();
  EXPECT_OK(SignKey::decode(signing.expose(), sign_master->public_key(), "bob"));
  EXPECT_ERROR(SignKey::decode(signing.expose(), sign_master->public_key(), "eve"),
               Code::invalid_signature);
  EXPECT_ERROR(SignKey::decode(signing.expose(), sign_master->public_key(), "bob", kEncryptHid),
               Code::invalid_signature);
  EXPECT_ERROR(SignKey::decode(G1::generator().encode(), sign_master->public_key(), "bob"),
               Code::invalid_signature);
  EXPECT_ERROR(SignKey::decode(Bytes(65, 4), sign_master->public_key(), "bob"),
               Code::crypto_not_on_curve);

  const auto master = EncryptMasterKey::generate(random),
             other = EncryptMasterKey::generate(random);
  const auto encoded = master->extract("bob")->encode();
  EXPECT_OK(UserKey::decode(encoded.expose(), master->public_key(), "bob", kEncryptHid));
  EXPECT_ERROR(UserKey::decode(encoded.expose(), master->public_key(), "bob", kExchangeHid),
               Code::invalid_signature);
  EXPECT_ERROR(UserKey::decode(encoded.expose(), other->public_key(), "bob", kEncryptHid),
               Code::invalid_signature);
  EXPECT_ERROR(UserKey::decode(G2::generator().encode(), master->public_key(), "bob", kEncryptHid),
               Code::invalid_signature);
  EXPECT_ERROR(UserKey::decode(Bytes(129, 4), master->public_key(), "bob", kEncryptHid),
               Code::crypto_not_on_curve);
  for (const auto& vector : read_vectors(HEQI_VECTORS, "sm9/outside.vec")) {
    EXPECT_ERROR(UserKey::decode(vector.bytes("point"), master->public_key(), "bob", kEncryptHid),
                 Code::crypto_not_on_curve);
    EXPECT_ERROR(SignMasterPublicKey::decode(vector.bytes("point")), Code::crypto_not_on_curve);
  }
}

// h1 + k = 0 would make the identity's key the inverse of zero.
TEST(Sm9Keys, AnIdentityThatCancelsTheMasterKeyIsRefused) {
  const Scalar cancelling = Scalar() - *identity_scalar("mallory", kSignHid);
  const auto sign_master = SignMasterKey::decode(cancelling.encode());
  ASSERT_OK(sign_master);
  EXPECT_ERROR(sign_master->extract("mallory"), Code::conflict);
  EXPECT_ERROR(Signer::make(sign_master->public_key(), "mallory"), Code::conflict);
  EXPECT_OK(sign_master->extract("alice"));
  const auto master = EncryptMasterKey::decode(cancelling.encode());
  EXPECT_ERROR(master->extract("mallory", kSignHid), Code::conflict);
  EXPECT_ERROR(master->public_key().recipient("mallory", kSignHid), Code::conflict);
  SeededRandom random(114);
  EXPECT_ERROR(encapsulate(master->public_key(), "mallory", 16, random, kSignHid), Code::conflict);
  EXPECT_ERROR(SignMasterKey::decode(Bytes(32, 0)), Code::crypto_scalar_range);
  EXPECT_ERROR(EncryptMasterKey::decode(Bytes(32, 0xFF)), Code::crypto_scalar_range);
}

TEST(Sm9Encapsulation, OthersAndOtherPointsGetAnotherKeyOrNone) {
  SeededRandom random(115);
  const auto master = EncryptMasterKey::generate(random);
  const auto bob = master->extract("bob"), eve = master->extract("eve");
  for (const std::size_t size : {1u, 16u, 33u, 100u}) {
    const auto out = encapsulate(master->public_key(), "bob", size, random);
    ASSERT_OK(out);
    EXPECT_EQ(hex_of(*decapsulate(*bob, out->c, size)), hex_of(out->key));
    if (size == 1) continue;
    EXPECT_NE(hex_of(*decapsulate(*eve, out->c, size)), hex_of(out->key));
    EXPECT_NE(hex_of(*decapsulate(*bob, -out->c, size)), hex_of(out->key));
  }
  EXPECT_ERROR(decapsulate(*bob, G1(), 16), Code::crypto_not_on_curve);
  EXPECT_ERROR(decapsulate(*bob, G1::generator(), 0), Code::malformed);
  EXPECT_ERROR(decapsulate(*bob, G1::generator(), kSharedKeySizeMax + 1), Code::limit_exceeded);
  EXPECT_ERROR(encapsulate(master->public_key(), "bob", 0, random), Code::malformed);
  EXPECT_ERROR(encapsulate(master->public_key(), "", 16, random), Code::malformed);
  EXPECT_ERROR(encapsulate(master->public_key(), std::string(9000, 'x'), 16, random),
               Code::limit_exceeded);
}

// zero_nonce finds an r whose one-byte key is zero: about every 256th is.
std::optional<Scalar> zero_nonce(const UserKey& key, const G1& recipient) {
  for (std::uint64_t k = 1; k < 4000; ++k) {
    const Scalar r = Scalar::from_word(k);
    if (!decapsulate(key, mul(r, recipient), 1)) return r;
  }
  return std::nullopt;
}

TEST(Sm9Encapsulation, AKeyOfZerosIsDrawnAgainAndRefusedByTheReceiver) {
  SeededRandom random(116);
  const auto master = EncryptMasterKey::generate(random);
  const auto bob = master->extract("bob");
  const G1 recipient = *master->public_key().recipient("bob", kEncryptHid);
  const auto bad = zero_nonce(*bob, recipient);
  ASSERT_TRUE(bad.has_value());
  EXPECT_ERROR(decapsulate(*bob, mul(*bad, recipient), 1), Code::invalid_signature);
  const Bytes twice = base::concat({bad->encode(), Scalar::from_word(1).encode()});
  ScriptedRandom script(twice);
  const auto out = encapsulate(master->public_key(), "bob", 1, script);
  ASSERT_OK(out);
  EXPECT_TRUE(equal_vartime(out->c, recipient)) << "the second draw was taken";
  // The stream of one byte would be zero, although the key with that of the hash is not.
  ScriptedRandom again(twice);
  const auto ciphertext =
      encrypt(master->public_key(), "bob", bytes_of("x"), CipherMode::stream, again);
  ASSERT_OK(ciphertext);
  EXPECT_TRUE(equal_vartime(ciphertext->c1, recipient));
  Bytes only_bad;
  for (int i = 0; i < 64; ++i) base::append(only_bad, bad->encode());
  ScriptedRandom broken(only_bad);
  EXPECT_ERROR(encapsulate(master->public_key(), "bob", 1, broken), Code::crypto_random_failed);
}

TEST(Sm9Encryption, ChangedCiphertextsAndOtherReceiversGetNothing) {
  SeededRandom random(117);
  const auto master = EncryptMasterKey::generate(random);
  const auto bob = master->extract("bob"), eve = master->extract("eve");
  for (const CipherMode mode : {CipherMode::stream, CipherMode::sm4}) {
    for (const std::size_t size : {1u, 15u, 16u, 17u, 100u}) {
      const Bytes plain = *base::random_bytes(random, size);
      const auto out = encrypt(master->public_key(), "bob", plain, mode, random);
      ASSERT_OK(out);
      const auto back = decrypt(*bob, *out);
      ASSERT_OK(back);
      EXPECT_EQ(hex_of(*back), base::to_hex(plain));
      EXPECT_ERROR(decrypt(*eve, *out), Code::invalid_signature);
      Ciphertext changed = *out;
      changed.c2[random.below(changed.c2.size())] ^= 1;
      EXPECT_ERROR(decrypt(*bob, changed), Code::invalid_signature);
      changed = *out;
      changed.c3[random.below(32)] ^= 0x80;
      EXPECT_ERROR(decrypt(*bob, changed), Code::invalid_signature);
      changed = *out;
      changed.c1 = -changed.c1;
      EXPECT_ERROR(decrypt(*bob, changed), Code::invalid_signature);
      changed = *out;
      changed.c1 = G1();
      EXPECT_ERROR(decrypt(*bob, changed), Code::crypto_not_on_curve);
      changed = *out;
      changed.c2.push_back(0);
      EXPECT_FALSE(decrypt(*bob, changed));
      changed.c2.clear();
      EXPECT_ERROR(decrypt(*bob, changed), Code::malformed);
    }
  }
  EXPECT_ERROR(encrypt(master->public_key(), "bob", {}, CipherMode::stream, random),
               Code::malformed);
  EXPECT_ERROR(encrypt(master->public_key(), "", bytes_of("x"), CipherMode::sm4, random),
               Code::malformed);
}

// A C3 that fits over blocks whose padding is wrong can only be made with the key.
TEST(Sm9Encryption, WrongPaddingIsRefused) {
  SeededRandom random(118);
  const auto master = EncryptMasterKey::generate(random);
  const auto bob = master->extract("bob");
  const auto shared = encapsulate(master->public_key(), "bob", 48, random);
  const Sm4Key key(std::span<const std::uint8_t, 16>(shared->key.expose().data(), 16));
  const auto sealed = [&](Bytes block) {
    Sm4(key).encrypt_blocks(block, block);
    const Digest c3 = Sm3().update(block).update(shared->key.expose().subspan(16)).finish();
    return Ciphertext{CipherMode::sm4, shared->c, c3, block};
  };
  Bytes block(16, 3);
  EXPECT_OK(decrypt(*bob, sealed(block)));
  for (const int last : {0, 4, 17, 128, 255}) {
    block.back() = static_cast<std::uint8_t>(last);
    EXPECT_ERROR(decrypt(*bob, sealed(block)), Code::invalid_signature) << last;
  }
  EXPECT_EQ(decrypt(*bob, sealed(Bytes(16, 16)))->size(), 0u);
  EXPECT_ERROR(decrypt(*bob, sealed(Bytes(16, 17))), Code::invalid_signature);
}

TEST(Sm9Exchange, BothSidesAgreeAndAnyoneElseIsNoticed) {
  SeededRandom random(119);
  const auto master = EncryptMasterKey::generate(random);
  const auto alice = master->extract("alice", kExchangeHid);
  const auto bob = master->extract("bob", kExchangeHid), eve = master->extract("eve", kExchangeHid);
  const auto initiator = Initiator::begin(*alice, "bob", random);
  ASSERT_OK(initiator);

  auto responder = Responder::answer(*bob, "alice", initiator->share(), 48, random);
  const auto plain = initiator->finish(responder->share(), 48);
  EXPECT_EQ(hex_of(plain->key), hex_of(std::move(*responder).accept()));

  // Eve answers in Bob's place: without confirmation the keys differ, with it she is found out.
  auto impostor = Responder::answer(*eve, "alice", initiator->share(), 48, random);
  ASSERT_OK(impostor);
  EXPECT_ERROR(initiator->finish_confirmed(impostor->share(), 48, impostor->confirmation()),
               Code::invalid_signature);
  EXPECT_NE(hex_of(initiator->finish(impostor->share(), 48)->key),
            hex_of(std::move(*impostor).accept()));

  // Bob believes to talk with Eve.
  auto confused = Responder::answer(*bob, "eve", initiator->share(), 48, random);
  EXPECT_ERROR(initiator->finish_confirmed(confused->share(), 48, confused->confirmation()),
               Code::invalid_signature);

  auto honest = Responder::answer(*bob, "alice", initiator->share(), 48, random);
  const auto agreed = initiator->finish_confirmed(honest->share(), 48, honest->confirmation());
  ASSERT_OK(agreed);
  Digest wrong = agreed->confirmation;
  wrong[31] ^= 1;
  EXPECT_ERROR(std::move(*honest).accept_confirmed(wrong), Code::invalid_signature);
  Digest changed = honest->confirmation();
  changed[0] ^= 1;
  EXPECT_ERROR(initiator->finish_confirmed(honest->share(), 48, changed), Code::invalid_signature);
  EXPECT_ERROR(initiator->finish_confirmed(-honest->share(), 48, honest->confirmation()),
               Code::invalid_signature);
  EXPECT_ERROR(initiator->finish_confirmed(honest->share(), 48, agreed->confirmation),
               Code::invalid_signature)
      << "S_A is not S_B";

  EXPECT_ERROR(initiator->finish(G1(), 16), Code::crypto_not_on_curve);
  EXPECT_ERROR(initiator->finish_confirmed(G1(), 16, wrong), Code::crypto_not_on_curve);
  EXPECT_ERROR(Responder::answer(*bob, "alice", G1(), 16, random), Code::crypto_not_on_curve);
  EXPECT_ERROR(Responder::answer(*bob, "alice", initiator->share(), 0, random), Code::malformed);
  EXPECT_ERROR(Responder::answer(*bob, "", initiator->share(), 16, random), Code::malformed);
  EXPECT_ERROR(Initiator::begin(*alice, "", random), Code::malformed);
  EXPECT_ERROR(initiator->finish(honest->share(), 0), Code::malformed);
}

TEST(Sm9Random, AFailingSourceStopsEverything) {
  SeededRandom random(120);
  const auto sign_master = SignMasterKey::generate(random);
  const auto master = EncryptMasterKey::generate(random);
  const auto signing = sign_master->extract("bob");
  const auto bob = master->extract("bob");
  ScriptedRandom empty({});
  EXPECT_ERROR(SignMasterKey::generate(empty), Code::crypto_random_failed);
  EXPECT_ERROR(EncryptMasterKey::generate(empty), Code::crypto_random_failed);
  EXPECT_ERROR(sign(*signing, bytes_of("m"), empty), Code::crypto_random_failed);
  EXPECT_ERROR(encapsulate(master->public_key(), "bob", 16, empty), Code::crypto_random_failed);
  EXPECT_ERROR(Initiator::begin(*bob, "bob", empty), Code::crypto_random_failed);
  EXPECT_ERROR(Responder::answer(*bob, "bob", G1::generator(), 16, empty),
               Code::crypto_random_failed);
}

}  // namespace
}  // namespace heqi::crypto::sm9
