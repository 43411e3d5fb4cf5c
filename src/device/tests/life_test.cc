// The table of T/ZSA 67.3 §17.3 a second time, written down from the text and not from the code:
// for each state its events and where they lead. Every pair that is not here must be refused.
#include <heqi/device/life.h>
#include <heqi/device/roles.h>
#include <heqi/testing/expect.h>

#include <map>

namespace heqi::device {
namespace {

using S = LifeState;
using E = LifeEvent;

const std::map<S, std::map<E, S>> kModel = {
    {S::factory, {{E::initialise, S::self_test}, {E::test, S::self_test}, {E::fault, S::error}}},
    {S::self_test,
     {{E::passed_factory, S::factory},
      {E::passed_initialising, S::initialising},
      {E::passed_user, S::user},
      {E::passed_locked, S::locked},
      {E::fault, S::error}}},
    {S::initialising,
     {{E::ask_parameter, S::parameter_input},
      {E::initialised, S::user},
      {E::lock, S::locked},
      {E::test, S::self_test},
      {E::fault, S::error}}},
    {S::user,
     {{E::ask_parameter, S::parameter_input},
      {E::begin_service, S::approved_service},
      {E::lock, S::locked},
      {E::unbound, S::initialising},
      {E::test, S::self_test},
      {E::fault, S::error}}},
    {S::approved_service,
     {{E::ask_parameter, S::parameter_input},
      {E::return_initialising, S::initialising},
      {E::return_user, S::user},
      {E::lock, S::locked},
      {E::fault, S::error}}},
    {S::parameter_input,
     {{E::begin_service, S::approved_service},
      {E::return_initialising, S::initialising},
      {E::return_user, S::user},
      {E::lock, S::locked},
      {E::fault, S::error}}},
    {S::locked,
     {{E::rebind, S::initialising},
      {E::unlock, S::user},
      {E::unbound, S::initialising},
      {E::test, S::self_test},
      {E::fault, S::error}}},
    {S::error, {{E::test, S::self_test}, {E::fault, S::error}}},
};

// shows: KEP-17.3-a, KEP-17.3-b, KEP-17.3-h
// shows-part: KEP-17.3-i (the table; module_test.cc shows the record of what was refused)
TEST(Life, EachOfTheEightStatesTakesItsEventsAndRefusesEveryOther) {
  ASSERT_EQ(kModel.size(), kLifeStates);
  std::size_t legal = 0, illegal = 0;
  for (std::size_t s = 1; s <= kLifeStates; ++s) {
    for (std::size_t e = 1; e <= kLifeEvents; ++e) {
      const auto state = static_cast<S>(s);
      const auto event = static_cast<E>(e);
      const auto& events = kModel.at(state);
      const auto found = events.find(event);
      const auto to = next(state, event);
      ASSERT_EQ(to.has_value(), found != events.end()) << name_of(state) << " " << name_of(event);
      if (to) {
        EXPECT_EQ(*to, found->second) << name_of(state) << " " << name_of(event);
      }
      ++(to ? legal : illegal);
    }
  }
  EXPECT_EQ(legal, 36u);
  EXPECT_EQ(illegal, 92u);
}

// shows: KEP-9.2-b
TEST(Life, NothingButTheStatusComesOutDuringTestsAndInTheErrorState) {
  for (const S state : {S::self_test, S::error}) {
    EXPECT_FALSE(gives_output(state));
    for (int type = 1; type <= static_cast<int>(kLastCommandType); ++type) {
      const auto command = static_cast<CommandType>(type);
      const bool status = command == CommandType::status;
      const bool test = command == CommandType::self_test && state == S::error;
      EXPECT_EQ(accepts(state, command), status || test) << name_of(state) << " " << type;
    }
  }
  for (const S state :
       {S::factory, S::initialising, S::user, S::approved_service, S::parameter_input, S::locked})
    EXPECT_TRUE(gives_output(state));
}

// shows-part: KEP-17.3-f (that the PIN is awaited nowhere else)
TEST(Life, ThePinIsTakenOnlyWhereItIsAwaited) {
  for (std::size_t s = 1; s <= kLifeStates; ++s) {
    const auto state = static_cast<S>(s);
    for (const CommandType command : {CommandType::choose_pin, CommandType::confirm})
      EXPECT_EQ(accepts(state, command), state == S::parameter_input) << name_of(state);
  }
}

// Table 1 of §10.1.
TEST(Roles, ThereAreTwoAndNoServiceBelongsToBoth) {
  const std::map<ModuleService, Role> table = {
      {ModuleService::initialise_server, Role::administrator},
      {ModuleService::manage_server_keys, Role::administrator},
      {ModuleService::initialise_device, Role::user},
      {ModuleService::sign, Role::user},
      {ModuleService::verify, Role::user},
      {ModuleService::encrypt, Role::user},
      {ModuleService::decrypt, Role::user},
  };
  ASSERT_EQ(table.size(), kModuleServices);
  for (const auto& [service, owner] : table)
    for (const Role role : {Role::administrator, Role::user})
      EXPECT_EQ(permits(role, service), role == owner) << static_cast<int>(service);
}

}  // namespace
}  // namespace heqi::device
