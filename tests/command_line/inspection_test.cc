// What the terminal inspects before a person signs on a device of their own: the whole of what will
// be signed, at the device's own socket.
#include <heqi/base/file_store.h>
#include <heqi/base/text.h>
#include <heqi/documents/pdf/sign.h>
#include <heqi/documents/pdf/update.h>

#include "display_text.h"
#include "inspection.h"
#include "platform.h"

namespace heqi::program {
namespace {

namespace pdf = documents::pdf;
using base::Bytes;
using base::Code;
using device::must;
using device::pin_of;

Bytes lease() {
  return must(base::read_file(std::string(HEQI_EXAMPLES) + "/lease.pdf", std::size_t{1} << 24));
}
// with_script has a script that no page shows, put into the catalogue by a later save.
Bytes with_script() {
  const Bytes file = lease();
  const auto document = must(pdf::Document::parse(file));
  pdf::Update update(document);
  pdf::Dictionary catalog = *must(document.catalog()), action;
  action.set("S", pdf::Name{"JavaScript"});
  catalog.set("OpenAction", action);
  update.put(document.catalog_reference(), {std::move(catalog), {}});
  return base::concat({file, must(update.finish()).octets});
}
// prepared is what the platform makes of a file for one signature.
pdf::Prepared prepared(const Bytes& file) {
  const Bytes ready = must(pdf::prepare_fields(file, {{"lessor", "", {0, 20, 20, 60, 25}}}));
  pdf::SignatureRequest request;
  request.field = "lessor";
  return must(pdf::prepare_signature(ready, request));
}
std::string to_sign(const Bytes& file) {
  return std::string(base::text_of(prepared(file).content_to_sign()));
}

struct Inspected : public ::testing::Test {
  void SetUp() override { ASSERT_OK(terminal().enrol(world.code, pin_of(device::kRightPin))); }
  Terminal terminal() {
    TerminalOptions options;
    options.server = "https://platform.test";
    options.patience = std::chrono::seconds(2);
    options.wait = [this](base::Duration) { world.clock.advance(std::chrono::milliseconds(500)); };
    options.inspect = [this](const device::Display& display, base::ByteView data) {
      return check_displayed(display, data, despite);
    };
    return Terminal(client, platform, world.clock, std::move(options));
  }
  // sign is what a person does with data that comes to the device.
  base::Result<Outcome> sign(const std::string& data) {
    world.service.requests.push_back(world.request(data, "tx-" + std::to_string(++requests)));
    PersonWithPin person(pin_of(device::kRightPin));
    return terminal().finish(person);
  }

  device::World world;
  Platform platform{world};
  DeviceProcess process{world};
  terminal::TerminalClient client = must(terminal::TerminalClient::connect(process.socket()));
  std::vector<pdf::Lint> despite;
  int requests = 0;
};

// The signer can inspect all of it; what cannot be shown completely is refused; and no other
// program changes what lies between the display and the device.
// shows: MSSP-2-b, MSSP-9.3-b2
TEST_F(Inspected, WhatIsSignedIsWholeAndNobodyComesBetweenDisplayAndDevice) {
  const std::string good = to_sign(lease()), bad = to_sign(with_script());
  const auto done = sign(good);
  ASSERT_OK(done);
  EXPECT_EQ(done->what, "signed");
  ASSERT_EQ(world.service.answers.size(), 1U);
  world.verify(world.service.answers[0], good);

  const auto refused = sign(bad);
  ASSERT_ERROR(refused, Code::unsupported);
  EXPECT_NE(refused.error().detail.find("script, object"), std::string::npos)
      << refused.error().detail;
  ASSERT_EQ(world.service.answers.size(), 2U);  // the service is told
  EXPECT_EQ(world.service.answers[1].outcome, device::SignOutcome::cancelled);

  // Another program of this user reaches the same device while a document is displayed: it can
  // neither confirm something else nor put its own octets behind what was displayed.
  world.service.requests.push_back(world.request(good, "tx-shown"));
  const auto shown = must(terminal().look());
  ASSERT_TRUE(shown.has_value());
  auto other = must(terminal::TerminalClient::connect(process.socket()));
  device::Display swapped = *shown;
  swapped.digest = crypto::sm3(base::bytes_of(bad));
  EXPECT_ERROR(other.confirm(swapped, pin_of(device::kRightPin)), Code::device_display_differs);
  EXPECT_EQ(must(client.data(shown->transaction_id)), base::to_bytes(good));
  EXPECT_EQ(world.service.answers.size(), 2U);
  PersonWithPin person(pin_of(device::kRightPin));
  ASSERT_OK(terminal().finish(person));
  ASSERT_EQ(world.service.answers.size(), 3U);
  world.verify(world.service.answers[2], good);
}

// shows: MSSP-9.3-b2
TEST_F(Inspected, OctetsThatTheDeviceDoesNotDisplayAreNotInspectedInTheirPlace) {
  device::Display display;
  const Bytes data = base::to_bytes("%PDF-1.7");
  display.size = data.size(), display.digest = crypto::sm3(base::bytes_of("other"));
  EXPECT_ERROR(check_displayed(display, data, {}), Code::device_display_differs);
  display.digest = crypto::sm3(data), display.size = 7;
  EXPECT_ERROR(check_displayed(display, data, {}), Code::device_display_differs);
}

TEST_F(Inspected, AFileThatCannotBeReadIsRefusedAndOtherKindsAreNotLookedInto) {
  EXPECT_ERROR(sign("%PDF-1.7 is no file"), Code::unsupported);
  ASSERT_OK(sign("just text"));
}

// told is what a person reads of a display, and what a program does.
std::string told(const device::Display& display) {
  ::testing::internal::CaptureStderr();
  print_display(display);
  base::JsonWriter json;
  write_display(json, display);
  return ::testing::internal::GetCapturedStderr() + json.str();
}

// shows: MSSP-9.3-b2
TEST_F(Inspected, WhatWasNotLookedIntoIsSaidToBeSo) {
  world.service.requests.push_back(world.request("just text", "tx-text"));
  const auto text = must(terminal().look());
  ASSERT_TRUE(text.has_value());
  EXPECT_NE(told(*text).find("NOT INSPECTED"), std::string::npos) << told(*text);
  EXPECT_NE(told(*text).find("\"inspected\":false"), std::string::npos) << told(*text);
  ASSERT_OK(terminal().cancel("tx-text"));
  world.service.requests.push_back(world.request(to_sign(lease()), "tx-pdf"));
  const auto file = must(terminal().look());
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(told(*file).find("NOT INSPECTED"), std::string::npos) << told(*file);
  EXPECT_NE(told(*file).find("\"inspected\":true"), std::string::npos) << told(*file);
}

TEST_F(Inspected, AFindingThatIsNamedDoesNotStopTheSignature) {
  despite = must(parse_lints("automatic_action,script"));
  ASSERT_OK(sign(to_sign(with_script())));
  EXPECT_ERROR(parse_lints("scripts"), Code::malformed);
  EXPECT_ERROR(parse_lints("script,"), Code::malformed);
  EXPECT_TRUE(must(parse_lints("")).empty());
}

TEST(Gap, IsPutBackWhereTheSignatureWillStand) {
  const pdf::Prepared one = prepared(lease());
  const Bytes data = one.content_to_sign();
  EXPECT_EQ(with_gap(data), one.file);
  // Without a range that fits nothing is put in.
  for (const std::string_view text :
       {"", "/ByteRange", "/ByteRange [0 1 2", "/ByteRange [0 10 20 1]", "/ByteRange [1 10 20 11]",
        "/ByteRange [0 10 5 13]", "/ByteRange [0 10 99999999999999999999 13]",
        "/ByteRange [0 10 900000000 21]"})
    EXPECT_EQ(with_gap(base::bytes_of(text)), base::to_bytes(text)) << text;
}

}  // namespace
}  // namespace heqi::program
