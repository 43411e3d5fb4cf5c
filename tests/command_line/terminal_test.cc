#include <heqi/http/client.h>

#include "platform.h"

namespace heqi::program {
namespace {

using base::Code;
using device::must;
using device::pin_of;

constexpr std::string_view kOneTimeCode = "271828";
constexpr std::string_view kLink = "https://platform.test/s/s3cret";

struct TerminalTest : public ::testing::Test {
  Terminal terminal() {
    TerminalOptions options;
    options.server = "https://platform.test";
    options.patience = std::chrono::seconds(2);
    options.wait = [this](base::Duration) { world.clock.advance(std::chrono::milliseconds(500)); };
    options.on_display = [this](const device::Display& display) { displays.push_back(display); };
    return Terminal(client, platform, world.clock, std::move(options));
  }
  base::Result<Outcome> enrolled() {
    auto outcome = terminal().enrol(world.code, pin_of(device::kRightPin));
    displays.clear();
    return outcome;
  }

  device::World world;
  Platform platform{world};
  DeviceProcess process{world};
  terminal::TerminalClient client = must(terminal::TerminalClient::connect(process.socket()));
  std::vector<device::Display> displays;
};

TEST_F(TerminalTest, EnrolsADeviceWithACodeAndAPin) {
  const auto outcome = terminal().enrol(world.code, pin_of(device::kRightPin));
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->what, "certificate_installed");
  ASSERT_EQ(displays.size(), 1U);
  EXPECT_EQ(displays[0].kind, device::Display::Kind::certificate_request);
  EXPECT_EQ(must(client.information()).stage, device::Stage::enrolled);
  ASSERT_GE(platform.asked.size(), 2U);
  EXPECT_EQ(platform.asked[0], "POST https://platform.test/device/v1/register");
  EXPECT_EQ(platform.asked[1], "POST https://platform.test/device/v1/key-centre");
}

TEST_F(TerminalTest, SignsWhatALinkInvitesTo) {
  ASSERT_OK(enrolled());
  platform.requested = world.request("%PDF-1.7 lease");
  const auto outcome = terminal().sign(kLink, pin_of(device::kRightPin));
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->what, "signed");
  ASSERT_EQ(displays.size(), 1U);
  EXPECT_EQ(displays[0].title, "租赁合同");
  EXPECT_EQ(displays[0].code.size(), 4U);
  EXPECT_EQ(displays[0].content_type, "application/pdf");
  ASSERT_EQ(world.service.answers.size(), 1U);
  world.verify(world.service.answers[0], "%PDF-1.7 lease");
}

TEST_F(TerminalTest, WaitsForADocumentThatComesLaterAndGivesUpInTheEnd) {
  ASSERT_OK(enrolled());
  EXPECT_ERROR(terminal().sign(kLink, pin_of(device::kRightPin)), Code::timeout);
}

TEST_F(TerminalTest, AWrongPinIsSaidAndNothingIsSigned) {
  ASSERT_OK(enrolled());
  platform.requested = world.request("%PDF-1.7 lease");
  EXPECT_ERROR(terminal().sign(kLink, pin_of(device::kWrongPin)), Code::cosign_wrong_pin);
  EXPECT_TRUE(world.service.answers.empty());
}

TEST_F(TerminalTest, ADocumentOfAnotherTransactionIsNotSignedInItsPlace) {
  ASSERT_OK(enrolled());
  platform.requested = world.request("%PDF-1.7 other", "tx-2");
  EXPECT_ERROR(terminal().sign(kLink, pin_of(device::kRightPin)), Code::conflict);
  EXPECT_TRUE(world.service.answers.empty());
}

TEST_F(TerminalTest, APersonWhoGivesNoPinRefusesAndTheServiceIsTold) {
  struct Refusing final : Person {
    base::Result<base::SecretBytes> choose_pin() override { return base::fail(Code::cancelled); }
    base::Result<std::optional<base::SecretBytes>> confirm(const device::Display&) override {
      return std::optional<base::SecretBytes>();
    }
  } person;
  ASSERT_OK(enrolled());
  platform.requested = world.request("%PDF-1.7 lease");
  const auto outcome = terminal().sign(kLink, person);
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->what, "cancelled");
  ASSERT_EQ(world.service.answers.size(), 1U);
  EXPECT_EQ(world.service.answers[0].outcome, device::SignOutcome::cancelled);
}

TEST_F(TerminalTest, LooksWithoutDecidingAndFinishesLater) {
  ASSERT_OK(enrolled());
  EXPECT_EQ(must(terminal().look()), std::nullopt);
  world.service.requests.push_back(world.request("%PDF-1.7 lease"));
  const auto display = must(terminal().look());
  ASSERT_TRUE(display.has_value());
  EXPECT_EQ(display->transaction_id, "tx-1");
  EXPECT_TRUE(world.service.answers.empty());
  PersonWithPin person(pin_of(device::kRightPin));
  const auto outcome = terminal().finish(person);
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->what, "signed");
}

TEST_F(TerminalTest, CancelsWhatWaits) {
  ASSERT_OK(enrolled());
  world.service.requests.push_back(world.request("%PDF-1.7 lease"));
  ASSERT_TRUE(must(terminal().look()).has_value());
  const auto outcome = terminal().cancel("tx-1");
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->what, "cancelled");
  EXPECT_ERROR(terminal().cancel("tx-1"), Code::not_found);
}

TEST_F(TerminalTest, ALineThatIsCutForAMomentDoesNotEndTheSigning) {
  ASSERT_OK(enrolled());
  platform.requested = world.request("%PDF-1.7 lease");
  Terminal own = terminal();
  struct Cutting final : Person {
    explicit Cutting(Platform& given) : line(given) {}
    base::Result<base::SecretBytes> choose_pin() override { return base::fail(Code::cancelled); }
    base::Result<std::optional<base::SecretBytes>> confirm(const device::Display&) override {
      if (++times == 1) line.failures = 1;
      return std::optional<base::SecretBytes>(pin_of(device::kRightPin));
    }
    Platform& line;
    int times = 0;
  } person(platform);
  const auto outcome = own.sign(kLink, person);
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->what, "signed");
  EXPECT_EQ(person.times, 2);  // the PIN never waits in the device
  EXPECT_EQ(world.service.answers.size(), 1U);
}

TEST_F(TerminalTest, ALineThatStaysCutIsAnError) {
  ASSERT_OK(enrolled());
  platform.requested = world.request("%PDF-1.7 lease");
  platform.failures = 1;
  EXPECT_ERROR(terminal().sign(kLink, pin_of(device::kRightPin)), Code::unavailable);
  platform.failures = 1000;
  EXPECT_ERROR(terminal().look(), Code::unavailable);
}

TEST_F(TerminalTest, APlatformsRefusalKeepsItsName) {
  ASSERT_OK(enrolled());
  platform.refusal = Code::expired;
  const auto outcome = terminal().sign(kLink, pin_of(device::kRightPin));
  ASSERT_ERROR(outcome, Code::expired);
  EXPECT_EQ(outcome.error().detail, "as the platform says");
}

TEST_F(TerminalTest, ACodeThatIsNotOneIsRefusedBeforeAnythingIsSent) {
  EXPECT_ERROR(terminal().enrol("no code", pin_of(device::kRightPin)), Code::malformed);
  EXPECT_TRUE(platform.asked.empty());
}

TEST_F(TerminalTest, LinksOfAnotherShapeAreRefusedUnsent) {
  for (const std::string_view link :
       {"", "platform.test/s/s3cret", "https://platform.test", "https:///s/s3cret",
        "https://platform.test/s/", "https://platform.test/s/../device",
        "https://platform.test/t/s3cret", "https://platform.test/s/a?b", "https://p.test/s/a b"}) {
    EXPECT_ERROR(terminal().sign(link, pin_of(device::kRightPin)), Code::malformed) << link;
    EXPECT_ERROR(fetch_document(platform, link, kOneTimeCode), Code::malformed) << link;
    EXPECT_ERROR(decline_invitation(platform, link, kOneTimeCode, "no"), Code::malformed) << link;
  }
  EXPECT_TRUE(platform.asked.empty());
}

TEST_F(TerminalTest, FetchesTheDocumentAndDeclinesWithAReason) {
  EXPECT_EQ(base::text_of(must(fetch_document(platform, kLink, kOneTimeCode))), "%PDF-1.7 x");
  ASSERT_OK(decline_invitation(platform, kLink, kOneTimeCode, "错误的金额"));
  EXPECT_EQ(platform.declined, R"({"reason":"错误的金额"})");
}

TEST_F(TerminalTest, WithoutACodeItAsksForOneAndDoesNothingElse) {
  EXPECT_ERROR(fetch_document(platform, kLink, ""), Code::unauthenticated);
  EXPECT_ERROR(decline_invitation(platform, kLink, "", "no"), Code::unauthenticated);
  const std::string code = "POST " + std::string(kLink) + "/code";
  EXPECT_EQ(platform.asked, (std::vector<std::string>{code, code}));
}

TEST_F(TerminalTest, AWrongCodeOpensAndDeclinesNothing) {
  EXPECT_ERROR(fetch_document(platform, kLink, "314159"), Code::unauthenticated);
  EXPECT_ERROR(decline_invitation(platform, kLink, "314159", "no"), Code::unauthenticated);
  EXPECT_EQ(platform.declined, "");
}

}  // namespace
}  // namespace heqi::program
