// The joint key, the server's share, and who is refused.
#include <heqi/cosign/codec.h>

#include "tests/openssl_stranger.h"
#include "tests/parties.h"

namespace heqi::cosign {
namespace {

using base::Code;
using crypto::Point;
using crypto::Scalar;
using crypto::SecretScalar;

// shows: COS-pub-1
TEST(KeyAgreement, TheJointKeyIsD1TimesD2MinusOne) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Parties parties = make_parties(seed);
    const Scalar d = parties.d1.expose() * parties.d2.expose() - Scalar::from_word(1);
    EXPECT_TRUE(equal_vartime(crypto::mul_base(d), parties.server_key.p.point()));
  }
}

// shows: COS-d1-3
TEST(KeyAgreement, TheDevicesShareIsDrawnAgainUntilItIsBelowN) {
  base::Bytes script(32, 0xFF);           // not below n
  script.insert(script.end(), 32, 0x00);  // zero
  script.insert(script.end(), 32, 0x17);
  script.insert(script.end(), 64, 0x01);  // for the proof
  testing::ScriptedRandom random(script);
  const auto agreement = DeviceKeyAgreement::begin(test_context(test_name()), random);
  ASSERT_OK(agreement);
  EXPECT_TRUE(equal_vartime(agreement->d1().expose(), *Scalar::decode(base::Bytes(32, 0x17))));
}

// shows: COS-pub-1
TEST(KeyAgreement, AJointKeyAtInfinityIsRefused) {
  testing::SeededRandom random(5);
  const auto agreement = DeviceKeyAgreement::begin(test_context(test_name()), random);
  ASSERT_OK(agreement);
  const SecretScalar d2(agreement->d1().expose().inverse());  // d1·d2 − 1 = 0
  EXPECT_ERROR(agree_on_key(test_context(test_name()), agreement->message(), d2, random),
               Code::crypto_not_on_curve);
}

// A point of y² = x³ + ax + b' with a small order would give away d2 modulo that order.
// shows: COS-pub-1
TEST(KeyAgreement, AP1OffTheCurveIsRefused) {
  testing::SeededRandom random(6);
  const auto agreement = DeviceKeyAgreement::begin(test_context(test_name()), random);
  ASSERT_OK(agreement);
  base::Bytes der = encode_key_init(agreement->message());
  ASSERT_OK(parse_key_init(der));
  const auto encoded = agreement->message().p1.encode();
  const auto place = std::search(der.begin(), der.end(), encoded.begin(), encoded.end());
  ASSERT_NE(place, der.end());
  place[64] ^= 1;
  EXPECT_ERROR(parse_key_init(der), Code::crypto_not_on_curve);
  std::fill_n(place, 65, std::uint8_t{0});
  EXPECT_ERROR(parse_key_init(der), Code::crypto_not_on_curve);
}

// shows-part: COS-pub-1 (P1 without knowledge of d1)
TEST(KeyAgreement, AP1WithoutKnowledgeOfD1IsRefused) {
  testing::SeededRandom random(7), server_random(8);
  const KeyContext context = test_context(test_name());
  const auto d2 = derive_server_share(test_master_key(), 1, context.name);
  const auto victim = DeviceKeyAgreement::begin(context, random);
  const auto thief = DeviceKeyAgreement::begin(context, random);
  ASSERT_OK(victim);
  ASSERT_OK(thief);
  KeyInit foreign = thief->message();
  foreign.p1 = victim->message().p1;
  EXPECT_ERROR(agree_on_key(context, foreign, *d2, server_random), Code::crypto_proof_invalid);
  foreign.p1 = Point::infinity();
  EXPECT_ERROR(agree_on_key(context, foreign, *d2, server_random), Code::crypto_not_on_curve);
}

// shows-part: COS-pub-1 (P1 of another device)
TEST(KeyAgreement, AProofForAnotherChallengeAppOrDeviceIsRefused) {
  testing::SeededRandom random(9), server_random(10);
  const KeyContext context = test_context(test_name());
  const auto agreement = DeviceKeyAgreement::begin(context, random);
  const auto d2 = derive_server_share(test_master_key(), 1, context.name);
  ASSERT_OK(agreement);
  ASSERT_OK(agree_on_key(context, agreement->message(), *d2, server_random));
  std::vector<KeyContext> others(5, context);
  others[0].name.key_id[0] ^= 1;
  others[1].name.app_id += "x";
  others[2].name.platform_id += "x";
  others[3].name.epoch = 2;
  others[4].device_key[1] ^= 1;
  for (const KeyContext& other : others)
    EXPECT_ERROR(agree_on_key(other, agreement->message(), *d2, server_random),
                 Code::crypto_proof_invalid);
}

// shows-part: COS-pub-1 (a P that is not the joint key)
TEST(KeyAgreement, AKeyThatTheServerHasNoShareOfIsRefused) {
  testing::SeededRandom random(11), server_random(12);
  const KeyContext context = test_context(test_name());
  const auto d2 = derive_server_share(test_master_key(), 1, context.name);
  auto agreement = DeviceKeyAgreement::begin(context, random);
  ASSERT_OK(agreement);
  auto agreed = agree_on_key(context, agreement->message(), *d2, server_random);
  ASSERT_OK(agreed);
  const auto foreign = crypto::PrivateKey::generate(random);
  ASSERT_OK(foreign);
  agreed->answer.p = foreign->public_key();
  EXPECT_ERROR(std::move(*agreement).finish(agreed->answer), Code::crypto_proof_invalid);
}

// shows-part: COS-pub-1 (an answer to another device)
TEST(KeyAgreement, AnAnswerToAnotherDeviceIsRefused) {
  testing::SeededRandom random(13), server_random(14);
  const KeyContext context = test_context(test_name());
  const auto d2 = derive_server_share(test_master_key(), 1, context.name);
  auto mine = DeviceKeyAgreement::begin(context, random);
  const auto other = DeviceKeyAgreement::begin(context, random);
  ASSERT_OK(mine);
  ASSERT_OK(other);
  const auto agreed = agree_on_key(context, other->message(), *d2, server_random);
  ASSERT_OK(agreed);
  EXPECT_ERROR(std::move(*mine).finish(agreed->answer), Code::crypto_proof_invalid);
}

base::Bytes openssl_share_stream(base::Bytes input) {
  input.resize((input.size() + 15) / 16 * 16);
  const crypto::Sm4Key key = test_master_key();
  base::Bytes shared(input.size());
  int size = 0;
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(EVP_CIPHER_CTX_new(),
                                                                         &EVP_CIPHER_CTX_free);
  EXPECT_EQ(EVP_EncryptInit_ex(cipher.get(), EVP_sm4_ecb(), nullptr, key.expose().data(), nullptr),
            1);
  EVP_CIPHER_CTX_set_padding(cipher.get(), 0);
  EXPECT_EQ(EVP_EncryptUpdate(cipher.get(), shared.data(), &size, input.data(),
                              static_cast<int>(input.size())),
            1);
  base::Bytes stream;
  for (std::uint8_t counter = 1; counter <= 2; ++counter) {
    base::Bytes block = shared;
    for (const std::uint8_t octet : {std::uint8_t{0}, std::uint8_t{0}, std::uint8_t{0}, counter})
      block.push_back(octet);
    base::Bytes digest(32);
    EXPECT_EQ(EVP_Digest(block.data(), block.size(), digest.data(), nullptr, EVP_sm3(), nullptr),
              1);
    base::append(stream, digest);
  }
  stream.resize(48);
  return stream;
}

base::Bytes openssl_one_plus_v_mod_n_minus_one(const base::Bytes& stream) {
  BIGNUM *v = BN_bin2bn(stream.data(), static_cast<int>(stream.size()), nullptr), *n = nullptr;
  BN_hex2bn(&n, "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54122");
  BN_CTX* context = BN_CTX_new();
  BN_mod(v, v, n, context);
  BN_add_word(v, 1);
  base::Bytes out(32);
  BN_bn2binpad(v, out.data(), 32);
  BN_CTX_free(context);
  BN_free(v);
  BN_free(n);
  return out;
}

// shows: COS-d2-2
// shows: ECP-KEY-11
// shows-part: COS-d2-3 (the module that keeps X is in keys)
TEST(ServerShare, ItIsTheFormulaAsOpensslComputesIt) {
  const KeyName name = test_name();
  base::Bytes input;
  const auto add = [&](base::ByteView part) {
    for (int shift = 24; shift >= 0; shift -= 8)
      input.push_back(static_cast<std::uint8_t>(part.size() >> shift));
    base::append(input, part);
  };
  add(base::bytes_of("heqi d2 1"));
  add(base::bytes_of(name.app_id));
  add(base::bytes_of(name.platform_id));
  add(name.key_id);
  add(testing::hex("0000000000000001"));
  add(testing::hex("0000000000000003"));
  const auto d2 = derive_server_share(test_master_key(), 3, name);
  ASSERT_OK(d2);
  const base::Bytes expected = openssl_one_plus_v_mod_n_minus_one(openssl_share_stream(input));
  EXPECT_EQ(base::to_hex(d2->expose().encode()), base::to_hex(expected));
}

TEST(ServerShare, TheReductionIsThatOfALongDivision) {
  testing::SeededRandom random(20);
  std::vector<base::Bytes> streams = {base::Bytes(48, 0), base::Bytes(48, 0xFF)};
  // n − 2, n − 1, n, 2(n − 1) and their neighbours, as 48 octets.
  for (const char* value : {"FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54121",
                            "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54122",
                            "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123"}) {
    base::Bytes stream(16);
    base::append(stream, testing::hex(value));
    streams.push_back(stream);
  }
  for (int i = 0; i < 200; ++i) {
    streams.emplace_back(48);
    EXPECT_OK(random.fill(streams.back()));
  }
  for (const base::Bytes& stream : streams)
    EXPECT_EQ(base::to_hex(scalar_of_stream(stream).expose().encode()),
              base::to_hex(openssl_one_plus_v_mod_n_minus_one(stream)));
}

// shows: COS-d2-0
TEST(ServerShare, EveryPartOfTheNameGivesAnotherShare) {
  const KeyName name = test_name();
  std::vector<std::pair<KeyName, std::uint32_t>> all(7, {name, 1});
  all[1].first.app_id = "合契d";  // moves the border: "合契d" || "emo"
  all[1].first.platform_id = "emo";
  all[2].first.key_id[31] ^= 1;
  all[3].first.epoch = 2;
  all[4].second = 2;
  all[5].first.app_id = "other";
  all[6].first.platform_id = "other";
  std::vector<std::string> shares;
  for (const auto& [key, version] : all) {
    const auto d2 = derive_server_share(test_master_key(), version, key);
    ASSERT_OK(d2);
    shares.push_back(base::to_hex(d2->expose().encode()));
  }
  std::sort(shares.begin(), shares.end());
  EXPECT_EQ(std::unique(shares.begin(), shares.end()), shares.end());
}

TEST(ServerShare, AnotherMasterKeyGivesAnotherShare) {
  crypto::Sm4Key other = test_master_key();
  other.expose_mutable()[15] ^= 1;
  const auto a = derive_server_share(test_master_key(), 1, test_name());
  const auto b = derive_server_share(other, 1, test_name());
  ASSERT_OK(a);
  ASSERT_OK(b);
  EXPECT_FALSE(equal_vartime(a->expose(), b->expose()));
}

TEST(ServerShare, ANameThatIsNoNameIsRefused) {
  for (const std::string& id : {std::string(), std::string(65, 'a'), std::string("\xFF")}) {
    KeyName name = test_name();
    name.app_id = id;
    EXPECT_ERROR(derive_server_share(test_master_key(), 1, name), Code::malformed);
    name = test_name();
    name.platform_id = id;
    EXPECT_ERROR(derive_server_share(test_master_key(), 1, name), Code::malformed);
  }
}

}  // namespace
}  // namespace heqi::cosign
