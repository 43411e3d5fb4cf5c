#include "base_multiples.h"
#include "machine_mulx.h"

namespace heqi::crypto::internal {

void base_multiples_mulx(Affine* out, Words* used, const Words* k, std::size_t count) {
  BaseMultiples<Mulx>::compute(out, used, k, count);
}

}  // namespace heqi::crypto::internal
