// curve_portable.cc: the curve's operations in C++ alone, and the choice among the kernels.
#include "curve_operations.h"
#include "machine_portable.h"

namespace heqi::crypto::internal {
namespace {

bool everywhere(const Processor&) {
  return true;
}

}  // namespace

const CurveKernel kPortableCurve =
    CurveOperations<Portable>::kernel("portable", everywhere, order_multiply);

Choice<CurveKernel>& curve_choice() {
  static constexpr const CurveKernel* kKernels[] = {
#if defined(__x86_64__)
    &kMulxCurve,
#endif
    &kPortableCurve
  };
  static Choice<CurveKernel> choice("sm2", kKernels);
  return choice;
}

}  // namespace heqi::crypto::internal
