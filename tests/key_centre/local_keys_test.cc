// Keys with local protection: whole in the device, and opened only with the key centre's secret.
#include <heqi/base/text.h>
#include <heqi/x509/public_key_info.h>
#include <heqi/x509/sm2_encoding.h>

#include <cstdlib>

#include "joined.h"
#include "local_store.h"

namespace heqi::joined {
namespace {

using base::Code;
using device::LocalRequest;
using device::LocalService;

base::Result<Step> use(House& house, LocalRequest request, std::string_view pin = kRightPin) {
  return house.confirm(house.world.msd->use_local_key(std::move(request)), pin);
}

crypto::PublicKey generate(House& house, const std::string& name) {
  const auto done = use(house, {LocalService::generate, name, {}});
  EXPECT_OK(done);
  return must(crypto::PublicKey::decode(done->message));
}

// shows-part: MSSP-9.3-b3 (the keys of applications that are not local)
TEST(LocalKeys, AKeyIsMadeSignsAndDecryptsAndStrangersAgree) {
  House house;
  ASSERT_OK(house.enrol());
  const crypto::PublicKey key = generate(house, "mail");
  const base::Bytes text = base::to_bytes("the text itself, not its digest");
  const auto made = use(house, {LocalService::sign, "mail", text});
  ASSERT_OK(made);
  EXPECT_OK(crypto::verify(key, text, must(x509::parse_signature(made->message))));

  const auto secret =
      must(crypto::encrypt(key, base::bytes_of("for mail only"), house.world.random));
  const auto opened = use(house, {LocalService::decrypt, "mail", x509::encode_ciphertext(secret)});
  ASSERT_OK(opened);
  EXPECT_EQ(base::text_of(opened->message), "for mail only");
  base::Bytes changed = x509::encode_ciphertext(secret);
  changed.back() ^= 1;
  EXPECT_ERROR(use(house, {LocalService::decrypt, "mail", changed}), Code::invalid_signature);
  house.world.restart();
  house.centre.open();
  EXPECT_OK(use(house, {LocalService::sign, "mail", text}));
  EXPECT_EQ(must(house.world.msd->local_keys()).size(), 1u);
}

// shows: MSSP-7.2-c, MSSP-9.3-b1
TEST(LocalKeys, WithoutTheRightPinThereIsNoUseAndEachGuessCounts) {
  House house;
  ASSERT_OK(house.enrol());
  generate(house, "mail");
  const auto wrong = use(house, {LocalService::sign, "mail", {1}}, kWrongPin);
  ASSERT_OK(wrong);
  EXPECT_EQ(wrong->kind, Step::Kind::confirm);
  EXPECT_EQ(wrong->display->tries_left, 2u);
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 2);
  const auto right = house.confirm(wrong);
  ASSERT_OK(right);
  EXPECT_EQ(right->outcome, "local_key");
  // The PIN was for one use: the next one asks again.
  EXPECT_EQ(must(house.world.msd->use_local_key({LocalService::sign, "mail", {1}})).kind,
            Step::Kind::confirm);
  ASSERT_OK(house.world.msd->cancel("local-key"));
}

TEST(LocalKeys, NamesAreOneKeyEachAndWhatIsNotThereIsNotFound) {
  House house;
  ASSERT_OK(house.enrol());
  const crypto::PublicKey first = generate(house, "a"), second = generate(house, "b");
  EXPECT_FALSE(first == second);
  EXPECT_ERROR(use(house, {LocalService::generate, "a", {}}), Code::conflict);
  EXPECT_ERROR(use(house, {LocalService::sign, "c", {1}}), Code::not_found);
  ASSERT_OK(use(house, {LocalService::destroy, "a", {}}));
  EXPECT_ERROR(use(house, {LocalService::sign, "a", {1}}), Code::not_found);
  EXPECT_OK(use(house, {LocalService::sign, "b", {1}}));
}

base::Result<Step> verify(House& house, const crypto::PublicKey& key, const base::Bytes& message,
                          const base::Bytes& signature, std::string_view pin = kRightPin) {
  const auto& point = key.encode();
  return use(house,
             {LocalService::verify,
              {},
              device::encode_verification({{point.begin(), point.end()}, message, signature})},
             pin);
}

// shows: KEP-10.1-c, KEP-10.3-b
TEST(LocalKeys, OthersSignaturesAreVerifiedAndOthersAreEncryptedToForThePinOnly) {
  House house;
  ASSERT_OK(house.enrol());
  const auto other = must(crypto::PrivateKey::generate(house.world.random));
  const base::Bytes message = base::to_bytes("what the other one wrote");
  const base::Bytes signature =
      x509::encode_signature(must(crypto::sign(other, message, house.world.random)));
  const auto right = verify(house, other.public_key(), message, signature);
  ASSERT_OK(right);
  EXPECT_EQ(right->outcome, "local_key");
  EXPECT_TRUE(right->message.empty());
  EXPECT_ERROR(verify(house, other.public_key(), {1}, signature), Code::invalid_signature);
  EXPECT_ERROR(verify(house, generate(house, "mail"), message, signature), Code::invalid_signature);
  EXPECT_FALSE(verify(house, other.public_key(), message, {1, 2, 3}));

  const auto wrong = verify(house, other.public_key(), message, signature, kWrongPin);
  ASSERT_OK(wrong);
  EXPECT_EQ(wrong->kind, Step::Kind::confirm);
  EXPECT_EQ(house.centre.key_status(house.key_id()).tries_left, 2);
  ASSERT_OK(house.confirm(wrong));

  const auto& point = other.public_key().encode();
  const auto sealed =
      use(house, {LocalService::encrypt,
                  {},
                  device::encode_encryption({{point.begin(), point.end()}, message})});
  ASSERT_OK(sealed);
  const auto opened = crypto::decrypt(other, must(x509::parse_ciphertext(sealed->message)));
  ASSERT_OK(opened);
  EXPECT_EQ(base::text_of(opened->expose()), "what the other one wrote");
  EXPECT_FALSE(use(house, {LocalService::encrypt, {}, device::encode_encryption({{4}, message})}));
}

// A key comes into being in the device only: none is taken from outside, and none is given out.
// shows: KEP-15.4-a
TEST(LocalKeys, NoServiceTakesAPrivateKeyAndNoneGivesOneOut) {
  House house;
  ASSERT_OK(house.enrol());
  const auto foreign = must(crypto::PrivateKey::generate(house.world.random));
  const auto encoded = foreign.encode();
  const base::Bytes d = base::to_bytes(encoded.expose());
  for (const LocalService service :
       {LocalService::generate, LocalService::destroy, LocalService::begin_agreement})
    EXPECT_ERROR(house.world.msd->use_local_key({service, "mail", d}), Code::malformed);
  EXPECT_TRUE(must(house.world.msd->local_keys()).empty());
  const crypto::PublicKey made = generate(house, "mail");
  for (int service = 1; service <= static_cast<int>(device::kLastLocalService); ++service) {
    if (service == static_cast<int>(LocalService::destroy)) continue;
    const auto which = static_cast<LocalService>(service);
    const auto answer = use(house, {which, device::needs_key(which) ? "mail" : "",
                                    device::takes_data(which) ? base::Bytes{1} : base::Bytes()});
    if (!answer || answer->message.size() < crypto::kScalarSize) continue;
    for (std::size_t at = 0; at + crypto::kScalarSize <= answer->message.size(); ++at) {
      const auto guess = crypto::PrivateKey::decode(
          base::ByteView(answer->message).subspan(at, crypto::kScalarSize));
      EXPECT_FALSE(guess && guess->public_key() == made) << service;
    }
  }
}

// What openssl signed is verified in the device, and what the device signed by openssl.
// shows: MSSP-7.2-a
TEST(LocalKeys, SignatureAndVerificationAgreeWithOpenssl) {
  House house;
  ASSERT_OK(house.enrol());
  const testing::TemporaryFolder folder;
  const auto at = [&](const std::string& name) { return folder.path() + "/" + name; };
  const auto openssl = [](const std::string& line) {
    return std::system(("openssl " + line + " >/dev/null 2>&1").c_str()) == 0;
  };
  const std::string id = " -sigopt distid:1234567812345678 ";
  const base::Bytes text = base::to_bytes("both must agree");
  ASSERT_OK(base::write_file(at("text"), text));

  const crypto::PublicKey mine = generate(house, "mail");
  ASSERT_OK(base::write_file(
      at("mine.pem"),
      base::bytes_of(base::to_pem("PUBLIC KEY", x509::make_public_key_info(mine).der))));
  const auto made = use(house, {LocalService::sign, "mail", text});
  ASSERT_OK(made);
  ASSERT_OK(base::write_file(at("mine.sig"), made->message));
  EXPECT_TRUE(openssl("dgst -sm3 -verify " + at("mine.pem") + id + "-signature " + at("mine.sig") +
                      " " + at("text")));

  ASSERT_TRUE(openssl("genpkey -algorithm SM2 -out " + at("other.key")));
  ASSERT_TRUE(
      openssl("pkey -in " + at("other.key") + " -pubout -outform DER -out " + at("other.der")));
  ASSERT_TRUE(openssl("dgst -sm3 -sign " + at("other.key") + id + "-out " + at("other.sig") + " " +
                      at("text")));
  const base::Bytes info = must(base::read_file(at("other.der"), 4096));
  const auto other = must(crypto::PublicKey::decode(base::ByteView(info).last(65)));
  const base::Bytes signature = must(base::read_file(at("other.sig"), 4096));
  EXPECT_OK(verify(house, other, text, signature));
  EXPECT_ERROR(verify(house, mine, text, signature), Code::invalid_signature);
  EXPECT_ERROR(verify(house, other, {1}, signature), Code::invalid_signature);
}

device::AgreementOffer offer_of(const crypto::PublicKey& key, base::ByteView share) {
  const auto& point = key.encode();
  return {{point.begin(), point.end()}, base::to_bytes(share), "Alice", "Bob", 32};
}

// The device as user A and as user B, with a stranger on the other side.
// shows: ECP-KEY-1b
TEST(LocalKeys, AgreeOnASessionKeyWithAStranger) {
  House house;
  ASSERT_OK(house.enrol());
  const crypto::PublicKey mine = generate(house, "mail");
  auto& random = house.world.random;
  const auto other = must(crypto::PrivateKey::generate(random));
  const crypto::ExchangePeer me{mine, "Alice"};
  const crypto::ExchangeOptions of_other{"Bob", 32};
  const auto encoded = [](const device::AgreementOffer& offer) {
    return device::encode_agreement_offer(offer);
  };
  {  // as user B
    auto initiator = must(crypto::ExchangeInitiator::begin(random));
    const auto answer =
        use(house, {LocalService::agree, "mail",
                    encoded(offer_of(other.public_key(), initiator.share().encode()))});
    ASSERT_OK(answer);
    const base::ByteView got(answer->message);
    ASSERT_EQ(got.size(), 65u + 32 + 32 + 32);
    crypto::Digest confirmation{};
    std::copy_n(got.begin() + 65, 32, confirmation.begin());
    const auto agreed = std::move(initiator).finish_confirmed(
        other, me, of_other, must(crypto::PublicKey::decode(got.first(65))), confirmation);
    ASSERT_OK(agreed);
    EXPECT_EQ(base::to_hex(agreed->confirmation), base::to_hex(got.subspan(97, 32)));
    EXPECT_EQ(base::to_hex(agreed->key.expose()), base::to_hex(got.last(32)));
  }
  const auto begin = [&] {
    return must(use(house, {LocalService::begin_agreement, "mail", {}})).message;
  };
  const auto answered = [&](const base::Bytes& share) {
    return must(crypto::ExchangeResponder::answer(
        other, {me, must(crypto::PublicKey::decode(share))}, of_other, random));
  };
  {  // as user A, with the other's confirmation; the scalar serves one agreement
    auto responder = answered(begin());
    auto offer = offer_of(other.public_key(), responder.share().encode());
    offer.confirmation = base::to_bytes(responder.confirmation());
    const LocalRequest finish{LocalService::finish_agreement, "mail", encoded(offer)};
    const auto agreed = use(house, finish);
    ASSERT_OK(agreed);
    EXPECT_EQ(base::to_hex(base::ByteView(agreed->message).first(32)),
              base::to_hex(responder.expected()));
    EXPECT_EQ(base::to_hex(base::ByteView(agreed->message).last(32)),
              base::to_hex(std::move(responder).accept().expose()));
    EXPECT_ERROR(use(house, finish), Code::not_found);
  }
  {  // a confirmation that does not fit ends the agreement, and a restart forgets one
    auto responder = answered(begin());
    auto offer = offer_of(other.public_key(), responder.share().encode());
    offer.confirmation = base::Bytes(32, 7);
    EXPECT_ERROR(use(house, {LocalService::finish_agreement, "mail", encoded(offer)}),
                 Code::invalid_signature);
    offer.confirmation = base::to_bytes(responder.confirmation());
    EXPECT_ERROR(use(house, {LocalService::finish_agreement, "mail", encoded(offer)}),
                 Code::not_found);
    (void)begin();
    house.world.restart();
    house.centre.open();
    EXPECT_ERROR(use(house, {LocalService::finish_agreement, "mail", encoded(offer)}),
                 Code::not_found);
  }
  EXPECT_FALSE(use(house, {LocalService::agree, "mail", {1, 2}}));
  EXPECT_ERROR(use(house, {LocalService::agree, "none",
                           encoded(offer_of(other.public_key(), mine.encode()))}),
               Code::not_found);
}

// A thief of the files, the PIN and all, without the key centre; and the key centre without them.
// shows-part: MSSP-7.2-b (every sequence of commands)
TEST(LocalKeys, NeitherTheFilesNorTheKeyCentresSecretOpenAKeyAlone) {
  House house;
  ASSERT_OK(house.enrol());
  generate(house, "mail");
  const auto keys = must(device::WrapKeys::load(*house.world.key_store));
  const LocalRequest request{LocalService::sign, "mail", {1}};
  std::optional<device::BegunAgreement> begun;
  for (const base::Bytes& guess : {base::Bytes(32, 0), base::Bytes(32, 7), base::Bytes()})
    EXPECT_ERROR(
        device::serve_local(*house.world.store, keys, guess, request, begun, house.world.random),
        Code::invalid_signature);
  // What root on the key centre can read: its secret, and with it nothing but the device's own
  // files.
  const auto wrapping = must(keys::WrappingKey::open_or_make(
      house.centre.wrapping_files, "root-wrapping-key", house.world.random));
  auto database =
      must(sql::Database::open({.url = "sqlite:" + house.centre.folder.path() + "/module.db"}));
  const sql::Row row = must(database->with_snapshot([](sql::Transaction& tx) {
    return tx.get_row("SELECT key_id, released_sealed FROM module_joint_keys");
  }));
  const auto secret = must(wrapping.open({"released", row.text(0), 1}, row.bytes(1)));
  EXPECT_OK(device::serve_local(*house.world.store, keys, secret.expose(), request, begun,
                                house.world.random));
  testing::MemoryStore elsewhere;
  const auto other = must(device::WrapKeys::make(elsewhere, house.world.random));
  EXPECT_ERROR(device::serve_local(*house.world.store, other, secret.expose(), request, begun,
                                   house.world.random),
               Code::invalid_signature);
}

TEST(LocalKeys, AnEntryThatWasSwappedOrChangedDoesNotOpen) {
  House house;
  ASSERT_OK(house.enrol());
  generate(house, "mail");
  base::Bytes& file = house.world.own_store.files.at("local.keys");
  const base::Bytes whole = file;
  std::size_t opened = 0;
  for (std::size_t i = 0; i < whole.size(); i += 5) {
    file = whole;
    file[i] ^= 1;
    house.world.restart();
    if (use(house, {LocalService::sign, "mail", {1}})) ++opened;
  }
  EXPECT_EQ(opened, 0u);
}

// shows: KEP-17.1-h
TEST(LocalKeys, TheyEndWithTheShareOfTheKeyCentre) {
  House house;
  ASSERT_OK(house.enrol());
  generate(house, "mail");
  ASSERT_OK(house.centre.ask(keys::Operation::revoke_share, keys::encode_name(house.key_id())));
  const auto refused = use(house, {LocalService::sign, "mail", {1}});
  ASSERT_OK(refused);
  EXPECT_EQ(refused->refusal, Code::cosign_key_revoked);
  auto database =
      must(sql::Database::open({.url = "sqlite:" + house.centre.folder.path() + "/module.db"}));
  EXPECT_TRUE(must(database->with_snapshot([](sql::Transaction& tx) {
                return tx.get_row("SELECT released_sealed FROM module_joint_keys");
              })).is_null(0))
      << "the secret outlived the key";
}

TEST(LocalKeys, TheyOutliveARefreshAndAChangeOfThePin) {
  House house;
  ASSERT_OK(house.enrol());
  generate(house, "mail");
  ASSERT_OK(house.confirm(house.world.msd->refresh_shares()));
  EXPECT_EQ(use(house, {LocalService::sign, "mail", {1}})->outcome, "local_key");
  ASSERT_OK(house.confirm(house.world.msd->change_pin()));
  ASSERT_OK(house.follow(house.world.msd->choose_pin(pin_of("905172"))));
  EXPECT_EQ(use(house, {LocalService::sign, "mail", {1}}, "905172")->outcome, "local_key");
  ASSERT_OK(house.follow(house.world.msd->unbind()));
  EXPECT_FALSE(house.world.own_store.files.contains("local.keys"));
}

}  // namespace
}  // namespace heqi::joined
