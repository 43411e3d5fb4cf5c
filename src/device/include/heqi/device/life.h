// heqi/device/life.h: the finite state model of the module's terminal half (T/ZSA 67.3 §17.3):
// eight states, and the events that lead from one to another in one table. No I/O: Module
// (module.h) drives it.
#pragma once
#include <array>
#include <optional>
#include <string_view>

#include <heqi/device/commands.h>

namespace heqi::device {

enum class LifeState : std::uint8_t {
  factory = 1,           // a) installed, never initialised
  self_test = 2,         // b) tests run, nothing else does
  initialising = 3,      // c) between the first run and the certificate
  user = 4,              // d) approved services may be asked for
  approved_service = 5,  // e) one of them runs
  parameter_input = 6,   // f) the PIN is awaited
  locked = 7,            // g) until another binding, or an unlock with a proof of identity
  error = 8,             // h) no output, until the self-tests pass
};
inline constexpr std::size_t kLifeStates = 8;

enum class LifeEvent : std::uint8_t {
  test = 1,                 // self-tests begin
  initialise = 2,           // the first run begins, with the self-tests
  passed_factory = 3,       // the tests passed and nothing was ever made here
  passed_initialising = 4,  // … and the first run has begun
  passed_user = 5,          // … and the key has its certificate
  passed_locked = 6,        // … and the key is locked
  ask_parameter = 7,        // the PIN is asked for
  begin_service = 8,        // a cryptographic function begins
  return_initialising = 9,  // it ended, or the PIN is there, before the first run is complete
  return_user = 10,         // it ended, or was cancelled
  initialised = 11,         // the first run is complete
  lock = 12,                // too many wrong PINs, a revoked share, a server that cheated
  rebind = 13,              // another binding begins
  unlock = 14,              // an administrator released the lock after a proof of identity
  fault = 15,               // a test failed, or an own computation
  unbound = 16,             // the user was unbound, here and at the key centre
};
inline constexpr std::size_t kLifeEvents = 16;

// next is the state that event leads to from state; nothing where the event is illegal there.
std::optional<LifeState> next(LifeState state, LifeEvent event);
// gives_output is false in the states that give out nothing but their status (§9, GM/T 0028 7.3).
bool gives_output(LifeState state);
// accepts tells whether a command may begin in a state.
bool accepts(LifeState state, CommandType command);
// state_at_rest is where a device of this stage stands between two operations.
LifeState state_at_rest(Stage stage);

// name_of gives the name that logs and the status use: "approved_service".
std::string_view name_of(LifeState state);
std::string_view name_of(LifeEvent event);

}  // namespace heqi::device
