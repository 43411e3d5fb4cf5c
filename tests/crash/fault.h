// fault.h: a fault in one program of a world, and what every crash test does around it.
#pragma once
#include <functional>

#include "world.h"

namespace heqi::faults {

enum class Program { server, module, device };
const char* name_of(Program program);

// with_fault starts a program of a world with HEQI_FAULT: "kill:N", "eio:N", "count:FILE".
WorldOptions with_fault(Program program, const std::string& fault);

// first_started is a platform that nobody uses yet, enrolled one with two persons whose devices
// have certificates. Both are made anew now and then: the session of their administrator ends.
Template& first_started();
Template& enrolled();

// sign_contract has both persons sign a new contract, and closes the world.
base::Status sign_contract(World& world);

// calls_of is the number of write-type calls of a program up to the end of act, without a fault.
std::uint64_t calls_of(Program program, Template& origin,
                       const std::function<base::Status(World&)>& act);

// at_every_call has `play` play a death of the program at each write-type call of an act on a copy
// of origin(), and then an error of its disk at each. play gives how many programs died, −1 to
// stop.
void at_every_call(Program program, Template& (*origin)(),
                   const std::function<base::Status(World&)>& act,
                   const std::function<int(const std::string& fault)>& play);

// number_from is what the environment says, else 1. Which calls a long run plays: HEQI_CRASH_FROM
// and every HEQI_CRASH_STEP-th after it, so that several runs can share the work.
std::uint64_t number_from(const char* variable);

}  // namespace heqi::faults
