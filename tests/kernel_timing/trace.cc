#include "trace.h"

#include <csignal>

#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

namespace heqi::kernel_timing {
namespace {

// end_of_trace is the address at which the parent stops to look.
__attribute__((noinline)) void end_of_trace() {
  __asm__ volatile("");
}

[[noreturn]] void run_traced(const Operation& operation, base::ByteView secret) {
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(2);
  (void)std::raise(SIGSTOP);
  operation.run(secret);
  end_of_trace();
  _exit(0);
}

base::Error failed(const char* what) {
  return base::fail(base::Code::internal, std::string("trace: ") + what);
}

// follow steps the stopped child until it reaches end_of_trace.
base::Result<Trace> follow(pid_t child) {
  const auto end = reinterpret_cast<std::uint64_t>(&end_of_trace);
  Trace trace{0, 0xCBF29CE484222325};
  for (;;) {
    user_regs_struct registers{};
    if (ptrace(PTRACE_GETREGS, child, nullptr, &registers) != 0) return failed("no registers");
    if (registers.rip == end) return trace;
    trace.hash = (trace.hash ^ registers.rip) * 0x100000001B3;
    ++trace.instructions;
    int status = 0;
    if (ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) != 0) return failed("no step");
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return failed("child ended");
    if (WSTOPSIG(status) != SIGTRAP) return failed("another signal");
  }
}

}  // namespace

base::Result<Trace> trace_of(const Operation& operation, base::ByteView secret) {
  const pid_t child = fork();
  if (child < 0) return failed("no child process");
  if (child == 0) run_traced(operation, secret);
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP)
    return failed("the child may not be traced");
  auto trace = follow(child);
  (void)kill(child, SIGKILL);
  (void)waitpid(child, &status, 0);
  return trace;
}

}  // namespace heqi::kernel_timing
