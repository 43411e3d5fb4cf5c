// heqi/base/confinement.h: takes from a process the system calls that it never needs (seccomp), so
// that code which somebody got into it can neither start a program nor leave the host.
#pragma once
#include <heqi/base/log.h>
#include <heqi/base/result.h>

namespace heqi::base {

// Network says whether the process connects to other hosts. Unix sockets are always allowed.
enum class Network { none, allowed };

// confine_process refuses with EPERM, from now on and for threads to come: new processes and
// programs, tracing and reading other processes, mounts, namespaces, modules, keys, eBPF, other
// users' ids, and with Network::none every socket but Unix ones. Called after harden_process and
// before the first thread. A kernel without seccomp is a warning in log
// ("process.not_confined"). Does nothing under a sanitizer, whose run-time starts processes.
Status confine_process(Network network, Log& log);

}  // namespace heqi::base
