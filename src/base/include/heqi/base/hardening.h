// heqi/base/hardening.h: keeps the secrets of a process inside it.
#pragma once
#include <heqi/base/log.h>
#include <heqi/base/result.h>

namespace heqi::base {

// harden_process keeps this process out of swap, core files and debuggers, and takes from it the
// right to gain rights. Called once, before the first secret. What the host does not allow is a
// warning in log
// ("process.memory_not_locked"); fails with internal where core files cannot be switched off.
Status harden_process(Log& log);

}  // namespace heqi::base
