// curve_mulx.cc: the curve's operations with mulx, adcx and adox.
#include "curve_operations.h"
#include "machine_mulx.h"
#include "montgomery_mulx.h"

namespace heqi::crypto::internal {
namespace {

Words order_product(const Words& a, const Words& b) {
  static constexpr Words kModulus = kOrder;
  static constexpr std::uint64_t kInverse = montgomery_inverse(kOrder);
  return mulx::montgomery_multiply(a, b, kModulus, kInverse);
}

bool has_mulx(const Processor& processor) {
  return processor.bmi2_adx && processor.avx2;
}

}  // namespace

const CurveKernel kMulxCurve = CurveOperations<Mulx>::kernel("mulx", has_mulx, order_product);

}  // namespace heqi::crypto::internal
