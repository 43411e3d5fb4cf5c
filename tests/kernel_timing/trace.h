// trace.h: the instructions that a function runs, one by one, in a child process under ptrace.
#pragma once
#include <heqi/base/result.h>

#include "operations.h"

namespace heqi::kernel_timing {

// Trace is how many instructions ran and a hash over their addresses in order.
struct Trace {
  std::uint64_t instructions = 0, hash = 0;
  friend bool operator==(const Trace&, const Trace&) = default;
};

// trace_of runs operation with secret. The operation must be prepared, so that nothing is made at
// its first use.
base::Result<Trace> trace_of(const Operation& operation, base::ByteView secret);

}  // namespace heqi::kernel_timing
