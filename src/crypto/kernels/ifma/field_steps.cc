// field_steps.cc: the field's single steps, where tests can reach them.
#include "../../lane_kernel.h"
#include "inversion.h"

namespace heqi::crypto::internal::ifma {
namespace {

Number load(const LaneNumbers& a) {
  Number out;
  for (int i = 0; i < kLimbs; ++i) out.limb[i] = _mm512_load_si512(a.limb[i]);
  return out;
}
void store(const Number& a, LaneNumbers& out) {
  for (int i = 0; i < kLimbs; ++i) _mm512_store_si512(out.limb[i], a.limb[i]);
}

}  // namespace

void field_multiply(const LaneNumbers& a, const LaneNumbers& b, LaneNumbers& out) {
  store(load(a) * load(b), out);
}
void field_square(const LaneNumbers& a, LaneNumbers& out) {
  store(squared(load(a)), out);
}
void field_invert(const LaneNumbers& a, LaneNumbers& out) {
  store(inverted(load(a)), out);
}

}  // namespace heqi::crypto::internal::ifma
