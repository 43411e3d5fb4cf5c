// Seals and heqi-device: the unit's key is in its signer's device, and a device says of a sealed
// file whether it holds. The socket and the messages are real, the network is a function call.
#include <heqi/device/pin_input.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/sm2_encoding.h>

#include "../../src/documents/ofd/tests/ofd_world.h"
#include "device_key.h"
#include "device_verifier.h"
#include "device_verify_command.h"
#include "joined.h"
#include "platform.h"
#include "shell.h"
#include "verification.h"

namespace heqi::program {
namespace {

namespace ofd = documents::ofd;
using base::Bytes;
using base::ByteView;
using base::Code;
using device::LocalService;
using device::pin_of;
using documents::verify::Reason;
using documents::verify::Report;
using documents::verify::Verdict;

struct DeviceSealTest : public ::testing::Test {
  void SetUp() override {
    TerminalOptions options;
    options.server = kServerUrl;
    Terminal terminal(client, platform, world.clock, options);
    ASSERT_OK(terminal.enrol(world.code, pin_of(device::kRightPin)));
  }
  DeviceVerifier verifier(Person& with) {
    return DeviceVerifier({client, platform, world.clock}, kServerUrl, with);
  }
  // judge gives the report whose every SM2 value the device verified.
  base::Result<Report> judge(ByteView file, const DeviceVerifier& by,
                             std::optional<pki::TrustStore> trust = std::nullopt) {
    const pki::Sm3Digester digests;
    return verify_document(file, trust.value_or(desk.authority.trust()), {by, digests}, ofd::kNow);
  }
  SealAnswer answer(ByteView file, std::optional<pki::TrustStore> trust = std::nullopt) {
    const DeviceVerifier by = verifier(person);
    const std::vector<SealAnswer> answers =
        seal_answers(device::must(judge(file, by, std::move(trust))));
    EXPECT_FALSE(by.failure());
    EXPECT_EQ(answers.size(), 1U);
    return answers.at(0);
  }

  static constexpr std::string_view kPage = "Doc_0/Pages/Page_0/Content.xml";
  static constexpr const char* kServerUrl = "https://platform.test";
  ofd::SealingDesk desk;
  joined::House house;
  device::World& world = house.world;
  std::vector<Bytes> carried, replied;  // to and from the platform, and to the terminal
  Platform platform{world, [this](const device::Step& step) {
                      carried.push_back(step.message);
                      auto answer = house.carry(step);
                      if (answer) carried.push_back(*answer);
                      return answer;
                    }};
  base::NullLog log;
  std::unique_ptr<device::Module> module =
      device::Module::open({{*world.store, *world.key_store, world.random, world.clock},
                            log,
                            {},
                            {std::string(device::kApplicationTakesPin)}},
                           {3, "测试设备", {}, {}});
  DeviceProcess process{[this](ByteView command) {
    replied.push_back(module->run(command));
    return replied.back();
  }};
  terminal::TerminalClient client =
      device::must(terminal::TerminalClient::connect(process.socket()));
  PersonWithPin person{pin_of(device::kRightPin)};
};

bool failed_by(const SealAnswer& answer, Reason reason) {
  return std::any_of(answer.failed.begin(), answer.failed.end(),
                     [&](const auto& one) { return one.reason == reason; });
}

// shows: ZSA37-7.4-b2
TEST_F(DeviceSealTest, TheDeviceSaysThatTheSealIsLegalAndTheFileUnchanged) {
  const Bytes file = desk.sealed(ofd::contract());
  const DeviceVerifier by = verifier(person);
  const Report report = device::must(judge(file, by));
  EXPECT_EQ(report.verdict, Verdict::valid) << ofd::words(report);
  // The signer's value, the maker's, the time-stamp's, and those of the certificates.
  EXPECT_GE(by.asked(), 6U);
  const std::vector<SealAnswer> answers = seal_answers(report);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].name, "合契科技有限公司");
  EXPECT_TRUE(answers[0].legal);
  EXPECT_TRUE(answers[0].unchanged);
  EXPECT_TRUE(answers[0].failed.empty());
}

// shows: ZSA37-7.4-b2
TEST_F(DeviceSealTest, AChangedFileIsNamedAndTheSealIsStillTheUnits) {
  const SealAnswer changed =
      answer(ofd::edited(desk.sealed(ofd::contract()), kPage, "壹万元整", "贰万元整"));
  EXPECT_TRUE(changed.legal);
  EXPECT_FALSE(changed.unchanged);
  EXPECT_TRUE(failed_by(changed, Reason::digest_mismatch));
  const SealAnswer added =
      answer(ofd::with(desk.sealed(ofd::contract()), {{"Doc_0/Res/image_9.png", {1, 2, 3}}}));
  EXPECT_FALSE(added.unchanged);
  EXPECT_TRUE(failed_by(added, Reason::parts_open));
}

// shows: ZSA37-7.4-b2
TEST_F(DeviceSealTest, ASealThatIsNotTheUnitsIsNamed) {
  // Alice's key made the value where Mallory is named.
  const SealAnswer borrowed =
      answer(desk.perform(ofd::contract(), desk.sealing(desk.mallory), desk.alice));
  EXPECT_FALSE(borrowed.legal);
  EXPECT_TRUE(failed_by(borrowed, Reason::signature_bad));
  const SealAnswer untrusted = answer(desk.sealed(ofd::contract()), pki::TrustStore());
  EXPECT_FALSE(untrusted.legal);
  EXPECT_TRUE(untrusted.unchanged);
  EXPECT_TRUE(failed_by(untrusted, Reason::certificate_untrusted));
}

TEST_F(DeviceSealTest, AFileWithoutASealHasNoAnswer) {
  const DeviceVerifier by = verifier(person);
  EXPECT_TRUE(
      seal_answers(device::must(judge(desk.signed_by(ofd::contract(), desk.alice), by))).empty());
}

// shows: ZSA37-7.4-b2   mutant: tests/mutants/ZSA37-7.4-b2.one_try
TEST_F(DeviceSealTest, AWrongPinCostsOneTryHoweverManyValuesThereAre) {
  PersonWithPin wrong(pin_of(device::kWrongPin));
  const DeviceVerifier by = verifier(wrong);
  const auto report = judge(desk.sealed(ofd::contract()), by);
  EXPECT_NE(device::must(report).verdict, Verdict::valid);
  ASSERT_TRUE(by.failure());
  EXPECT_EQ(by.failure()->code, Code::cosign_wrong_pin);
  EXPECT_EQ(house.centre.key_status(device::must(client.information()).key_id).tries_left, 2);
  EXPECT_EQ(by.asked(), 0U);
}

TEST_F(DeviceSealTest, WithoutTheKeyCentreNothingIsJudged) {
  platform.failures = 1000;
  const DeviceVerifier by = verifier(person);
  EXPECT_NE(device::must(judge(desk.sealed(ofd::contract()), by)).verdict, Verdict::valid);
  ASSERT_TRUE(by.failure());
  EXPECT_EQ(by.failure()->code, Code::unavailable);
}

TEST_F(DeviceSealTest, AnAlgorithmThatTheModuleLacksIsNotVerifiedElsewhere) {
  const DeviceVerifier by = verifier(person);
  const x509::PublicKeyInfo key = desk.alice.certificate.public_key();
  EXPECT_ERROR(by.verify({x509::oids::rsa_with_sha256()}, key, {}, {}), Code::unsupported);
  EXPECT_ERROR(by.verify(x509::sm2_with_sm3_algorithm(), key, {}, Bytes{1}),
               Code::invalid_signature);
  EXPECT_FALSE(by.failure());
}

TEST_F(DeviceSealTest, OneValueIsAskedOnce) {
  const DeviceVerifier by = verifier(person);
  const Bytes message = base::to_bytes("TBS_Sign"),
              value = device::must(desk.alice.signer->sign(message));
  const x509::PublicKeyInfo key = desk.alice.certificate.public_key();
  for (int i = 0; i < 2; ++i) {
    EXPECT_OK(by.verify(x509::sm2_with_sm3_algorithm(), key, message, value));
    EXPECT_ERROR(by.verify(x509::sm2_with_sm3_algorithm(), key, Bytes{1}, value),
                 Code::invalid_signature);
  }
  EXPECT_EQ(by.asked(), 2U);
}

// shows: ZSA37-7.4-b2
TEST_F(DeviceSealTest, TheCommandSaysWhatItLacks) {
  EXPECT_EQ(run(run_device, {"verify", "--help"}).code, 0);
  EXPECT_EQ(run(run_device, {"verify", "x.ofd"}).code, 2);
  const testing::TemporaryFolder folder;
  const std::string file = folder.path() + "/x.ofd", roots = folder.path() + "/root.pem";
  write(file, base::text_of(desk.sealed(ofd::contract())));
  write(roots, x509::to_pem(desk.authority.root().certificate));
  const Ran nobody = run(run_device, {"verify", "--socket", folder.path() + "/none", "--server",
                                      kServerUrl, "--roots", roots, file});
  EXPECT_EQ(nobody.code, 1);
  EXPECT_FALSE(nobody.error.empty());
}

// holds_key_of tells whether some 32 octets in a row are the private key of a public one.
bool holds_key_of(ByteView octets, const x509::PublicKeyInfo& key) {
  const crypto::PublicKey wanted = device::must(key.sm2_key());
  for (std::size_t at = 0; at + 32 <= octets.size(); ++at) {
    const auto candidate = crypto::PrivateKey::decode(octets.subspan(at, 32));
    if (candidate && candidate->public_key() == wanted) return true;
  }
  return false;
}

// certify answers the device's request as a CA does that the unit went to.
x509::Certificate certify(testing::Authority& authority, const x509::Csr& request) {
  x509::CertificateBody body;
  body.serial = {0x78};
  body.issuer = authority.issuing().certificate.subject();
  body.subject = request.body.subject;
  body.not_before = authority.not_before(), body.not_after = authority.not_after();
  body.public_key = request.body.public_key;
  body.extensions = {x509::make_key_usage(
      {x509::KeyUsageBit::digital_signature, x509::KeyUsageBit::non_repudiation})};
  return device::must(x509::make_certificate(body, *authority.issuing().signer));
}

// shows: ZSA37-7.4-d
TEST_F(DeviceSealTest, TheUnitsKeyIsMadeInItsSignersDeviceAndNothingShowsIt) {
  const Bytes kept = base::to_bytes(x509::encode_private_key(desk.maker.sm2->key()).expose());
  ASSERT_TRUE(holds_key_of(kept, desk.maker.certificate.public_key()));  // it finds what is there

  TerminalOptions options;
  options.server = kServerUrl;
  Terminal terminal(client, platform, world.clock, options);
  ASSERT_OK(terminal.use_local_key({LocalService::generate, "seal", {}}, person));
  const x509::PublicKeyInfo key = device::must(find_local_key(client, "seal"));
  DeviceSigner signer({client, platform, world.clock}, kServerUrl, "seal", person);
  x509::CsrBody wish;
  wish.subject = device::must(x509::Name::make({{x509::oids::common_name(), "合契科技有限公司"}}));
  wish.public_key = key;
  const auto request = device::must(x509::parse_csr(device::must(x509::make_csr(wish, signer))));
  ASSERT_OK(x509::verify_possession(request));
  const x509::Certificate certificate = certify(desk.authority, request);

  ofd::SignatureRequest sealing = desk.sealing(desk.alice);
  documents::seal::SealRequest seal = desk.request();
  seal.signers = {certificate};
  sealing.seal = desk.make(seal), sealing.signer = certificate;
  const ofd::Prepared prepared = device::must(ofd::prepare_signature(ofd::contract(), sealing));
  const Bytes value = device::must(signer.sign(prepared.to_sign));
  const Bytes file = device::must(ofd::finish_signature(
      prepared, signer.algorithm(), value, desk.authority.make_time_stamp(value, ofd::kSealedAt)));
  const Report report = desk.verify(file);
  EXPECT_EQ(report.verdict, Verdict::valid) << ofd::words(report);
  EXPECT_EQ(report.signatures.at(0).signer->common_name, "合契科技有限公司");

  for (const auto* store : {&world.own_store, &world.own_key_store})
    for (const auto& [name, content] : store->files)
      EXPECT_FALSE(holds_key_of(content, key)) << name;
  for (const auto* all : {&carried, &replied})
    for (const Bytes& one : *all) EXPECT_FALSE(holds_key_of(one, key));
  EXPECT_FALSE(holds_key_of(file, key));
  // A copy of the device's files seals nothing without the PIN: the key centre refuses.
  PersonWithPin wrong(pin_of(device::kWrongPin));
  DeviceSigner thief({client, platform, world.clock}, kServerUrl, "seal", wrong);
  EXPECT_ERROR(thief.sign(prepared.to_sign), Code::cosign_wrong_pin);
}

// Service is one organisation's platform and key centre with a signer's device that was enrolled
// there; only requests to its own address reach it.
struct Service {
  explicit Service(std::string address, std::uint64_t seed) : url(std::move(address)), house(seed) {
    TerminalOptions options;
    options.server = url;
    Terminal terminal(client, platform, house.world.clock, options);
    EXPECT_OK(terminal.enrol(house.world.code, pin_of(device::kRightPin)));
    PersonWithPin person(pin_of(device::kRightPin));
    EXPECT_OK(terminal.use_local_key({LocalService::generate, "seal", {}}, person));
  }
  std::size_t asked() const { return platform.asked.size(); }

  std::string url;
  joined::House house;
  Platform platform{house.world, [this](const device::Step& step) { return house.carry(step); }};
  base::NullLog log;
  std::unique_ptr<device::Module> module = device::Module::open(
      {{*house.world.store, *house.world.key_store, house.world.random, house.world.clock},
       log,
       {},
       {std::string(device::kApplicationTakesPin)}},
      {3, "测试设备", {}, {}});
  DeviceProcess process{[this](ByteView command) { return module->run(command); }};
  terminal::TerminalClient client =
      device::must(terminal::TerminalClient::connect(process.socket()));
};

// Network brings a request to the service whose address it names.
struct Network final : base::Fetch {
  explicit Network(std::vector<Service*> all) : services(std::move(all)) {}
  base::Result<base::FetchAnswer> fetch(const base::FetchRequest& request) override {
    for (Service* one : services)
      if (request.url.starts_with(one->url + "/")) return one->platform.fetch(request);
    return base::fail(Code::unavailable, "nobody is there");
  }
  std::vector<Service*> services;
};

// The same between separate processes: tests/pki_clients/seal_service_test.cc.
TEST(SealService, IsTheOneWhoseAddressTheKeysUriNames) {
  Service inside("https://inside.test", 1), outside("https://third-party.test", 2);
  Network network({&inside, &outside});
  const Bytes message = base::to_bytes("TBS_Sign");
  PersonWithPin person(pin_of(device::kRightPin));
  for (Service* service : {&inside, &outside}) {
    Service& other = service == &inside ? outside : inside;
    const DeviceUri uri = device::must(parse_device_uri(
        "heqi-device:key=seal;socket=" + service->process.socket() + ";server=" + service->url));
    DeviceSigner signer({service->client, network, service->house.world.clock}, uri.server, uri.key,
                        person);
    const std::size_t before = service->asked(), elsewhere = other.asked();
    const auto value = signer.sign(message);
    ASSERT_OK(value);
    EXPECT_OK(x509::Sm2SignatureVerifier().verify(
        x509::sm2_with_sm3_algorithm(), device::must(find_local_key(service->client, uri.key)),
        message, *value));
    EXPECT_GT(service->asked(), before);
    EXPECT_EQ(other.asked(), elsewhere);
    // Another organisation's service opens no key of this device.
    DeviceSigner strayed({service->client, network, service->house.world.clock}, other.url, uri.key,
                         person);
    EXPECT_FALSE(strayed.sign(message).has_value());
    DeviceSigner nowhere({service->client, network, service->house.world.clock},
                         "https://nowhere.test", uri.key, person);
    EXPECT_ERROR(nowhere.sign(message), Code::unavailable);
  }
}

}  // namespace
}  // namespace heqi::program
