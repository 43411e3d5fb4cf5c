// fork_count.h: whether this process is a copy of the one that did something before.
#pragma once
#include <cstdint>

namespace heqi::crypto::internal {

// fork_count differs before and after a fork, in the child. Without a system call, where the system
// has memory that a child finds empty; else it is the number of the process. Thread-safe.
std::uint64_t fork_count();

}  // namespace heqi::crypto::internal
