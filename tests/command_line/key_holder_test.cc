// The process of the keys, from inside: what it refuses to say and to sign.
#include "key_holder.h"

#include <filesystem>

#include <heqi/x509/signature_verifier.h>

#include "shell.h"

namespace heqi::program {
namespace {

using base::Bytes;
using base::Code;

base::SecretBytes secret(std::string_view text) {
  return base::SecretBytes::copy_of(base::bytes_of(text));
}

Bytes request(KeyAct act, std::uint8_t key, base::ByteView content) {
  Bytes out{static_cast<std::uint8_t>(act), key};
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

class HeldKeys : public ::testing::Test {
 protected:
  // One folder serves all tests: each opening stretches the passphrase for about a second.
  static void SetUpTestSuite() {
    folder = std::make_unique<testing::TemporaryFolder>();
    random = std::make_unique<testing::SeededRandom>(5);
    auto made = KeyHolder::open(wish(KeyWish::Source::new_folder), *random);
    ASSERT_OK(made);
    holder = *std::move(made);
  }
  static void TearDownTestSuite() {
    holder.reset();
    random.reset();
    folder.reset();
  }
  static KeyWish wish(KeyWish::Source source, std::string_view passphrase = "correct horse") {
    return {.source = source,
            .path = folder->path(),
            .secret = secret(passphrase),
            .names = {"issuing", "ocsp"}};
  }
  static base::Result<Bytes> ask(const Bytes& request) {
    return parse_key_answer(holder->answer(std::span(&request, 1)).at(0));
  }
  static inline std::unique_ptr<testing::TemporaryFolder> folder;
  static inline std::unique_ptr<testing::SeededRandom> random;
  static inline std::unique_ptr<KeyHolder> holder;
};

// A body of a CRL and one of ResponseData, as far as their kind shows.
const Bytes kListBody{0x30, 0x05, 0x02, 0x01, 0x01, 0x30, 0x00};
const Bytes kStatusBody{0x30, 0x15, 0xA1, 0x02, 0x30, 0x00, 0x18, 0x0F, '2', '0', '2', '6',
                        '1',  '1',  '2',  '2',  '0',  '8',  '0',  '0',  '0', '0', 'Z'};

TEST_F(HeldKeys, EachKeySignsWhatItIsThereForAndNothingElse) {
  const auto issuing = ask(request(KeyAct::sign, 0, kListBody));
  ASSERT_OK(issuing);
  EXPECT_OK(x509::Sm2SignatureVerifier().verify(
      x509::sm2_with_sm3_algorithm(), holder->seen().at(0).public_key, kListBody, *issuing));
  EXPECT_OK(ask(request(KeyAct::sign, 1, kStatusBody)));
  EXPECT_ERROR(ask(request(KeyAct::sign, 0, kStatusBody)), Code::denied);
  EXPECT_ERROR(ask(request(KeyAct::sign, 1, kListBody)), Code::denied);
  for (const std::uint8_t key : {std::uint8_t{0}, std::uint8_t{1}})
    EXPECT_ERROR(ask(request(KeyAct::sign, key, base::bytes_of("text"))), Code::denied);
}

TEST_F(HeldKeys, WhatIsNoRequestGetsAnErrorAndNothingElse) {
  EXPECT_ERROR(ask(request(KeyAct::sign, 2, kListBody)), Code::not_found);
  EXPECT_ERROR(ask(request(static_cast<KeyAct>(4), 0, kListBody)), Code::unsupported);
  EXPECT_ERROR(ask(request(static_cast<KeyAct>(0), 0, kListBody)), Code::unsupported);
  EXPECT_ERROR(ask({}), Code::malformed);
  EXPECT_ERROR(ask({1}), Code::malformed);
  EXPECT_FALSE(ask(request(KeyAct::envelop, 0, base::bytes_of("no DER"))));
}

TEST_F(HeldKeys, ABatchGivesEachItsOwnAnswer) {
  const std::vector<Bytes> together{request(KeyAct::sign, 0, kListBody),
                                    {1},
                                    request(KeyAct::sign, 1, kStatusBody),
                                    request(KeyAct::sign, 1, kListBody),
                                    request(KeyAct::make_sealed, 0, base::bytes_of("k")),
                                    request(KeyAct::sign, 0, kListBody)};
  const std::vector<Bytes> answers = holder->answer(together);
  ASSERT_EQ(answers.size(), together.size());
  const x509::Sm2SignatureVerifier verifier;
  for (const std::size_t i : {0u, 2u, 5u}) {
    const auto value = parse_key_answer(answers[i]);
    ASSERT_OK(value) << i;
    const std::size_t key = i == 2 ? 1 : 0;
    EXPECT_OK(verifier.verify(x509::sm2_with_sm3_algorithm(), holder->seen()[key].public_key,
                              i == 2 ? kStatusBody : kListBody, *value))
        << i;
  }
  EXPECT_ERROR(parse_key_answer(answers[1]), Code::malformed);
  EXPECT_ERROR(parse_key_answer(answers[3]), Code::denied);
  EXPECT_OK(parse_key_answer(answers[4]));
}

TEST_F(HeldKeys, AnEncryptionKeyIsGivenUnderItsNameAndToAReceiverOnly) {
  const auto made =
      keys::parse_encryption_key(*ask(request(KeyAct::make_sealed, 0, base::bytes_of("pair-1"))));
  ASSERT_OK(made);
  const auto receiver = *crypto::PrivateKey::generate(*random);
  const auto give = [&](const std::string& name, const Bytes& sealed, const Bytes& to) {
    return ask(request(KeyAct::envelop, 0, keys::encode_envelop({name, sealed, to})));
  };
  const Bytes to = base::to_bytes(receiver.public_key().encode());
  const auto given = give("pair-1", made->blob, to);
  ASSERT_OK(given);
  EXPECT_EQ(keys::parse_encryption_key(*given)->public_key, made->public_key);
  EXPECT_ERROR(give("pair-2", made->blob, to), Code::invalid_signature);
  Bytes changed = made->blob;
  changed.back() ^= 1;
  EXPECT_ERROR(give("pair-1", changed, to), Code::invalid_signature);
  EXPECT_FALSE(give("pair-1", made->blob, Bytes(65, 4)));
}

TEST_F(HeldKeys, AnotherPassphraseOrAMissingKeyOpensNothing) {
  EXPECT_ERROR(KeyHolder::open(wish(KeyWish::Source::folder, "wrong horse"), *random),
               Code::denied);
  KeyWish more = wish(KeyWish::Source::folder);
  more.names.emplace_back("tsa");
  EXPECT_ERROR(KeyHolder::open(more, *random), Code::not_found);
  more.source = KeyWish::Source::new_folder;  // goes on where a making was broken off
  const auto made = KeyHolder::open(more, *random);
  ASSERT_OK(made);
  EXPECT_TRUE((*made)->seen()[0].public_key == holder->seen()[0].public_key);
  std::filesystem::remove(folder->path() + "/keys/tsa.sealed");
}

TEST(KeyMessages, WishesAndAnswersAreReadStrictly) {
  KeyWish wish{.source = KeyWish::Source::new_folder,
               .path = "/a",
               .secret = secret("s"),
               .connections = 3,
               .names = {"x", "y"},
               .kind = ossl::KeyKind::p384};
  const auto read = parse_wish(encode_wish(wish).expose());
  ASSERT_OK(read);
  EXPECT_EQ(read->path, "/a");
  EXPECT_EQ(read->connections, 3);
  EXPECT_EQ(read->names, wish.names);
  EXPECT_EQ(read->kind, wish.kind);
  const base::SecretBytes der = encode_wish(wish);
  for (std::size_t size = 0; size < der.size(); ++size)
    EXPECT_FALSE(parse_wish(der.expose().first(size))) << size;
  wish.connections = 0;
  EXPECT_ERROR(parse_wish(encode_wish(wish).expose()), Code::malformed);
  wish.connections = kKeyConnectionsMax + 1;
  EXPECT_ERROR(parse_wish(encode_wish(wish).expose()), Code::malformed);
  wish.connections = 1;
  wish.names.resize(kKeysHeldMax + 1, "n");
  EXPECT_ERROR(parse_wish(encode_wish(wish).expose()), Code::limit_exceeded);
  EXPECT_ERROR(parse_key_answer({}), Code::malformed);
  EXPECT_ERROR(parse_key_answer(Bytes{2}), Code::malformed);
  EXPECT_FALSE(parse_key_answer(Bytes{1, 0x30}));
  EXPECT_ERROR(parse_key_answer(encode_key_answer(base::fail(Code::expired, "d"))), Code::expired);
}

}  // namespace
}  // namespace heqi::program
