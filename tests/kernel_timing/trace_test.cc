#include <heqi/testing/expect.h>

#include <algorithm>

#include "trace.h"

namespace heqi::kernel_timing {
namespace {

using base::Bytes;

// secrets are two: all zeros, and any.
std::vector<Bytes> secrets(std::size_t size) {
  return {Bytes(size, 0), any_secret(size)};
}

// expect_same_traces steps through an operation; it must leak where it says so.
void expect_same_traces(const Operation& operation) {
  SCOPED_TRACE(operation.name);
  operation.prepare();
  std::vector<Trace> traces;
  for (const Bytes& secret : secrets(operation.secret_size)) {
    operation.run(secret);  // so that the dynamic linker has bound what it calls
    const auto trace = trace_of(operation, secret);
    ASSERT_OK(trace);
    EXPECT_GT(trace->instructions, 20u);
    traces.push_back(*trace);
    std::printf("%s: %llu instructions\n", std::string(operation.name).c_str(),
                static_cast<unsigned long long>(trace->instructions));
  }
  const bool same = std::all_of(traces.begin(), traces.end(),
                                [&](const Trace& trace) { return trace == traces[0]; });
  EXPECT_NE(same, operation.is_leak);
}

#ifndef HEQI_LONG_OPERATIONS
TEST(InstructionTrace, IsTheSameForEverySecretAndOtherWhereAnOperationLeaks) {
  for (const Operation& operation : operations())
    if (!operation.is_long) expect_same_traces(operation);
}
#else
TEST(LongInstructionTrace, IsTheSameForEverySecret) {
  for (const Operation& operation : operations())
    if (operation.is_long) expect_same_traces(operation);
}
#endif

}  // namespace
}  // namespace heqi::kernel_timing
