// TK, the key that d1 stands under, computed a second time by openssl.
#include <cstdlib>

#include <heqi/base/text.h>

#include "administered.h"

namespace heqi::joined {
namespace {

// shows: KEP-15.2-b, COS-d1-1
// shows: COS-d1-4
TEST(Derivation, TkIsPbkdf2OfPinDeviceSecretAndSaltAsOpensslComputesIt) {
  House house;
  ASSERT_OK(house.enrol());
  const auto keys = must(device::WrapKeys::load(*house.world.key_store));
  const auto state = must(device::load_state(*house.world.store, keys));
  const device::KeySlot& slot = *state.key;
  // The seed's own profile has 32 bits of salt and up to 8,192 rounds.
  EXPECT_GE(8 * slot.salt.size(), 128u);
  EXPECT_GE(device::MsdOptions().pin_rounds, 600'000u);

  base::Bytes password = {static_cast<std::uint8_t>(kRightPin.size())};
  base::append(password, base::bytes_of(kRightPin));
  const auto secret = keys.pin_secret();
  base::append(password, secret.expose());
  const testing::TemporaryFolder folder;
  const std::string tk = folder.path() + "/tk";
  ASSERT_EQ(std::system(
                ("openssl kdf -keylen 16 -kdfopt digest:SM3 -kdfopt pkcs5:1 -kdfopt hexpass:" +
                 base::to_hex(password) + " -kdfopt hexsalt:" + base::to_hex(slot.salt) +
                 " -kdfopt iter:" + std::to_string(slot.rounds) + " -binary -out " + tk + " PBKDF2")
                    .c_str()),
            0);
  const base::Bytes key_octets = must(base::read_file(tk, 64));
  ASSERT_EQ(key_octets.size(), crypto::kSm4KeySize);
  const crypto::Sm4Key key{base::ByteView(key_octets).first<crypto::kSm4KeySize>()};
  std::array<std::uint8_t, device::kShareSize> d1{};
  crypto::Sm4(key).decrypt_blocks(slot.encrypted_d1, d1);
  const auto recovered = device::recover_share(slot, base::bytes_of(kRightPin), keys);
  EXPECT_EQ(base::to_hex(d1), base::to_hex(recovered.expose().encode()));
}

// The key centre's share is made of X and the key's name for each use, and belongs to P; neither of
// them is in what it keeps or in any answer that it gives.
// shows: ECP-KEY-11, COS-d2-1
TEST(Derivation, TheServersShareIsThatOfXAndIsNowhereElse) {
  House house;
  ASSERT_OK(house.enrol());
  ASSERT_EQ(house.sign()->outcome, "signed");
  const Secrets secrets = secrets_of(house);
  EXPECT_EQ(8 * secrets.x.size(), 128u);
  const auto certificate =
      must(x509::parse_certificate(house.world.msd->information().certificate));
  const auto p = must(certificate.public_key().sm2_key());
  // P = [d1·d2]G − G (COS-pub-1).
  EXPECT_TRUE(equal_vartime(crypto::mul_base(secrets.d1 * secrets.d2),
                            p.point() + crypto::Point::generator()));

  std::vector<base::Bytes> given;
  const auto ask = [&](keys::Operation operation, const base::Bytes& body) {
    if (auto answer = house.centre.ask(operation, body)) given.push_back(*std::move(answer));
  };
  for (int number = 0; number <= static_cast<int>(keys::kLastOperation); ++number) {
    const auto operation = static_cast<keys::Operation>(number);
    if (operation == keys::Operation::revoke_share) continue;  // the key is still wanted below
    for (const std::string& name : {std::string("device-1"), house.key_id(),
                                    std::string(keys::kChannelKey), std::string("1")}) {
      ask(operation, keys::encode_name(name));
      ask(operation, keys::encode_named_octets(name, base::bytes_of("octets")));
      ask(operation, keys::encode_names({name}));
    }
  }
  Desk desk(house.centre);
  for (int number = 3; number <= static_cast<int>(keys::kLastAct); ++number)
    for (const std::string& subject : {std::string(), house.key_id(), std::string("device-1")})
      static_cast<void>(
          desk.act({.act = static_cast<Act>(number), .subject = subject, .reason = "a proof"}));
  given.insert(given.end(), desk.seen.begin(), desk.seen.end());
  given.insert(given.end(), house.carried.begin(), house.carried.end());
  for (const char* file : {"/module.db", "/module.db-wal"})
    if (auto content = base::read_file(house.centre.folder.path() + file, 1 << 24))
      given.push_back(*std::move(content));
  EXPECT_GT(given.size(), 20u);
  for (const base::Bytes& one : given)
    for (const base::Bytes& secret : secrets.all()) EXPECT_FALSE(holds(one, secret));
}

// What the device has signed is SM3(Z_A ‖ M), with every octet of Z_A written out here.
// shows: COS-sig-1
TEST(Derivation, TheDigestIsMadeOfIdentityCurveKeyAndMessage) {
  House house;
  ASSERT_OK(house.enrol());
  ASSERT_EQ(house.sign()->outcome, "signed");
  const auto certificate =
      must(x509::parse_certificate(house.world.msd->information().certificate));
  const auto p = must(certificate.public_key().sm2_key()).encode();
  base::Bytes z = must(
      base::parse_hex("0080"                              // ENTL: 16 octets
                      "31323334353637383132333435363738"  // ID_A
                      "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc"     // a
                      "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93"     // b
                      "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"     // x_G
                      "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"));  // y_G
  base::append(z, base::ByteView(p).subspan(1));
  base::Bytes message;
  base::append(message, crypto::sm3(z));
  base::append(message, house.world.service.answers.back().signed_attributes);
  const crypto::Digest e = crypto::sm3(message);
  auto database =
      must(sql::Database::open({.url = "sqlite:" + house.centre.folder.path() + "/module.db"}));
  const sql::Row row = must(database->with_snapshot([](sql::Transaction& tx) {
    return tx.get_row("SELECT digest FROM module_signatures ORDER BY counter DESC LIMIT 1");
  }));
  EXPECT_EQ(base::to_hex(row.bytes(0)), base::to_hex(e));
}

}  // namespace
}  // namespace heqi::joined
