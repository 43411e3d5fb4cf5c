// sql/fault_plan.h: what the crash shim does at which call. Only with HEQI_FAULT_HOOKS.
#pragma once
#ifdef HEQI_FAULT_HOOKS
#include <functional>

#include <heqi/sql/faults.h>

namespace heqi::sql::faults {

enum class Verdict { go_on, fail };

// enter counts one write-type call and says whether it may happen; it does not return where the
// plan is death. tear does the half of the call that a torn write would leave; may be empty.
Verdict enter(const std::function<void()>& tear = {});

}  // namespace heqi::sql::faults
#endif
