#include "field.h"

#include "inversion.h"

namespace heqi::crypto::internal {

Field inverse(const Field& a) {
  constexpr InversionModulus modulus = inversion_modulus(kPrime);
  constexpr Field radix_cubed{to_montgomery(kPrimeRadixSquared, kPrime)};
  // (a·2^256)⁻¹ times 2^768, once reduced, is a⁻¹·2^256.
  return Field{invert(a.words, modulus)} * radix_cubed;
}

Field square_root(const Field& a) {
  // (p + 1) / 4, since p = 3 modulo 4.
  constexpr Words exponent = {0x4000000000000000, 0xFFFFFFFFC0000000, 0xFFFFFFFFFFFFFFFF,
                              0x3FFFFFFFBFFFFFFF};
  return power(a, exponent, Field::one());
}

}  // namespace heqi::crypto::internal
