#include <heqi/device/life.h>

namespace heqi::device {
namespace {

struct Transition {
  LifeState from;
  LifeEvent event;
  LifeState to;
};

using S = LifeState;
using E = LifeEvent;

// Faults and self-tests stand below: they are legal from several states.
constexpr Transition kTransitions[] = {
    {S::factory, E::initialise, S::self_test},
    {S::self_test, E::passed_factory, S::factory},
    {S::self_test, E::passed_initialising, S::initialising},
    {S::self_test, E::passed_user, S::user},
    {S::self_test, E::passed_locked, S::locked},
    {S::initialising, E::ask_parameter, S::parameter_input},
    {S::initialising, E::initialised, S::user},
    {S::initialising, E::lock, S::locked},
    {S::user, E::ask_parameter, S::parameter_input},
    {S::user, E::begin_service, S::approved_service},
    {S::user, E::lock, S::locked},
    {S::user, E::unbound, S::initialising},
    {S::approved_service, E::ask_parameter, S::parameter_input},
    {S::approved_service, E::return_initialising, S::initialising},
    {S::approved_service, E::return_user, S::user},
    {S::approved_service, E::lock, S::locked},
    {S::parameter_input, E::begin_service, S::approved_service},
    {S::parameter_input, E::return_initialising, S::initialising},
    {S::parameter_input, E::return_user, S::user},
    {S::parameter_input, E::lock, S::locked},
    {S::locked, E::rebind, S::initialising},
    {S::locked, E::unbound, S::initialising},
    {S::locked, E::unlock, S::user},
};

constexpr std::string_view kStateNames[kLifeStates] = {
    "factory",          "self_test",       "initialising", "user",
    "approved_service", "parameter_input", "locked",       "error"};
constexpr std::string_view kEventNames[kLifeEvents] = {"test",
                                                       "initialise",
                                                       "passed_factory",
                                                       "passed_initialising",
                                                       "passed_user",
                                                       "passed_locked",
                                                       "ask_parameter",
                                                       "begin_service",
                                                       "return_initialising",
                                                       "return_user",
                                                       "initialised",
                                                       "lock",
                                                       "rebind",
                                                       "unlock",
                                                       "fault",
                                                       "unbound"};

}  // namespace

std::optional<LifeState> next(LifeState state, LifeEvent event) {
  if (event == E::fault) return S::error;
  // Not while the PIN is awaited or a function runs: a test would drop both.
  if (event == E::test && state != S::self_test && state != S::approved_service &&
      state != S::parameter_input)
    return S::self_test;
  for (const Transition& one : kTransitions)
    if (one.from == state && one.event == event) return one.to;
  return std::nullopt;
}

bool gives_output(LifeState state) {
  return state != S::self_test && state != S::error;
}

bool accepts(LifeState state, CommandType command) {
  const bool at_rest = state == S::initialising || state == S::user || state == S::locked;
  switch (command) {
    case CommandType::status:
      return true;
    case CommandType::information:
      return gives_output(state);
    case CommandType::retire:  // nothing stands in the factory state
      return gives_output(state) && state != S::factory;
    case CommandType::self_test:
      return next(state, E::test).has_value();
    case CommandType::initialise:
      return state == S::factory;
    case CommandType::enrol:
      return state == S::initialising || state == S::locked;
    case CommandType::change_pin:
    case CommandType::refresh_shares:
    case CommandType::local_key:
    case CommandType::local_list:
    case CommandType::revoke_certificate:
      return state == S::user;
    case CommandType::unbind:
      return at_rest;
    case CommandType::choose_pin:
    case CommandType::confirm:
    case CommandType::cancel:
    case CommandType::leave_out:
    case CommandType::data:
      return state == S::parameter_input;
    // A terminal that lost its place asks again; what was under way is dropped.
    case CommandType::poll:
    case CommandType::collect:
      return at_rest || state == S::parameter_input || state == S::approved_service;
    case CommandType::deliver:
      return at_rest || state == S::approved_service;
  }
  return false;
}

LifeState state_at_rest(Stage stage) {
  switch (stage) {
    case Stage::empty:
      return S::factory;
    case Stage::initialised:
    case Stage::registered:
    case Stage::keyed:
      return S::initialising;
    case Stage::enrolled:
      return S::user;
    case Stage::stopped:
    case Stage::retired:
      return S::locked;
  }
  return S::error;
}

std::string_view name_of(LifeState state) {
  return kStateNames[static_cast<std::size_t>(state) - 1];
}

std::string_view name_of(LifeEvent event) {
  return kEventNames[static_cast<std::size_t>(event) - 1];
}

}  // namespace heqi::device
