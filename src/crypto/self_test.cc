// self_test.cc: the answers are those of the standards' annexes (GB/T 32905, 32907, 32918.5, RFC
// 8998 A.1) and of vectors/; those of the other modes were computed with OpenSSL 3.
#include <heqi/crypto/self_test.h>

#include <algorithm>
#include <array>

#include <heqi/base/text.h>
#include <heqi/crypto/drbg.h>
#include <heqi/crypto/hmac.h>
#include <heqi/crypto/kdf.h>
#include <heqi/crypto/proofs.h>
#include <heqi/crypto/sm2.h>
#include <heqi/crypto/sm2_exchange.h>
#include <heqi/crypto/sm4.h>
#include <heqi/crypto/sm9.h>

namespace heqi::crypto {
namespace {

using base::ByteView;
using base::Code;

// FixedRandom gives out the nonce of a standard's example, again and again.
class FixedRandom final : public base::Random {
 public:
  explicit FixedRandom(base::Bytes bytes) : bytes_(std::move(bytes)) {}
  base::Status fill(base::MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = bytes_[i % bytes_.size()];
    return {};
  }

 private:
  base::Bytes bytes_;
};

// Answers compares computed answers with the known ones; the one that is named corrupted counts as
// changed.
struct Answers {
  std::string_view corrupted;

  base::Status expect(bool holds, std::string_view primitive) const {
    if (holds && primitive != corrupted) return {};
    return base::fail(Code::device_self_test,
                      "self-test: " + std::string(primitive) + " gave a wrong answer");
  }
  base::Status expect(ByteView computed, std::string_view expected,
                      std::string_view primitive) const {
    return expect(base::to_hex(computed) == expected, primitive);
  }
};

constexpr std::string_view kKey = "0123456789abcdeffedcba9876543210";
constexpr std::string_view kNonce =
    "59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21";

base::Status test_hash(const Answers& answers) {
  HEQI_TRY(answers.expect(sm3(base::bytes_of("abc")),
                          "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
                          "SM3"));
  HEQI_TRY(answers.expect(hmac_sm3(base::bytes_of("key"), base::bytes_of("message")),
                          "34c90b291a80b7fd7f2be43d683935bab9d149164666c4ef8857c815cf2ef832",
                          "HMAC-SM3"));
  const auto stretched = stretch(base::bytes_of("password"), base::bytes_of("salt"), 32,
                                 {.rounds = 2, .progress = {}});
  HEQI_TRY(answers.expect(stretched.expose(),
                          "fee723a2bc966e11dffb66133f4e8df577383c78ade30e3298edbd3e54ed85b7",
                          "PBKDF2"));
  return answers.expect(
      sm2_kdf(base::bytes_of("shared"), 40).expose(),
      "c40097bb66df2f728a3d6a3646f0a7e8d18873c084827e7fb7c8dc0601e49109e3824c4bc6480545",
      "the KDF of SM2");
}

base::Status test_block_cipher(const Answers& answers) {
  HEQI_TRY(const base::Bytes key_bytes, base::parse_hex(kKey));
  const Sm4Key key{std::span<const std::uint8_t, kSm4KeySize>(key_bytes.data(), kSm4KeySize)};
  Sm4Block block;
  std::copy(key_bytes.begin(), key_bytes.end(), block.begin());
  const Sm4Block iv = block;
  const Sm4 cipher(key);
  cipher.encrypt_blocks(block, block);
  HEQI_TRY(answers.expect(block, "681edf34d206965e86b3e94f536e4246", "SM4"));
  cipher.decrypt_blocks(block, block);
  HEQI_TRY(answers.expect(block, kKey, "SM4 decryption"));
  const base::Bytes plain(32, 0xA5);
  HEQI_TRY(const auto cbc, sm4_cbc_encrypt(key, iv, plain));
  HEQI_TRY(answers.expect(
      cbc.expose(), "dabc35ad4a58fab59f2656701a5fbc27356008d3cc00f8d595facb4cb1a8c361", "SM4-CBC"));
  HEQI_TRY(const auto cbc_back, sm4_cbc_decrypt(key, iv, cbc.expose()));
  HEQI_TRY(answers.expect(base::same_bytes(cbc_back.expose(), plain), "SM4-CBC decryption"));
  HEQI_TRY(answers.expect(sm4_ctr(key, iv, ByteView(plain).first(20)).expose(),
                          "cdbb7a9177a333fb23164ceaf6cbe7e31b3f81cc", "SM4-CTR"));
  HEQI_TRY(const base::Bytes nonce, base::parse_hex("00001234567800000000abcd"));
  HEQI_TRY(const base::Bytes associated,
           base::parse_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"));
  base::Bytes message;  // as in RFC 8998 A.1: eight bytes of each
  for (const int value : {0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA})
    message.insert(message.end(), 8, static_cast<std::uint8_t>(value));
  HEQI_TRY(base::Bytes sealed, sm4_gcm_seal(key, nonce, associated, message));
  HEQI_TRY(answers.expect(sealed,
                          "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
                          "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
                          "83de3541e4c2b58177e065a9bf7b62ec",
                          "SM4-GCM"));
  HEQI_TRY(const auto opened, sm4_gcm_open(key, nonce, associated, sealed));
  HEQI_TRY(answers.expect(base::same_bytes(opened.expose(), message), "SM4-GCM opening"));
  sealed.back() ^= 1;
  return answers.expect(!sm4_gcm_open(key, nonce, associated, sealed), "SM4-GCM refusal");
}

base::Status test_curve(const Answers& answers) {
  HEQI_TRY(const base::Bytes d, base::parse_hex("3945208f7b2144b13f36e38ac6d39f9"
                                                "5889393692860b51a42fb81ef4df7c5b8"));
  HEQI_TRY(const base::Bytes nonce, base::parse_hex(kNonce));
  HEQI_TRY(const PrivateKey key, PrivateKey::decode(d));
  FixedRandom random(nonce);
  const ByteView message = base::bytes_of("message digest");
  HEQI_TRY(const Signature signature, sign(key, message, random));
  HEQI_TRY(answers.expect(signature.r.encode(),
                          "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3",
                          "SM2 signing"));
  HEQI_TRY(answers.expect(signature.s.encode(),
                          "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
                          "SM2 signing"));
  HEQI_TRY(
      answers.expect(verify(key.public_key(), message, signature).has_value(), "SM2 verification"));
  HEQI_TRY(answers.expect(!verify(key.public_key(), base::bytes_of("another message"), signature),
                          "SM2 refusal"));
  const ByteView plain = base::bytes_of("encryption standard");
  HEQI_TRY(const Ciphertext ciphertext, encrypt(key.public_key(), plain, random));
  HEQI_TRY(answers.expect(ciphertext.c3,
                          "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766",
                          "SM2 encryption"));
  HEQI_TRY(const auto decrypted, decrypt(key, ciphertext));
  HEQI_TRY(answers.expect(base::same_bytes(decrypted.expose(), plain), "SM2 decryption"));
  const Point& public_point = key.public_key().point();
  HEQI_TRY(const SchnorrProof proof, prove_schnorr(key.d().expose(), Point::generator(),
                                                   public_point, "self-test", {}, random));
  HEQI_TRY(answers.expect(
      verify_schnorr(proof, Point::generator(), public_point, "self-test", {}).has_value(),
      "the proof of knowledge"));
  return answers.expect(!verify_schnorr(proof, Point::generator(), public_point, "another", {}),
                        "the proof's refusal");
}

// test_exchange answers as user B of GB/T 32918.5 annex B.2.
base::Status test_exchange(const Answers& answers) {
  HEQI_TRY(const base::Bytes d, base::parse_hex("785129917d45a9ea5437a59356b82338"
                                                "eaadda6ceb199088f14ae10defa229b5"));
  HEQI_TRY(const base::Bytes r, base::parse_hex("7e07124814b309489125eaed10111316"
                                                "4ebf0f3458c5bd88335c1f9d596243d6"));
  HEQI_TRY(const base::Bytes public_a,
           base::parse_hex("03160e12897df4edb61dd812feb96748fbd3ccf4ffe26aa6f6db9540af49c94232"));
  HEQI_TRY(const base::Bytes share_a,
           base::parse_hex("0264ced1bdbc99d590049b434d0fd73428cf608a5db8fe5ce07f15026940bae40e"));
  HEQI_TRY(const PrivateKey key, PrivateKey::decode(d));
  HEQI_TRY(const PublicKey peer, PublicKey::decode(public_a));
  HEQI_TRY(const PublicKey share, PublicKey::decode(share_a));
  FixedRandom random(r);
  HEQI_TRY(ExchangeResponder responder,
           ExchangeResponder::answer(key, {{peer}, share}, {}, random));
  HEQI_TRY(answers.expect(responder.confirmation(),
                          "d3a0fe15dee185ceae907a6b595cc32a266ed7b3367e9983a896dc32fa20f8eb",
                          "SM2 key exchange"));
  return answers.expect(std::move(responder).accept().expose(), "6c89347354de2484c60b4ab1fde4c6e5",
                        "SM2 key exchange");
}

// test_pairing signs as in GM/T 0044.5 annex A, and decrypts what it encrypts for one user.
base::Status test_pairing(const Answers& answers) {
  HEQI_TRY(const base::Bytes ks, base::parse_hex("000130e78459d78545cb54c587e02cf4"
                                                 "80ce0b66340f319f348a1d5b1f2dc5f4"));
  HEQI_TRY(const base::Bytes r, base::parse_hex("00033c8616b06704813203dfd0096502"
                                                "2ed15975c662337aed648835dc4b1cbe"));
  HEQI_TRY(const sm9::SignMasterKey master, sm9::SignMasterKey::decode(ks));
  HEQI_TRY(const sm9::SignKey key, master.extract("Alice"));
  FixedRandom random(r);
  const ByteView message = base::bytes_of("Chinese IBS standard");
  HEQI_TRY(const sm9::Signature signature, sm9::sign(key, message, random));
  HEQI_TRY(answers.expect(signature.h.encode(),
                          "823c4b21e4bd2dfe1ed92c606653e996668563152fc33f55d7bfbb9bd9705adb",
                          "SM9 signing"));
  HEQI_TRY(answers.expect(signature.s.encode(),
                          "0473bf96923ce58b6ad0e13e9643a406d8eb98417c50ef1b29cef9adb48b6d598c"
                          "856712f1c2e0968ab7769f42a99586aed139d5b8b3e15891827cc2aced9baa05",
                          "SM9 signing"));
  HEQI_TRY(answers.expect(sm9::verify(master.public_key(), "Alice", message, signature).has_value(),
                          "SM9 verification"));
  HEQI_TRY(
      answers.expect(!sm9::verify(master.public_key(), "Bob", message, signature), "SM9 refusal"));

  HEQI_TRY(const sm9::EncryptMasterKey encryption, sm9::EncryptMasterKey::decode(ks));
  HEQI_TRY(const sm9::UserKey user, encryption.extract("Bob"));
  HEQI_TRY(sm9::Ciphertext ciphertext,
           sm9::encrypt(encryption.public_key(), "Bob", message, sm9::CipherMode::stream, random));
  HEQI_TRY(const auto plain, sm9::decrypt(user, ciphertext));
  HEQI_TRY(answers.expect(base::same_bytes(plain.expose(), message), "SM9 decryption"));
  ciphertext.c3[0] ^= 1;
  return answers.expect(!sm9::decrypt(user, ciphertext), "SM9 refusal of a ciphertext");
}

base::Status test_generator(const Answers& answers) {
  HEQI_TRY(const base::Bytes entropy,
           base::parse_hex("63363377e41e86468deb0ab4a8ed683f6a134e47e014c700454e81e95358a569"));
  HEQI_TRY(const base::Bytes nonce, base::parse_hex("808aa38f2a72a62359915a9f8a04ca68"));
  HEQI_TRY(const base::Bytes fresh,
           base::parse_hex("e62b8a8ee8f141b6980566e3bfe3c04903dad4ac2cdf9f2280010a6739bc83d3"));
  HashDrbgState state(DrbgOrder::gm_t_0105);
  state.instantiate(entropy, nonce, {});
  state.reseed(fresh, {});
  std::array<std::uint8_t, 32> out;
  state.generate(out, {});
  state.generate(out, {});
  HEQI_TRY(answers.expect(out, "00d98d35a2fab8df23e9e1fb9aad143d62c0759eb79e15c37e8f2bc5064e68da",
                          "the random generator"));
  EntropyHealth health;
  return answers.expect(!health.check(base::Bytes(64, 0)), "the health test of the entropy source");
}

}  // namespace

base::Status run_device_self_tests(std::string_view corrupted) {
  const Answers answers{corrupted};
  HEQI_TRY(test_hash(answers));
  HEQI_TRY(test_block_cipher(answers));
  HEQI_TRY(test_curve(answers));
  return test_generator(answers);
}

base::Status run_self_tests(std::string_view corrupted) {
  HEQI_TRY(run_device_self_tests(corrupted));
  HEQI_TRY(test_exchange({corrupted}));
  return test_pairing({corrupted});
}

}  // namespace heqi::crypto
