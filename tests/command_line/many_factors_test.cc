// A key that asks for more than a PIN, from the terminal's commands: against a module as
// heqi-device runs it, and the real key centre.
#include <heqi/device/pin_input.h>

#include "joined.h"
#include "person_at_keyboard.h"
#include "platform.h"
#include "shell.h"

namespace heqi::program {
namespace {

using base::Code;
using device::pin_of;

constexpr Option kOptions[] = {
    {"--pin-file", "FILE", "", ""},     {"--new-pin-file", "FILE", "", ""},
    {"--factors-file", "FILE", "", ""}, {"--new-factors-file", "FILE", "", ""},
    {"--pin-stdin", "", "", ""},
};
constexpr Syntax kSyntax{"test", "", 0, 0, "", "", kOptions};

struct ManyFactorsTest : public ::testing::Test {
  void SetUp() override {
    write(at("pin"), std::string(device::kRightPin) + "\n");
    write(at("right"), "gesture=1-4-7-8\npassphrase=correct horse\n");
    write(at("wrong"), "passphrase=correct house\ngesture=1-4-7-8\n");
    write(at("none"), "gesture=1-4-7-8\n");
    module = open(1 | 2 | 4);
  }
  std::unique_ptr<device::Module> open(device::Factors factors) {
    device::MsdOptions options{.pin_rounds = 3, .device_name = "测试设备"};
    options.factors = factors;
    return device::Module::open(
        {{*house.world.store, *house.world.key_store, house.world.random, house.world.clock},
         log,
         {},
         {std::string(device::kApplicationTakesPin)}},
        options);
  }
  std::string at(const std::string& name) const { return folder.path() + "/" + name; }
  Terminal terminal() {
    TerminalOptions options;
    options.server = "https://platform.test";
    options.patience = std::chrono::seconds(2);
    options.wait = [this](base::Duration) {
      house.world.clock.advance(std::chrono::milliseconds(500));
    };
    return Terminal(client, platform, house.world.clock, std::move(options));
  }
  PersonAtKeyboard person(std::vector<std::string_view> more) {
    pin_file = at("pin");
    std::vector<std::string_view> words{"--pin-file", pin_file};
    words.insert(words.end(), more.begin(), more.end());
    return PersonAtKeyboard(device::must(Arguments::parse(kSyntax, words)));
  }
  PersonAtKeyboard with_file(const std::string& name) {
    factors_file = at(name);
    return person({"--factors-file", factors_file});
  }
  base::Result<Outcome> sign(Person& by) {
    house.world.service.requests.clear();
    house.world.service.requests.push_back(
        house.world.request("text", "tx-" + std::to_string(++requests)));
    auto outcome = terminal().finish(by);
    if (!outcome) static_cast<void>(terminal().cancel("tx-" + std::to_string(requests)));
    return outcome;
  }
  int tries_left() {
    return house.centre.key_status(device::must(client.information()).key_id).tries_left;
  }

  joined::House house;
  base::NullLog log;
  testing::TemporaryFolder folder;
  std::string pin_file, factors_file;
  int requests = 0;
  std::unique_ptr<device::Module> module;
  Platform platform{house.world, [this](const device::Step& step) { return house.carry(step); }};
  DeviceProcess process{[this](base::ByteView command) { return module->run(command); }};
  terminal::TerminalClient client =
      device::must(terminal::TerminalClient::connect(process.socket()));
};

// shows: KEP-15.5-a
TEST_F(ManyFactorsTest, AreGivenFromFilesAndAWrongOneCostsATry) {
  PersonAtKeyboard right = with_file("right");
  ASSERT_OK(terminal().enrol(house.world.code, right));
  EXPECT_EQ(device::must(client.status()).factors, 1 | 2 | 4);
  EXPECT_EQ(device::factor_names(device::must(client.status()).factors),
            "pin, gesture, passphrase");
  const auto done = sign(right);
  ASSERT_OK(done);
  EXPECT_EQ(done->what, "signed");

  PersonAtKeyboard again = with_file("right");  // of another run: nothing is remembered
  EXPECT_EQ(device::must(sign(again)).what, "signed");
  PersonAtKeyboard wrong = with_file("wrong");
  EXPECT_ERROR(sign(wrong), Code::cosign_wrong_pin);
  EXPECT_EQ(tries_left(), 2);
  PersonAtKeyboard incomplete = with_file("none");
  EXPECT_ERROR(sign(incomplete), Code::not_found);
  PersonWithPin with_a_pin_only(pin_of(device::kRightPin));
  EXPECT_ERROR(sign(with_a_pin_only), Code::unsupported);
  EXPECT_EQ(tries_left(), 2) << "what is not given costs nothing";
  PersonAtKeyboard last = with_file("right");
  EXPECT_EQ(device::must(sign(last)).what, "signed");
  EXPECT_EQ(tries_left(), 3);

  const Ran told = run(run_device, {"status", "--socket", process.socket(), "--json"});
  EXPECT_NE(told.out.find(R"("factors":"pin, gesture, passphrase")"), std::string::npos)
      << told.out;
}

TEST_F(ManyFactorsTest, AreChosenAnewWithThePin) {
  PersonAtKeyboard first = with_file("right");
  ASSERT_OK(terminal().enrol(house.world.code, first));
  module.reset();
  module = open(1 | 4);
  EXPECT_EQ(device::must(client.status()).factors, 1 | 2 | 4) << "of the present key";
  EXPECT_EQ(device::must(client.status()).next_factors, 1 | 4);
  const std::string present = at("right"), next = at("wrong"), new_pin = at("pin");
  PersonAtKeyboard changing =
      person({"--factors-file", present, "--new-factors-file", next, "--new-pin-file", new_pin});
  ASSERT_OK(terminal().change_pin(changing));
  EXPECT_EQ(device::must(client.status()).factors, 1 | 4);
  PersonAtKeyboard old = with_file("right");
  EXPECT_ERROR(sign(old), Code::cosign_wrong_pin);
  PersonAtKeyboard fresh = with_file("wrong");
  EXPECT_EQ(device::must(sign(fresh)).what, "signed");
}

}  // namespace
}  // namespace heqi::program
