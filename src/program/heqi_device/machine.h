// machine.h: what this host tells of itself, for keys that are bound to it.
#pragma once
#include <heqi/device/msd.h>

namespace heqi {

// describe_machine asks anew at each call: kind and number of processors; kernel, architecture and
// the installation's id. Updates of the system change none of them.
device::Machine describe_machine();

}  // namespace heqi
