// heqi sign with a key of heqi-device: the socket and the messages are real, the network is a
// function call.
#include <heqi/device/pin_input.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/signature_verifier.h>

#include "device_key.h"
#include "joined.h"
#include "platform.h"
#include "signing_key.h"

namespace heqi::program {
namespace {

using base::Code;
using device::LocalService;
using device::must;
using device::pin_of;

struct DeviceKeyTest : public ::testing::Test {
  void SetUp() override {
    TerminalOptions options;
    options.server = "https://platform.test";
    Terminal terminal(client, platform, world.clock, options);
    ASSERT_OK(terminal.enrol(world.code, pin_of(device::kRightPin)));
    ASSERT_OK(terminal.use_local_key({LocalService::generate, "files", {}}, person));
    key = must(find_local_key(client, "files"));
  }
  DeviceSigner signer(Person& with, const std::string& name = "files") {
    return DeviceSigner({client, platform, world.clock}, "https://platform.test", name, with);
  }
  bool holds(base::ByteView message, base::ByteView signature) const {
    return x509::Sm2SignatureVerifier()
        .verify(x509::sm2_with_sm3_algorithm(), key, message, signature)
        .has_value();
  }

  joined::House house;
  device::World& world = house.world;
  Platform platform{world, [this](const device::Step& step) { return house.carry(step); }};
  base::NullLog log;
  std::unique_ptr<device::Module> module =
      device::Module::open({{*world.store, *world.key_store, world.random, world.clock},
                            log,
                            {},
                            {std::string(device::kApplicationTakesPin)}},
                           {3, "测试设备", {}, {}});
  DeviceProcess process{[this](base::ByteView command) { return module->run(command); }};
  terminal::TerminalClient client = must(terminal::TerminalClient::connect(process.socket()));
  std::vector<device::Display> displays;
  PersonWithPin person{pin_of(device::kRightPin),
                       [this](const device::Display& one) { displays.push_back(one); }};
  x509::PublicKeyInfo key;
};

TEST_F(DeviceKeyTest, SignsWhatIsDisplayed) {
  displays.clear();
  const base::Bytes message = base::to_bytes("signed attributes of a lease");
  const auto value = signer(person).sign(message);
  ASSERT_OK(value);
  EXPECT_TRUE(holds(message, *value));
  EXPECT_FALSE(holds(base::to_bytes("of another lease"), *value));
  ASSERT_EQ(displays.size(), 1U);
  EXPECT_EQ(displays[0].title, "sign: files");
  EXPECT_EQ(displays[0].digest, crypto::sm3(message));
  EXPECT_EQ(displays[0].size, message.size());
}

TEST_F(DeviceKeyTest, SignsACertificateRequest) {
  x509::CsrBody body;
  body.subject = must(x509::Name::make({{x509::oids::common_name(), "张三"}}));
  body.public_key = key;
  DeviceSigner by = signer(person);
  const auto csr = x509::parse_csr(must(x509::make_csr(body, by)));
  ASSERT_OK(csr);
  EXPECT_OK(x509::verify_possession(*csr));
}

TEST_F(DeviceKeyTest, AWrongPinSignsNothing) {
  PersonWithPin wrong(pin_of(device::kWrongPin));
  EXPECT_ERROR(signer(wrong).sign(base::to_bytes("x")), Code::cosign_wrong_pin);
  EXPECT_OK(signer(person).sign(base::to_bytes("x")));  // the device does not wait for another PIN
}

TEST_F(DeviceKeyTest, APersonWhoRefusesSignsNothing) {
  struct Refusing final : Person {
    base::Result<base::SecretBytes> choose_pin() override { return base::fail(Code::cancelled); }
    base::Result<std::optional<base::SecretBytes>> confirm(const device::Display&) override {
      return std::optional<base::SecretBytes>();
    }
  } refusing;
  EXPECT_ERROR(signer(refusing).sign(base::to_bytes("x")), Code::cancelled);
}

TEST_F(DeviceKeyTest, AKeyThatIsNotThereIsNamed) {
  EXPECT_ERROR(signer(person, "mail").sign(base::to_bytes("x")), Code::not_found);
  const auto found = find_local_key(client, "mail");
  ASSERT_ERROR(found, Code::not_found);
  EXPECT_NE(found.error().detail.find("mail"), std::string::npos);
}

TEST_F(DeviceKeyTest, ADeviceThatWaitsForADecisionIsNotInterrupted) {
  world.service.requests.push_back(world.request("%PDF-1.7 lease"));
  TerminalOptions options;
  options.server = "https://platform.test";
  ASSERT_TRUE(must(Terminal(client, platform, world.clock, options).look()).has_value());
  EXPECT_ERROR(signer(person).sign(base::to_bytes("x")), Code::device_state);
}

TEST_F(DeviceKeyTest, AMessageOfMoreThanAMebibyteIsRefused) {
  EXPECT_FALSE(signer(person).sign(base::Bytes(device::kLocalDataSizeMax + 1)).has_value());
}

TEST_F(DeviceKeyTest, WithoutTheServerNoPinIsTried) {
  platform.failures = 1000;
  EXPECT_ERROR(signer(person).sign(base::to_bytes("x")), Code::unavailable);
  platform.failures = 0;
  EXPECT_OK(signer(person).sign(base::to_bytes("x")));  // and with it again, all is well
}

TEST_F(DeviceKeyTest, OpensByItsUriAndFindsTheCertificateOfTheKey) {
  const std::string uri =
      "heqi-device:key=files;socket=" + process.socket() + ";server=https://platform.test";
  EXPECT_TRUE(asks_for_password(uri));
  const auto opened = open_device_key(must(parse_device_uri(uri)), pin_of(device::kRightPin));
  ASSERT_OK(opened);
  EXPECT_EQ(opened->public_key, key);
  EXPECT_ERROR(open_device_key({"files", process.socket() + "x", "https://platform.test", ""},
                               pin_of(device::kRightPin)),
               Code::unavailable);
}

TEST(DeviceUri, ReadsItsAttributesAndRefusesOthers) {
  const auto uri = parse_device_uri(
      "heqi-device:key=my%20key;socket=/run/d?server=https://p.test:8443&trust=/etc/ca.pem");
  ASSERT_OK(uri);
  EXPECT_EQ(uri->key, "my key");
  EXPECT_EQ(uri->socket, "/run/d");
  EXPECT_EQ(uri->server, "https://p.test:8443");
  EXPECT_EQ(uri->trust, "/etc/ca.pem");
  const auto shared = parse_device_uri("heqi-device:socket=/run/d;server=https://p.test");
  ASSERT_OK(shared);
  EXPECT_TRUE(shared->key.empty());  // the key in two shares
  for (const char* text :
       {"", "heqi-device:", "pkcs11:key=a;socket=b;server=c", "heqi-device:key=a;socket=b",
        "heqi-device:key=a;server=b", "heqi-device:socket=a", "heqi-device:key=;socket=a;server=b",
        "heqi-device:key=a;key=b;socket=c;server=d", "heqi-device:key=a;socket=b;server=c;other=d",
        "heqi-device:key=%2;socket=b;server=c", "heqi-device:key;socket=b;server=c"})
    EXPECT_ERROR(parse_device_uri(text), Code::malformed) << text;
  EXPECT_ERROR(parse_device_uri("heqi-device:key=a;socket=b;server=c;pin=123456"), Code::denied);
}

}  // namespace
}  // namespace heqi::program
