#include <heqi/crypto/kdf.h>
#include <heqi/crypto/sm2.h>
#include <heqi/crypto/sm2_batch.h>
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

TEST(Sm2Signature, ValuesOutsideTheirRangeNeverBecomeASignature) {
  const Bytes n = hex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");
  SeededRandom random(12);
  const auto key = PrivateKey::generate(random);
  const auto signature = sign(*key, bytes_of("m"), random);
  // n + r and n + s name the same residues; where they fit 32 bytes they are refused as well.
  for (const Scalar& value : {signature->r, signature->s, Scalar::from_word(5)}) {
    Bytes sum(33);
    unsigned carry = 0;
    const ScalarBytes bytes = value.encode();
    for (std::size_t i = 32; i-- > 0; carry >>= 8) {
      carry += unsigned(n[i]) + bytes[i];
      sum[i + 1] = static_cast<std::uint8_t>(carry & 0xFF);
    }
    sum[0] = static_cast<std::uint8_t>(carry);
    EXPECT_ERROR(Scalar::decode(sum), Code::crypto_scalar_range);
    if (sum[0] == 0) {
      EXPECT_ERROR(Scalar::decode(base::ByteView(sum).subspan(1)), Code::crypto_scalar_range);
    }
  }
  EXPECT_ERROR(Scalar::decode(n), Code::crypto_scalar_range);
  EXPECT_ERROR(Scalar::decode(Bytes(32, 0)), Code::crypto_scalar_range);
}

// Wycheproof has no file for SM2; these are the values that its ECDSA sets put into r and s, each
// with each: 0, ±1, n and p with their neighbours, halves and the largest number.
TEST(Sm2Signature, TheSpecialValuesOfWycheproofsEcdsaSetsAreRefusedInEveryPair) {
  SeededRandom random(17);
  const auto key = PrivateKey::generate(random);
  const Digest digest = sm3(bytes_of("m"));
  const auto signature = sign_digest(*key, digest, random);
  ASSERT_OK(signature);
  const auto one = Scalar::from_word(1);
  std::vector<Bytes> values;
  for (const Scalar& value :
       {one, one + one, Scalar::from_word(2).inverse(), -one, signature->r, -signature->r,
        signature->s, -signature->s, signature->r.inverse(), signature->s.inverse()})
    values.push_back(base::to_bytes(value.encode()));
  for (const char* value : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123",
                            "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54124",
                            "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff",
                            "fffffffeffffffffffffffffffffffffffffffff000000010000000000000000",
                            "8000000000000000000000000000000000000000000000000000000000000000",
                            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"})
    values.push_back(hex(value));
  int decoded = 0;
  for (const Bytes& r_bytes : values)
    for (const Bytes& s_bytes : values) {
      const auto r = Scalar::decode(r_bytes), s = Scalar::decode(s_bytes);
      if (!r || !s) continue;
      ++decoded;
      const bool right = equal_vartime(*r, signature->r) && equal_vartime(*s, signature->s);
      EXPECT_EQ(verify_digest(key->public_key(), digest, {*r, *s}).has_value(), right);
    }
  EXPECT_EQ(decoded, 11 * 11) << "of the numbers from n up and zero none is a scalar";
}

TEST(Sm2Signature, EachRetryOfTheStandardTakesAFreshNonce) {
  SeededRandom random(13);
  for (int i = 0; i < 10; ++i) {
    const auto key = PrivateKey::generate(random);
    const Scalar k = *Scalar::draw(random), next = *Scalar::draw(random);
    const Scalar x = mul_base(k).x_mod_n(), d = key->d().expose();
    // e that makes r = 0, r + k = n and s = 0 with the first nonce.
    for (const Scalar& e : {-x, -k - x, k * d.inverse() - x}) {
      const Digest digest = e.encode();
      ScriptedRandom twice(base::concat({k.encode(), next.encode()})),
          once(base::to_bytes(next.encode()));
      const auto signature = sign_digest(*key, digest, twice);
      ASSERT_OK(signature);
      const auto plain = sign_digest(*key, digest, once);
      ASSERT_OK(plain);
      EXPECT_TRUE(equal_vartime(signature->r, plain->r) && equal_vartime(signature->s, plain->s));
      ScriptedRandom only_bad(base::to_bytes(k.encode()));
      EXPECT_ERROR(sign_digest(*key, digest, only_bad), Code::crypto_random_failed);
    }
  }
}

TEST(Sm2Keys, OnlyOneToOrderMinusTwoIsAPrivateKey) {
  const Scalar one = Scalar::from_word(1);
  EXPECT_OK(PrivateKey::decode((-one - one).encode()));
  EXPECT_OK(PrivateKey::decode(one.encode()));
  EXPECT_ERROR(PrivateKey::decode((-one).encode()), Code::crypto_scalar_range) << "1 + d = 0";
  EXPECT_ERROR(PrivateKey::decode(Bytes(32, 0)), Code::crypto_scalar_range);
  EXPECT_ERROR(PrivateKey::decode(Bytes(32, 0xFF)), Code::crypto_scalar_range);
  EXPECT_ERROR(PrivateKey::decode(Bytes(31, 1)), Code::crypto_scalar_range);
  ScriptedRandom again(base::concat({(-one).encode(), one.encode()}));
  const auto key = PrivateKey::generate(again);
  ASSERT_OK(key);
  EXPECT_TRUE(base::same_bytes(key->encode().expose(), one.encode()));
  ScriptedRandom empty({});
  EXPECT_ERROR(PrivateKey::generate(empty), Code::crypto_random_failed);
}

TEST(Sm2Keys, OnlyAPointOfTheCurveIsAPublicKey) {
  EXPECT_ERROR(PublicKey::from_point(Point::infinity()), Code::crypto_not_on_curve);
  EXPECT_ERROR(PublicKey::decode(Bytes(65, 0)), Code::crypto_not_on_curve);
  SeededRandom random(14);
  const auto key = PrivateKey::generate(random);
  PointBytes off = key->public_key().encode();
  off[64] ^= 1;
  EXPECT_ERROR(PublicKey::decode(off), Code::crypto_not_on_curve);
  const auto again = PublicKey::from_point(mul_base(key->d().expose()));
  ASSERT_OK(again);
  EXPECT_TRUE(*again == key->public_key());
  const auto clone = key->clone();
  EXPECT_TRUE(clone.public_key() == key->public_key());
}

TEST(Sm2Encryption, EveryChangedPartIsRefused) {
  SeededRandom random(15);
  const auto key = PrivateKey::generate(random), other = PrivateKey::generate(random);
  const Bytes plain = *base::random_bytes(random, 40);
  const Ciphertext good = *encrypt(key->public_key(), plain, random);
  EXPECT_OK(decrypt(*key, good));
  EXPECT_ERROR(decrypt(*other, good), Code::invalid_signature);
  Ciphertext changed = good;
  changed.c2[7] ^= 1;
  EXPECT_ERROR(decrypt(*key, changed), Code::invalid_signature);
  changed = good;
  changed.c3[31] ^= 0x80;
  EXPECT_ERROR(decrypt(*key, changed), Code::invalid_signature);
  changed = good;
  changed.c1 = -changed.c1;
  EXPECT_ERROR(decrypt(*key, changed), Code::invalid_signature);
  changed.c1 = Point::infinity();
  EXPECT_ERROR(decrypt(*key, changed), Code::crypto_not_on_curve);
  changed = good;
  changed.c2.pop_back();
  EXPECT_ERROR(decrypt(*key, changed), Code::invalid_signature);
  changed.c2.clear();
  EXPECT_ERROR(decrypt(*key, changed), Code::malformed);
  EXPECT_ERROR(encrypt(key->public_key(), {}, random), Code::malformed);
  ScriptedRandom empty({});
  EXPECT_ERROR(encrypt(key->public_key(), plain, empty), Code::crypto_random_failed);
}

// Zeroing is a nonce whose key stream for one octet is zero: about one in 256 is.
struct Zeroing {
  Scalar k;
  base::SecretArray<64> coordinates;  // of [k]P
};
Zeroing find_zeroing(const PublicKey& key, base::Random& random) {
  for (;;) {
    const Scalar k = *Scalar::draw(random);
    const PointBytes shared = mul(k, key.point()).encode();
    base::SecretArray<64> coordinates(std::span<const std::uint8_t, 64>(&shared[1], 64));
    if (sm2_kdf(coordinates.expose(), 1).expose()[0] == 0) return {k, std::move(coordinates)};
  }
}

TEST(Sm2Encryption, AKeyStreamOfZerosIsDrawnAgainAndNotOpened) {
  SeededRandom random(16);
  const auto key = PrivateKey::generate(random);
  const Zeroing zeroing = find_zeroing(key->public_key(), random);
  const Bytes plain = {0x5A};
  const Scalar other = *Scalar::draw(random);
  ScriptedRandom both(base::concat({zeroing.k.encode(), other.encode()}));
  const auto sealed = encrypt(key->public_key(), plain, both);
  ASSERT_OK(sealed);
  EXPECT_EQ(sealed->c1.encode(), mul_base(other).encode()) << "of the second nonce";
  ScriptedRandom alone(base::concat({zeroing.k.encode()}));
  EXPECT_ERROR(encrypt(key->public_key(), plain, alone), Code::crypto_random_failed);
  Bytes zeroings;
  for (int i = 0; i < 20; ++i) zeroings = base::concat({zeroings, zeroing.k.encode()});
  ScriptedRandom always(zeroings);
  EXPECT_ERROR(encrypt(key->public_key(), plain, always), Code::crypto_random_failed);

  const std::vector<BatchPlain> two(2, BatchPlain{&key->public_key(), plain});
  const Scalar first = *Scalar::draw(random);
  ScriptedRandom three(base::concat({first.encode(), zeroing.k.encode(), other.encode()}));
  const auto batch = encrypt_batch(two, three);
  ASSERT_OK(batch);
  EXPECT_EQ((*batch)[0].c1.encode(), mul_base(first).encode());
  EXPECT_EQ((*batch)[1].c1.encode(), mul_base(other).encode());

  // The plain text as it is, with a C3 that fits.
  const base::ByteView coordinates = zeroing.coordinates.expose();
  const Ciphertext open{
      mul_base(zeroing.k),
      Sm3().update(coordinates.first(32)).update(plain).update(coordinates.last(32)).finish(),
      plain};
  EXPECT_ERROR(decrypt(*key, open), Code::invalid_signature);
  EXPECT_ERROR(decrypt_batch(*key, std::vector{open})[0], Code::invalid_signature);
}

// A draw is taken as it is or not at all, so that every number of 1…n−2 is as likely as another.
// shows: KEP-15.2-a
TEST(PrivateKey, IsTheFirstDrawFromOneToOrderMinusTwo) {
  const Bytes order =
      *base::parse_hex("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123");
  const auto with_end = [&](std::uint8_t octet) {
    Bytes out = order;
    out.back() = octet;
    return out;
  };
  const Bytes last = with_end(0x21), beyond = with_end(0x22), above = with_end(0x24);
  Bytes one(32, 0);
  one.back() = 1;
  const Bytes zero(32, 0), all(32, 0xFF);
  for (const Bytes& taken : {one, last}) {
    testing::ScriptedRandom random(taken);
    const auto key = PrivateKey::generate(random);
    ASSERT_OK(key);
    EXPECT_TRUE(base::same_bytes(key->encode().expose(), taken));
  }
  for (const Bytes& refused : {zero, beyond, order, above, all}) {
    testing::ScriptedRandom random(base::concat({refused, one}));
    const auto key = PrivateKey::generate(random);
    ASSERT_OK(key) << base::to_hex(refused);
    EXPECT_TRUE(base::same_bytes(key->encode().expose(), one)) << base::to_hex(refused);
    EXPECT_FALSE(PrivateKey::decode(refused)) << base::to_hex(refused);
    testing::ScriptedRandom dry(refused);
    EXPECT_ERROR(PrivateKey::generate(dry), Code::crypto_random_failed);
  }
  testing::ScriptedRandom stuck(Bytes(32 * 64, 0xFF));
  EXPECT_ERROR(PrivateKey::generate(stuck), Code::crypto_random_failed);
}

}  // namespace
}  // namespace heqi::crypto
