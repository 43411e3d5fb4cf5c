#include "base_multiples.h"
#include "machine_portable.h"

namespace heqi::crypto::internal {

void base_multiples_portable(Affine* out, Words* used, const Words* k, std::size_t count) {
  BaseMultiples<Portable>::compute(out, used, k, count);
}

}  // namespace heqi::crypto::internal
