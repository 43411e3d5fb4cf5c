// TK, the key that d1 stands under, computed a second time by openssl.
#include <cstdlib>

#include <heqi/base/text.h>

#include "joined.h"
#include "pin.h"

namespace heqi::joined {
namespace {

// shows: KEP-15.2-b, COS-d1-1
// shows-part: COS-d1-4 (a secret of the device stands in the place of MobileID)
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

}  // namespace
}  // namespace heqi::joined
