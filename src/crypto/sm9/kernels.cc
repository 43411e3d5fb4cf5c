#include "kernel.h"
#include "path_portable.h"
#include "registry.h"

namespace heqi::crypto::sm9::internal {

#if defined(__x86_64__)
extern const Kernel kMulxKernel;
#endif

namespace {

constexpr Kernel kPortableKernel =
    kernel_of<Portable>("portable", [](const Processor&) { return true; });
constexpr std::array kAll = {
#if defined(__x86_64__)
    &kMulxKernel,
#endif
    &kPortableKernel};

}  // namespace

crypto::internal::Choice<Kernel>& kernels() {
  static crypto::internal::Choice<Kernel> choice("sm9", kAll);
  return choice;
}

crypto::internal::ChoiceEntry choice_entry() {
  return crypto::internal::entry_of<kernels>();
}

}  // namespace heqi::crypto::sm9::internal
