// The module in its states: driven through its one interface, commands in DER, against the world of
// world.h.
#include <heqi/device/module.h>

#include "tests/mortal_store.h"
#include "tests/sealed.h"
#include "tests/world.h"

namespace heqi::device {
namespace {

using base::Code;
using S = LifeState;

// Records keeps the events that a log is given.
class Records final : public base::Log {
 public:
  void write(base::Severity, std::string_view event,
             std::initializer_list<base::LogField>) override {
    events.emplace_back(event);
  }
  long count(std::string_view event) const {
    return std::count(events.begin(), events.end(), event);
  }
  std::vector<std::string> events;
};

class ModuleTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    module.reset();
    module = Module::open({{*world.store, *world.key_store, world.random, world.clock},
                           log,
                           {{"first", [this] { return answer(first); }},
                            {"second", [this] { return answer(second); }}},
                           {}},
                          {3, "测试设备", {}, {}});
  }
  base::Status answer(std::optional<Code>& failure) {
    ++tests_run;
    EXPECT_EQ(module ? state() : S::self_test, S::self_test);
    if (failure) return base::fail(*failure, "injected");
    return {};
  }

  base::Result<Reply> run(Command command) {
    HEQI_TRY(Reply reply, parse_reply(module->run(encode_command(command).expose())));
    if (reply.failure) return base::fail(reply.failure->code, reply.failure->detail);
    return reply;
  }
  base::Result<Step> step(Command command) {
    auto reply = run(std::move(command));
    while (reply && reply->step && reply->step->kind == Step::Kind::send) {
      HEQI_TRY(const base::Bytes received, world.carry(*reply->step));
      reply = run({.type = CommandType::deliver, .message = received});
    }
    HEQI_TRY(reply);
    HEQI_CHECK(reply->step.has_value());
    return *std::move(reply->step);
  }
  base::Result<Step> confirm(const Step& asked, std::string_view pin) {
    return step({.type = CommandType::confirm,
                 .text = asked.display->transaction_id,
                 .pin = pin_of(pin),
                 .digest = asked.display->digest});
  }
  base::Result<Step> enrol(std::string_view first_pin = kRightPin) {
    HEQI_TRY(const Step asked, step({.type = CommandType::enrol, .text = world.code}));
    EXPECT_EQ(asked.kind, Step::Kind::choose_pin);
    EXPECT_EQ(state(), S::parameter_input);
    HEQI_TRY(const Step shown, step({.type = CommandType::choose_pin, .pin = pin_of(first_pin)}));
    EXPECT_EQ(shown.kind, Step::Kind::confirm);
    EXPECT_EQ(state(), S::parameter_input);
    return confirm(shown, first_pin);
  }
  ModuleStatus status() {
    const auto reply = run({.type = CommandType::status});
    EXPECT_OK(reply);
    return must(parse_module_status(reply->data));
  }
  S state() { return module->status().state; }
  // own_request is a certificate request for the key in two shares, not signed yet.
  base::Bytes own_request() {
    x509::CsrBody body;
    body.subject = name_of("张三");
    body.public_key = must(x509::parse_certificate(
                               run({.type = CommandType::information})->information->certificate))
                          .public_key();
    return x509::encode_csr_body(body);
  }

  World world;
  Records log;
  std::optional<Code> first, second;
  int tests_run = 0;
  std::unique_ptr<Module> module;
};

TEST_F(ModuleTest, AListIsShownAndConfirmedWhereAPinIsAwaited) {
  ASSERT_OK(run({.type = CommandType::initialise}));
  EXPECT_ERROR(run({.type = CommandType::leave_out, .text = "tx-1"}), Code::device_state);
  ASSERT_OK(enrol());
  for (const char* id : {"tx-1", "tx-2", "tx-3"})
    world.service.requests.push_back(world.request(std::string("text of ") + id, id));
  EXPECT_ERROR(run({.type = CommandType::leave_out, .text = "tx-1"}), Code::device_state);
  ASSERT_EQ(must(step({.type = CommandType::collect})).display->kind, Display::Kind::list);
  EXPECT_EQ(state(), S::parameter_input);
  EXPECT_EQ(run({.type = CommandType::data, .text = "tx-2"})->data, base::to_bytes("text of tx-2"));
  EXPECT_ERROR(run({.type = CommandType::data, .text = "tx-9"}), Code::not_found);
  EXPECT_EQ(state(), S::parameter_input);
  const Step rest = must(step({.type = CommandType::leave_out, .text = "tx-2"}));
  EXPECT_EQ(state(), S::parameter_input);
  const Step again = must(confirm(rest, kWrongPin));
  EXPECT_EQ(again.display->tries_left, 2u);
  EXPECT_EQ(state(), S::parameter_input);
  EXPECT_EQ(must(confirm(again, kRightPin)).outcome, "signed");
  EXPECT_EQ(state(), S::user);
  const Step one = must(step({.type = CommandType::collect}));
  EXPECT_EQ(one.display->transaction_id, "tx-2");
  EXPECT_EQ(must(step({.type = CommandType::cancel, .text = "tx-2"})).outcome, "cancelled");
  EXPECT_EQ(must(step({.type = CommandType::collect})).kind, Step::Kind::idle);
  EXPECT_EQ(state(), S::user);
}

TEST_F(ModuleTest, WhenAllIsLeftOutTheModuleRests) {
  ASSERT_OK(run({.type = CommandType::initialise}));
  ASSERT_OK(enrol());
  Authority stranger(world.random, "another authority");
  for (const char* id : {"tx-1", "tx-2"})
    world.service.requests.push_back(world.request(std::string("text of ") + id, id));
  world.service.requests.back().certificate = base::to_bytes(stranger.certificate.der());
  ASSERT_EQ(must(step({.type = CommandType::collect})).display->kind, Display::Kind::list);
  // Of the one that is left no document can be signed: the service is told.
  EXPECT_EQ(must(step({.type = CommandType::leave_out, .text = "tx-1"})).kind, Step::Kind::refused);
  EXPECT_EQ(state(), S::user);
  EXPECT_EQ(world.service.answers.size(), 1u);
}

// shows: KEP-17.3-c, KEP-17.3-d, KEP-17.3-e, KEP-17.3-f, KEP-17.1-f, KEP-17.1-g
TEST_F(ModuleTest, APersonGoesThroughTheStatesFromFactoryToUser) {
  EXPECT_EQ(state(), S::factory);
  EXPECT_ERROR(step({.type = CommandType::enrol, .text = world.code}), Code::device_state);
  EXPECT_ERROR(run({.type = CommandType::poll}), Code::device_state);
  ASSERT_OK(run({.type = CommandType::initialise}));
  EXPECT_EQ(state(), S::initialising);
  EXPECT_ERROR(run({.type = CommandType::initialise}), Code::device_state);
  const auto enrolled = enrol();
  ASSERT_OK(enrolled);
  EXPECT_EQ(enrolled->outcome, "certificate_installed");
  EXPECT_EQ(state(), S::user);

  world.service.requests.push_back(world.request("%PDF-1.7"));
  const auto shown = step({.type = CommandType::poll});
  ASSERT_OK(shown);
  EXPECT_EQ(state(), S::parameter_input);
  EXPECT_EQ(run({.type = CommandType::data, .text = "tx-1"})->data, base::to_bytes("%PDF-1.7"));
  EXPECT_EQ(state(), S::parameter_input);
  // The command alone: the half of the key centre is awaited.
  const auto begun = run({.type = CommandType::confirm,
                          .text = "tx-1",
                          .pin = pin_of(kRightPin),
                          .digest = shown->display->digest});
  ASSERT_OK(begun);
  EXPECT_EQ(state(), S::approved_service);
  EXPECT_ERROR(run({.type = CommandType::self_test}), Code::device_state);
  auto next = step({.type = CommandType::poll});  // the terminal lost its place
  ASSERT_OK(next);
  EXPECT_EQ(state(), S::parameter_input);
  next = confirm(*next, kRightPin);
  ASSERT_OK(next);
  EXPECT_EQ(next->outcome, "signed");
  EXPECT_EQ(state(), S::user);
  EXPECT_EQ(world.service.answers.size(), 1u);
}

TEST_F(ModuleTest, AWrongPinAsksAgainAndACancelGoesBack) {
  ASSERT_OK(run({.type = CommandType::initialise}));
  ASSERT_OK(enrol());
  world.service.requests.push_back(world.request("text"));
  auto shown = step({.type = CommandType::poll});
  ASSERT_OK(shown);
  EXPECT_ERROR(run({.type = CommandType::confirm,
                    .text = "tx-1",
                    .pin = pin_of("12"),
                    .digest = shown->display->digest}),
               Code::malformed);
  EXPECT_EQ(state(), S::parameter_input);
  EXPECT_ERROR(run({.type = CommandType::confirm, .text = "tx-1", .pin = pin_of(kRightPin)}),
               Code::device_display_differs);
  EXPECT_EQ(state(), S::parameter_input);
  shown = confirm(*shown, kWrongPin);
  ASSERT_OK(shown);
  EXPECT_EQ(shown->kind, Step::Kind::confirm);
  EXPECT_EQ(state(), S::parameter_input);
  const auto cancelled = step({.type = CommandType::cancel, .text = "tx-1"});
  ASSERT_OK(cancelled);
  EXPECT_EQ(cancelled->outcome, "cancelled");
  EXPECT_EQ(state(), S::user);
}

// shows: KEP-17.3-g
TEST_F(ModuleTest, TheLockIsKeptOverRestartsAndLeftByAnotherBindingOrARelease) {
  ASSERT_OK(run({.type = CommandType::initialise}));
  ASSERT_OK(enrol());
  world.service.requests.push_back(world.request("text"));
  const auto shown = step({.type = CommandType::poll});
  ASSERT_OK(shown);
  world.key_centre.locked = Code::cosign_pin_locked;
  ASSERT_OK(confirm(*shown, kWrongPin));
  EXPECT_EQ(state(), S::locked);
  open();
  EXPECT_EQ(state(), S::locked);
  ASSERT_OK(run({.type = CommandType::self_test}));
  EXPECT_EQ(state(), S::locked);
  for (const CommandType type : {CommandType::initialise, CommandType::choose_pin,
                                 CommandType::confirm, CommandType::cancel, CommandType::data})
    EXPECT_ERROR(run({.type = type}), Code::device_state);
  auto asked = step({.type = CommandType::poll});
  ASSERT_OK(asked);
  EXPECT_EQ(asked->refusal, Code::cosign_pin_locked);
  EXPECT_EQ(state(), S::locked);
  world.key_centre.locked.reset();
  EXPECT_EQ(state(), S::locked) << "nobody has asked the key centre";
  EXPECT_ERROR(run({.type = CommandType::enrol, .text = "no code"}), Code::malformed);
  EXPECT_EQ(state(), S::locked);
  asked = step({.type = CommandType::poll});
  ASSERT_OK(asked);
  EXPECT_EQ(asked->outcome, kUnlocked);
  EXPECT_EQ(state(), S::user);
  open();
  EXPECT_EQ(state(), S::user);
  EXPECT_EQ(log.count("device.event_refused"), 5);  // the commands above, and no event

  world.service.requests.push_back(world.request("text", "tx-2"));
  world.key_centre.locked = Code::cosign_pin_locked;
  ASSERT_OK(confirm(must(step({.type = CommandType::poll})), kWrongPin));
  ASSERT_EQ(state(), S::locked);
  world.key_centre.locked.reset();
  ASSERT_OK(enrol());
  EXPECT_EQ(state(), S::user);
}

TEST_F(ModuleTest, ALockedKeyWhoseShareIsRevokedIsNotUnlockedAnyMore) {
  ASSERT_OK(run({.type = CommandType::initialise}));
  ASSERT_OK(enrol());
  world.service.requests.push_back(world.request("text"));
  const auto shown = step({.type = CommandType::poll});
  ASSERT_OK(shown);
  world.key_centre.locked = Code::cosign_pin_locked;
  ASSERT_OK(confirm(*shown, kWrongPin));
  world.key_centre.locked = Code::cosign_key_revoked;
  EXPECT_EQ(must(step({.type = CommandType::poll})).refusal, Code::cosign_key_revoked);
  world.key_centre.locked.reset();
  // Final, and no question any more.
  EXPECT_EQ(must(run({.type = CommandType::poll})).step->refusal, Code::cosign_key_revoked);
  EXPECT_EQ(state(), S::locked);
}

// shows: KEP-16-d, KEP-17.3-b, KEP-17.3-h, KEP-9.2-b, KEP-7.1-b
TEST_F(ModuleTest, AFailedTestBlocksAllOutputUntilTheTestsPass) {
  ASSERT_OK(run({.type = CommandType::initialise}));
  ASSERT_OK(enrol());
  for (std::optional<Code>* one : {&first, &second}) {
    *one = Code::device_self_test;
    open();
    EXPECT_EQ(state(), S::error);
    for (int type = 1; type <= static_cast<int>(kLastCommandType); ++type) {
      const auto command = static_cast<CommandType>(type);
      if (command == CommandType::status || command == CommandType::self_test) continue;
      EXPECT_ERROR(run({.type = command, .text = world.code}), Code::device_self_test) << type;
    }
    const ModuleStatus said = status();
    EXPECT_EQ(said.state, S::error);
    EXPECT_FALSE(said.approved_mode);
    EXPECT_NE(said.failure.find("injected"), std::string::npos);
    ASSERT_OK(run({.type = CommandType::self_test}));
    EXPECT_EQ(state(), S::error) << "the fault is still there";
    one->reset();
    ASSERT_OK(run({.type = CommandType::self_test}));
    EXPECT_EQ(state(), S::user);
    EXPECT_TRUE(status().failure.empty());
  }
  EXPECT_GE(log.count("device.error_state"), 4);
}

// shows: KEP-16
TEST_F(ModuleTest, TestsRunAtEveryStartAtTheFirstRunAndOnDemand) {
  EXPECT_EQ(tests_run, 2);
  open();
  EXPECT_EQ(tests_run, 4);
  second = Code::internal;
  EXPECT_ERROR(run({.type = CommandType::initialise}), Code::device_self_test);
  EXPECT_EQ(tests_run, 6);
  EXPECT_TRUE(world.own_key_store.files.empty()) << "a key was made all the same";
  second.reset();
  ASSERT_OK(run({.type = CommandType::self_test}));
  EXPECT_EQ(state(), S::factory);
  ASSERT_OK(run({.type = CommandType::initialise}));
  EXPECT_EQ(state(), S::initialising);
}

// FailingRandom is a source that has stopped.
class FailingRandom final : public base::Random {
 public:
  explicit FailingRandom(base::Random& source) : source_(source) {}
  base::Status fill(base::MutableByteView out) override {
    if (broken) return base::fail(Code::crypto_random_failed, "injected");
    return source_.fill(out);
  }
  bool broken = false;

 private:
  base::Random& source_;
};

// shows: KEP-15.1
TEST_F(ModuleTest, ASourceOfRandomBitsThatFailsAtWorkLeadsToTheErrorState) {
  FailingRandom random(world.random);
  module = Module::open({{*world.store, *world.key_store, random, world.clock}, log, {}, {}},
                        {3, "测试设备", {}, {}});
  random.broken = true;
  EXPECT_ERROR(run({.type = CommandType::initialise}), Code::crypto_random_failed);
  EXPECT_EQ(state(), S::error);
  random.broken = false;
  EXPECT_ERROR(run({.type = CommandType::initialise}), Code::device_self_test);
  ASSERT_OK(run({.type = CommandType::self_test}));
  EXPECT_EQ(state(), S::factory);
}

// Nobody asks, nothing happens: no random octet is drawn, no file written, no state entered.
// shows: KEP-10.2.2
TEST_F(ModuleTest, WithoutACommandNothingIsComputed) {
  ASSERT_OK(run({.type = CommandType::initialise}));
  ASSERT_OK(enrol());
  const auto files = world.own_store.files, key_files = world.own_key_store.files;
  testing::SeededRandom undrawn = world.random;
  const int tests = tests_run;
  world.clock.advance(std::chrono::hours(24 * 400));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(state(), S::user);
  EXPECT_TRUE(world.own_store.files == files && world.own_key_store.files == key_files);
  EXPECT_EQ(tests_run, tests);
  EXPECT_EQ(world.random.next(), undrawn.next());
}

// Whatever is asked, and whatever is asked next: before the PIN nothing is computed with a key.
// shows: KEP-10.2.1
TEST_F(ModuleTest, NoCommandLeadsPastThePin) {
  ASSERT_OK(run({.type = CommandType::initialise}));
  ASSERT_OK(enrol());
  for (int service = 1; service <= static_cast<int>(kLastLocalService); ++service) {
    LocalRequest request{static_cast<LocalService>(service), "files", {}};
    if (takes_data(request.service)) request.data = {1, 2, 3};
    if (request.service == LocalService::seal) request.data = to_be_sealed();
    if (request.service == LocalService::request) request.data = own_request();
    if (!needs_key(request.service)) request.name.clear();
    for (int type = 1; type <= static_cast<int>(kLastCommandType); ++type) {
      const auto next = static_cast<CommandType>(type);
      if (next == CommandType::confirm || next == CommandType::retire) continue;
      const auto asked =
          run({.type = CommandType::local_key, .message = encode_local_request(request)});
      ASSERT_OK(asked);
      ASSERT_TRUE(asked->step.has_value());
      EXPECT_EQ(asked->step->kind, Step::Kind::confirm) << service;
      EXPECT_TRUE(asked->step->message.empty()) << service;
      const auto reply = run({.type = next, .text = "local-key", .message = {0x30, 0x00}});
      if (reply && reply->step) {
        EXPECT_NE(reply->step->outcome, "local_key") << type;
      }
      if (reply && next == CommandType::data) {
        EXPECT_EQ(reply->data, request.data);
      }
      static_cast<void>(run({.type = CommandType::cancel, .text = "local-key"}));
      open();
      ASSERT_EQ(state(), S::user);
    }
  }
}

// shows: KEP-17.3-i
TEST_F(ModuleTest, AnIllegalCommandIsRefusedRecordedAndChangesNothing) {
  ASSERT_OK(run({.type = CommandType::initialise}));
  long refused = log.count("device.event_refused");
  EXPECT_EQ(refused, 0);
  for (const CommandType type : {CommandType::initialise, CommandType::choose_pin,
                                 CommandType::confirm, CommandType::cancel, CommandType::data}) {
    EXPECT_ERROR(run({.type = type, .pin = pin_of(kRightPin)}), Code::device_state);
    EXPECT_EQ(log.count("device.event_refused"), ++refused);
    EXPECT_EQ(state(), S::initialising);
  }
}

// shows: KEP-17.1-i
TEST_F(ModuleTest, ARetiredModuleServesNobodyAnyMore) {
  ASSERT_OK(run({.type = CommandType::initialise}));
  ASSERT_OK(enrol());
  ASSERT_OK(run({.type = CommandType::retire}));
  EXPECT_EQ(state(), S::locked);
  EXPECT_TRUE(world.own_key_store.files.empty());
  EXPECT_ERROR(step({.type = CommandType::enrol, .text = world.code}), Code::device_state);
  EXPECT_EQ(state(), S::locked);
  open();
  EXPECT_EQ(state(), S::locked);
}

// shows: KEP-8.3
TEST_F(ModuleTest, TheStatusSaysWhetherTheModeIsApproved) {
  EXPECT_TRUE(status().approved_mode);
  EXPECT_EQ(status().version, kModuleVersion);
  module = Module::open(
      {{*world.store, *world.key_store, world.random, world.clock}, log, {}, {"superuser"}},
      {3, "测试设备", {}, {}});
  EXPECT_FALSE(status().approved_mode);
  EXPECT_EQ(status().environment, std::vector<std::string>{"superuser"});
}

TEST_F(ModuleTest, AStateThatCannotBeReadIsAnErrorNotAnEmptyDevice) {
  ASSERT_OK(run({.type = CommandType::initialise}));
  world.own_store.files.at("msd.state").back() ^= 1;
  open();
  EXPECT_EQ(state(), S::error);
  EXPECT_ERROR(run({.type = CommandType::initialise}), Code::device_self_test);
}

// shows-part: KEP-17.3-f (a disk that fails)
TEST_F(ModuleTest, AChangeOfThePinThatTheDiskRefusesLeavesOnePinAndAwaitsNone) {
  ASSERT_OK(run({.type = CommandType::initialise}));
  ASSERT_OK(enrol());
  const auto change = [&](std::string_view from, std::string_view to) -> base::Result<Step> {
    HEQI_TRY(const Step asked, step({.type = CommandType::change_pin}));
    HEQI_TRY(const Step chosen, confirm(asked, from));
    if (chosen.kind != Step::Kind::choose_pin) return base::fail(Code::cosign_wrong_pin);
    return step({.type = CommandType::choose_pin, .pin = pin_of(to)});
  };
  int left = 1 << 20;
  MortalStore files(world.own_store, left, MortalStore::Death::before);
  MortalStore keys(world.own_key_store, left, MortalStore::Death::before);
  world.store = &files, world.key_store = &keys;
  open();
  std::string now(kRightPin), other = "739184";
  int failing = 1;
  for (left = failing; !change(now, other); left = ++failing) {
    ASSERT_LT(failing, 50);
    left = 1 << 20;  // the same process goes on
    EXPECT_EQ(state(), S::user) << failing;
    // The PIN in force is the one that the disk has.
    const auto changed = change(now, other);
    if (changed) {
      std::swap(now, other);
    } else {
      ASSERT_ERROR(changed, Code::cosign_wrong_pin) << failing;
      ASSERT_OK(step({.type = CommandType::cancel, .text = "pin-change"}));
      ASSERT_OK(change(other, now)) << failing;
    }
    EXPECT_EQ(state(), S::user) << failing;
  }
  EXPECT_GT(failing, 3);
}

}  // namespace
}  // namespace heqi::device
