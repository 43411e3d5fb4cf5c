// Keys that want more than a PIN, and keys that are bound to their machine.
#include <heqi/crypto/kdf.h>

#include "administered.h"

namespace heqi::joined {
namespace {

using base::Code;
using device::Factor;

constexpr std::string_view kPassphrase = "correct horse 合契", kOther = "correct horse 合同";

base::SecretBytes both(std::string_view pin, std::string_view passphrase) {
  const device::GivenFactor given[] = {{Factor::pin, base::bytes_of(pin)},
                                       {Factor::passphrase, base::bytes_of(passphrase)}};
  return device::join_factors(given);
}

// Setting is a House whose device has other options.
struct Setting {
  explicit Setting(device::Factors factors) { options.factors = factors; }
  void reopen() {
    house.world.msd.reset();
    house.world.msd = must(Msd::open(
        {*house.world.store, *house.world.key_store, house.world.random, house.world.clock},
        options));
  }
  base::Result<Step> enrol(base::SecretBytes pin) {
    reopen();
    HEQI_TRY(house.world.msd->initialise());
    HEQI_TRY(house.follow(house.world.msd->enrol(house.world.code)));
    HEQI_TRY(const Step asked, house.follow(house.world.msd->choose_pin(pin.clone())));
    return confirm(asked, std::move(pin));
  }
  base::Result<Step> confirm(const Step& asked, base::SecretBytes pin) {
    return house.follow(house.world.msd->confirm(asked.display->transaction_id,
                                                 asked.display->digest, std::move(pin)));
  }
  base::Result<Step> sign(base::SecretBytes pin) {
    const std::string id = "tx-" + std::to_string(++house.documents);
    house.world.service.requests.clear();
    house.world.service.requests.push_back(house.world.request("contract " + id, id));
    HEQI_TRY(const Step asked, house.follow(house.world.msd->poll()));
    return confirm(asked, std::move(pin));
  }
  int tries_left() { return house.centre.key_status(house.key_id()).tries_left; }

  House house;
  device::MsdOptions options{.pin_rounds = 3, .device_name = "测试设备"};
};

// shows: KEP-15.5-a
TEST(ManyFactors, AllAreNeededAndAWrongOneIsAWrongPin) {
  Setting setting(1 | 4);
  ASSERT_EQ(must(setting.enrol(both(kRightPin, kPassphrase))).outcome, "certificate_installed");
  EXPECT_EQ(must(setting.sign(both(kRightPin, kPassphrase))).outcome, "signed");
  EXPECT_EQ(setting.tries_left(), 3);
  const Step wrong = must(setting.sign(both(kRightPin, kOther)));
  EXPECT_EQ(wrong.kind, Step::Kind::confirm);
  EXPECT_EQ(setting.tries_left(), 2);
  EXPECT_ERROR(setting.confirm(wrong, pin_of(kRightPin)), Code::malformed);
  EXPECT_EQ(setting.tries_left(), 2) << "what cannot be right costs no try";
  const Step again = must(setting.confirm(wrong, both(kWrongPin, kPassphrase)));
  EXPECT_EQ(again.kind, Step::Kind::confirm);
  EXPECT_EQ(setting.tries_left(), 1);
  EXPECT_EQ(must(setting.confirm(again, both(kWrongPin, kOther))).refusal,
            Code::cosign_pin_delayed);
}

// The present key keeps its factors until its PIN is changed, also over a restart.
TEST(ManyFactors, AChangeOfThemIsAChangeOfThePin) {
  Setting setting(device::kPinAlone);
  ASSERT_OK(setting.enrol(pin_of(kRightPin)));
  setting.options.factors = 1 | 4;
  setting.reopen();
  EXPECT_EQ(must(setting.sign(pin_of(kRightPin))).outcome, "signed");
  const Step asked = must(setting.house.world.msd->change_pin());
  const Step choice = must(setting.confirm(asked, pin_of(kRightPin)));
  ASSERT_EQ(choice.kind, Step::Kind::choose_pin);
  EXPECT_ERROR(setting.house.world.msd->choose_pin(pin_of(kRightPin)), Code::malformed);
  ASSERT_EQ(
      must(setting.house.follow(setting.house.world.msd->choose_pin(both(kRightPin, kPassphrase))))
          .outcome,
      "pin_changed");
  setting.options.factors = device::kPinAlone;
  setting.reopen();
  EXPECT_EQ(must(setting.sign(both(kRightPin, kPassphrase))).outcome, "signed");
}

// shows: COS-d1-2, COS-d1-4, COS-d1-6
TEST(MachineBound, TheKeyIsRestoredOnItsMachineAndOnNoOther) {
  Setting setting(device::kPinAlone);
  device::Machine machine{"Test CPU\n8", "Linux\nx86_64\n4f1c"};
  int asked = 0;
  setting.options.machine = [&] {
    ++asked;
    return machine;
  };
  ASSERT_OK(setting.enrol(pin_of(kRightPin)));
  const int before = asked;
  EXPECT_EQ(must(setting.sign(pin_of(kRightPin))).outcome, "signed");
  EXPECT_GT(asked, before) << "computed at each use";

  // TK and d1 computed a second time, from what is stored, the PIN and the machine.
  const auto keys = must(device::WrapKeys::load(*setting.house.world.key_store));
  const auto state = must(device::load_state(*setting.house.world.store, keys));
  ASSERT_TRUE(state.key->uuid.has_value());
  base::Bytes parts = {0, 0, 0, 10};
  base::append(parts, base::bytes_of(machine.hardware));
  base::append(parts, base::Bytes{0, 0, 0, 17});
  base::append(parts, base::bytes_of(machine.system));
  base::append(parts, *state.key->uuid);
  const crypto::Digest mobile_id = crypto::sm3(parts);
  base::Bytes password = {0, 0x81, 6};
  base::append(password, base::bytes_of(kRightPin));
  base::append(password, mobile_id);
  base::append(password, keys.pin_secret().expose());
  const auto tk = crypto::stretch(password, state.key->salt, crypto::kSm4KeySize,
                                  {.rounds = state.key->rounds, .progress = {}});
  std::array<std::uint8_t, device::kShareSize> d1{};
  crypto::Sm4(crypto::Sm4Key(tk.expose().first<crypto::kSm4KeySize>()))
      .decrypt_blocks(state.key->encrypted_d1, d1);
  const auto share = must(crypto::Scalar::decode(d1));
  const Secrets secrets = [&] {
    Secrets out = secrets_of(setting.house);  // without the machine: another d1
    EXPECT_FALSE(equal_vartime(out.d1, share));
    return out;
  }();
  const auto certificate =
      must(x509::parse_certificate(setting.house.world.msd->information().certificate));
  EXPECT_TRUE(
      equal_vartime(crypto::mul_base(share * secrets.d2),
                    must(certificate.public_key().sm2_key()).point() + crypto::Point::generator()));
  for (const auto* store : {&setting.house.world.own_store, &setting.house.world.own_key_store})
    for (const auto& [name, content] : store->files)
      EXPECT_FALSE(holds(content, mobile_id)) << name;

  const device::Machine home = machine;
  for (const device::Machine& other : {device::Machine{"Test CPU\n4", home.system},
                                       device::Machine{home.hardware, "Linux\nx86_64\n4f1d"}}) {
    machine = other;
    setting.reopen();
    EXPECT_EQ(must(setting.sign(pin_of(kRightPin))).kind, Step::Kind::confirm);
    machine = home;
    setting.reopen();
    EXPECT_EQ(must(setting.sign(pin_of(kRightPin))).outcome, "signed");
  }
  EXPECT_EQ(must(setting.sign(pin_of(kWrongPin))).kind, Step::Kind::confirm);
}

}  // namespace
}  // namespace heqi::joined
