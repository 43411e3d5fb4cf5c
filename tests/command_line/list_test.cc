// Several documents with one confirmation from the terminal: against a module as heqi-device runs
// it.
#include "device_batch_command.h"
#include "module_process.h"

namespace heqi::program {
namespace {

using base::Code;
using device::Display;
using device::must;
using device::pin_of;

// Looking keeps what it was shown and gives one PIN, or refuses.
class Looking final : public Person {
 public:
  explicit Looking(std::optional<std::string_view> pin) : pin_(pin) {}
  base::Result<base::SecretBytes> choose_pin() override { return pin_of(*pin_); }
  base::Result<std::optional<base::SecretBytes>> confirm(const Display& display) override {
    shown = {display};
    return give();
  }
  base::Result<std::optional<base::SecretBytes>> confirm_list(
      const Display& list, const std::vector<Display>& items) override {
    if (list.tries_left) return base::fail(Code::cosign_wrong_pin, "as many tries as are left");
    shown = items;
    return give();
  }
  std::vector<Display> shown;

 private:
  base::Result<std::optional<base::SecretBytes>> give() const {
    if (!pin_) return std::optional<base::SecretBytes>();
    return std::optional<base::SecretBytes>(pin_of(*pin_));
  }
  std::optional<std::string_view> pin_;
};

struct ListTest : public ::testing::Test {
  ListTest() { EXPECT_OK(terminal().enrol(world.code, pin_of(device::kRightPin))); }

  Terminal terminal(decltype(TerminalOptions::inspect) inspect = {}) {
    TerminalOptions options;
    options.server = "https://platform.test";
    options.patience = std::chrono::seconds(2);
    options.wait = [this](base::Duration) { world.clock.advance(std::chrono::milliseconds(500)); };
    options.inspect = std::move(inspect);
    return Terminal(client, platform, world.clock, std::move(options));
  }
  void wait(int count) {
    for (int i = 1; i <= count; ++i)
      world.service.requests.push_back(
          world.request("text " + std::to_string(i), "tx-" + std::to_string(i)));
  }

  device::World world;
  Platform platform{world};
  ModuleProcess process{world};
  terminal::TerminalClient client = must(terminal::TerminalClient::connect(process.socket()));
};

// shows: MSSP-6.1-g2
TEST_F(ListTest, APersonSeesEachDocumentAndSignsAllWithOnePin) {
  wait(3);
  const Outcome looked = must(terminal().look_at_list());
  ASSERT_EQ(looked.items.size(), 3u);
  EXPECT_EQ(looked.items[2].title, "租赁合同");
  EXPECT_TRUE(world.service.answers.empty());
  Looking person(device::kRightPin);
  const Outcome done = must(terminal().sign_list({}, {}, person));
  EXPECT_EQ(done.what, "signed");
  ASSERT_EQ(person.shown.size(), 3u);
  EXPECT_EQ(person.shown[1].transaction_id, "tx-2");
  EXPECT_EQ(done.results.size(), 3u);
  ASSERT_EQ(world.service.answers.size(), 3u);
}

TEST_F(ListTest, ALinkIsAskedForFirstAndSignedWithTheRest) {
  wait(1);
  platform.requested = world.request("of the link", "tx-link");
  Looking person(device::kRightPin);
  const Outcome done = must(terminal().sign_list({"https://platform.test/s/s3cret"}, {}, person));
  EXPECT_EQ(done.what, "signed");
  EXPECT_EQ(person.shown.size(), 2u);
  EXPECT_EQ(world.service.answers.size(), 2u);
}

TEST_F(ListTest, ALinkThatIsRefusedSignsNothing) {
  wait(2);
  platform.refusal = Code::contract_busy;
  Looking person(device::kRightPin);
  EXPECT_ERROR(terminal().sign_list({"https://platform.test/s/s3cret"}, {}, person),
               Code::contract_busy);
  EXPECT_TRUE(person.shown.empty());
  EXPECT_TRUE(world.service.answers.empty());
}

TEST_F(ListTest, WhatIsLeftOutIsNeitherShownNorSigned) {
  wait(3);
  Looking person(device::kRightPin);
  const Outcome done = must(terminal().sign_list({}, {"tx-2"}, person));
  EXPECT_EQ(done.what, "signed");
  ASSERT_EQ(person.shown.size(), 2u);
  EXPECT_EQ(person.shown[1].transaction_id, "tx-3");
  EXPECT_EQ(world.service.answers.size(), 2u);
  EXPECT_EQ(must(terminal().sign_list({}, {"tx-2"}, person)).what, "idle");
  EXPECT_EQ(must(terminal().sign_list({}, {}, person)).what, "signed");
  EXPECT_EQ(world.service.answers.size(), 3u);
}

TEST_F(ListTest, ARefusalRefusesAll) {
  wait(2);
  Looking person(std::nullopt);
  EXPECT_EQ(must(terminal().sign_list({}, {}, person)).what, "cancelled");
  for (const device::SignAnswer& answer : world.service.answers)
    EXPECT_EQ(answer.outcome, device::SignOutcome::cancelled);
  EXPECT_EQ(world.service.answers.size(), 2u);
}

TEST_F(ListTest, AWrongPinSignsNothingAndTheListWaits) {
  wait(2);
  Looking wrong(device::kWrongPin), right(device::kRightPin);
  EXPECT_ERROR(terminal().sign_list({}, {}, wrong), Code::cosign_wrong_pin);
  EXPECT_TRUE(world.service.answers.empty());
  EXPECT_EQ(must(terminal().sign_list({}, {}, right)).what, "signed");
}

TEST_F(ListTest, WhoShowsNoListsIsNotAskedForThePin) {
  wait(2);
  class Narrow final : public Person {
    base::Result<base::SecretBytes> choose_pin() override { return pin_of("000000"); }
    base::Result<std::optional<base::SecretBytes>> confirm(const Display&) override {
      ADD_FAILURE() << "a list was shown as a document";
      return std::optional<base::SecretBytes>();
    }
  } person;
  EXPECT_ERROR(terminal().sign_list({}, {}, person), Code::unsupported);
  EXPECT_TRUE(world.service.answers.empty());
}

TEST_F(ListTest, ADocumentThatDoesNotPassInspectionIsNamedAndNothingIsSigned) {
  wait(3);
  Looking person(device::kRightPin);
  int looked = 0;
  const auto inspect = [&](const Display& display, base::ByteView data) -> base::Status {
    ++looked;
    EXPECT_EQ(display.digest, crypto::sm3(data));
    if (display.transaction_id == "tx-2") return base::fail(Code::unsupported, "hidden text");
    return {};
  };
  const auto refused = terminal(inspect).sign_list({}, {}, person);
  EXPECT_ERROR(refused, Code::unsupported);
  EXPECT_NE(refused.error().detail.find("--leave-out tx-2"), std::string::npos);
  EXPECT_TRUE(person.shown.empty());
  EXPECT_TRUE(world.service.answers.empty());
  looked = 0;
  EXPECT_EQ(must(terminal(inspect).sign_list({}, {"tx-2"}, person)).what, "signed");
  EXPECT_EQ(looked, 2);
}

// The line is cut at each message once; the same program goes on.
TEST_F(ListTest, ALostMessageIsGoneOnFrom) {
  Looking person(device::kRightPin);
  for (unsigned cut = 0; cut < 8; ++cut) {
    world.service.answers.clear();
    wait(2);
    for (device::SignRequest& request : world.service.requests)
      request = world.request("text", request.transaction_id + "-" + std::to_string(cut));
    unsigned messages = 0;
    Platform flaky(world, [&](const device::Step& step) -> base::Result<base::Bytes> {
      auto answer = world.carry(step);
      if (messages++ == cut) return base::fail(Code::unavailable, "test: the answer is lost");
      return answer;
    });
    TerminalOptions options;
    options.server = "https://platform.test";
    options.wait = [](base::Duration) {};
    Terminal one(client, flaky, world.clock, std::move(options));
    const auto done = one.sign_list({}, {}, person);
    ASSERT_OK(done) << cut;
    EXPECT_EQ(done->what, "signed") << cut;
    EXPECT_EQ(world.service.answers.size(), 2u) << cut;
  }
}

TEST(Batch, ItsHelpNamesItsOptions) {
  const std::string help = help_of(kBatchSyntax);
  for (const char* name : {"--link", "--show", "--leave-out", "--despite", "--pin-file"})
    EXPECT_NE(help.find(name), std::string::npos) << name;
}

}  // namespace
}  // namespace heqi::program
