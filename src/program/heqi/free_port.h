// free_port.h: where a platform that is started beside others can listen.
#pragma once
#include <cstdint>

#include <heqi/base/result.h>

namespace heqi::program {

// free_port is a TCP port on which nobody listens, each time another one. It lies below those that
// a system gives to outgoing connections, so that none of these takes it before somebody listens.
// Fails with unavailable.
base::Result<std::uint16_t> free_port();

}  // namespace heqi::program
