#include "field.h"

namespace heqi::crypto::internal {

Field inverse(const Field& a) {
  constexpr Words exponent = {kPrime[0] - 2, kPrime[1], kPrime[2], kPrime[3]};
  return power(a, exponent, Field::one());
}

Field square_root(const Field& a) {
  // (p + 1) / 4, since p = 3 modulo 4.
  constexpr Words exponent = {0x4000000000000000, 0xFFFFFFFFC0000000, 0xFFFFFFFFFFFFFFFF,
                              0x3FFFFFFFBFFFFFFF};
  return power(a, exponent, Field::one());
}

}  // namespace heqi::crypto::internal
