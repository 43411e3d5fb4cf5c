// What a person does to the key itself from the terminal: against a module as heqi-device runs it.
#include "module_process.h"

namespace heqi::program {
namespace {

using base::Code;
using device::must;
using device::pin_of;

constexpr std::string_view kNewPin = "905172";

// Changing gives one PIN where it is asked for the present one, and another for the new one.
class Changing final : public Person {
 public:
  Changing(std::string_view present, std::string_view next) : present_(present), next_(next) {}
  base::Result<base::SecretBytes> choose_pin() override { return pin_of(next_); }
  base::Result<std::optional<base::SecretBytes>> confirm(const device::Display& display) override {
    if (display.tries_left) return base::fail(Code::cosign_wrong_pin, "as many tries as are left");
    return std::optional<base::SecretBytes>(pin_of(present_));
  }

 private:
  std::string_view present_, next_;
};

struct KeyCareTest : public ::testing::Test {
  Terminal terminal() {
    TerminalOptions options;
    options.server = "https://platform.test";
    options.patience = std::chrono::seconds(2);
    options.wait = [this](base::Duration) { world.clock.advance(std::chrono::milliseconds(500)); };
    return Terminal(client, platform, world.clock, std::move(options));
  }
  base::Result<Outcome> sign(std::string_view pin) {
    platform.requested = world.request("%PDF-1.7 lease");
    return terminal().sign("https://platform.test/s/s3cret", pin_of(pin));
  }

  device::World world;
  Platform platform{world};
  ModuleProcess process{world};
  terminal::TerminalClient client = must(terminal::TerminalClient::connect(process.socket()));
};

// shows: MSSP-7.2-d3
TEST_F(KeyCareTest, APersonChangesThePinAndSignsWithTheNewOne) {
  Changing person(device::kRightPin, kNewPin);
  ASSERT_OK(terminal().enrol(world.code, pin_of(device::kRightPin)));
  const auto outcome = terminal().change_pin(person);
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->what, "pin_changed");
  const auto done = sign(kNewPin);
  ASSERT_OK(done);
  EXPECT_EQ(done->what, "signed");
}

TEST_F(KeyCareTest, AWrongPinChangesNothing) {
  ASSERT_OK(terminal().enrol(world.code, pin_of(device::kRightPin)));
  Changing person(device::kWrongPin, kNewPin);
  EXPECT_ERROR(terminal().change_pin(person), Code::cosign_wrong_pin);
  ASSERT_OK(terminal().cancel("pin-change"));
  EXPECT_EQ(must(sign(device::kRightPin)).what, "signed");
}

TEST_F(KeyCareTest, AfterAWrongPinTheNextProgramAsksAnew) {
  ASSERT_OK(terminal().enrol(world.code, pin_of(device::kRightPin)));
  Changing wrong(device::kWrongPin, kNewPin), right(device::kRightPin, kNewPin);
  EXPECT_ERROR(terminal().change_pin(wrong), Code::cosign_wrong_pin);
  EXPECT_EQ(must(terminal().change_pin(right)).what, "pin_changed");
  // A document that another program got the PIN wrong for takes the right one at once.
  EXPECT_ERROR(sign(device::kWrongPin), Code::cosign_wrong_pin);
  PersonWithPin person(pin_of(kNewPin));
  EXPECT_EQ(must(terminal().finish(person)).what, "signed");
  // And one program gives a wrong one once.
  EXPECT_ERROR(sign(device::kWrongPin), Code::cosign_wrong_pin);
}

TEST_F(KeyCareTest, ADeviceWithoutAKeyHasNoPinToChangeAndNothingToRefreshOrUnbind) {
  Changing person(device::kRightPin, kNewPin);
  EXPECT_ERROR(terminal().change_pin(person), Code::device_state);
  EXPECT_ERROR(terminal().refresh_shares(person), Code::device_state);
  EXPECT_ERROR(terminal().unbind(), Code::device_state);
}

}  // namespace
}  // namespace heqi::program
