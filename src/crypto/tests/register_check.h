// register_check.h: whether a kernel follows the calling convention of x86-64 (System V ABI
// §3.2.1).
#pragma once
#include <cstdint>

namespace heqi::crypto::testing_oracle {

#if defined(__x86_64__)
// keeps_registers calls call(context) with patterns in the registers that the ABI lets a caller
// keep, and asks whether they and the direction flag came back.
inline bool keeps_registers(void (*call)(void*), void* context) {
  std::uint64_t wrong = 0;
  __asm__ volatile(
      "leaq -128(%%rsp), %%rsp\n\t"  // the red zone
      "pushq %%rbx\n\tpushq %%rbp\n\tpushq %%r12\n\tpushq %%r13\n\tpushq %%r14\n\tpushq %%r15\n\t"
      "movq %%rsp, %%r15\n\t"
      "andq $-64, %%rsp\n\t"
      "pushq %%r15\n\tpushq %%r15\n\t"
      "movabsq $0x1111111111111111, %%rbx\n\tmovabsq $0x2222222222222222, %%rbp\n\t"
      "movabsq $0x3333333333333333, %%r12\n\tmovabsq $0x4444444444444444, %%r13\n\t"
      "movabsq $0x5555555555555555, %%r14\n\tmovq %%rsp, %%r15\n\t"
      "callq *%%rax\n\t"
      "cmpq %%rsp, %%r15\n\tsetne %%cl\n\tmovzbl %%cl, %%eax\n\t"
      "movabsq $0x1111111111111111, %%rdx\n\txorq %%rdx, %%rbx\n\torq %%rbx, %%rax\n\t"
      "movabsq $0x2222222222222222, %%rdx\n\txorq %%rdx, %%rbp\n\torq %%rbp, %%rax\n\t"
      "movabsq $0x3333333333333333, %%rdx\n\txorq %%rdx, %%r12\n\torq %%r12, %%rax\n\t"
      "movabsq $0x4444444444444444, %%rdx\n\txorq %%rdx, %%r13\n\torq %%r13, %%rax\n\t"
      "movabsq $0x5555555555555555, %%rdx\n\txorq %%rdx, %%r14\n\torq %%r14, %%rax\n\t"
      "pushfq\n\tpopq %%rdx\n\tandq $0x400, %%rdx\n\torq %%rdx, %%rax\n\t"
      "popq %%r15\n\tmovq %%r15, %%rsp\n\t"
      "popq %%r15\n\tpopq %%r14\n\tpopq %%r13\n\tpopq %%r12\n\tpopq %%rbp\n\tpopq %%rbx\n\t"
      "leaq 128(%%rsp), %%rsp\n\t"
      : "=a"(wrong), "+D"(context)
      : "a"(call)
      : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc", "xmm0", "xmm1", "xmm2",
        "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
        "xmm14", "xmm15");
  return wrong == 0;
}
#endif

}  // namespace heqi::crypto::testing_oracle
