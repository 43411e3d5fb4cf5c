#include "field.h"

#include <vector>

#include <heqi/base/secret.h>

#include "inversion.h"

namespace heqi::crypto::internal {

Field inverse(const Field& a) {
  constexpr InversionModulus modulus = inversion_modulus(kPrime);
  constexpr Field radix_cubed{to_montgomery(kPrimeRadixSquared, kPrime)};
  // (a·2^256)⁻¹ times 2^768, once reduced, is a⁻¹·2^256.
  return Field{invert(a.words, modulus)} * radix_cubed;
}

void invert_all(std::span<Field> elements) {
  // products[i] is the product of all elements before i, where zeros count as one.
  std::vector<Field> products(elements.size());
  Field product = Field::one();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    products[i] = product;
    product = product * select(is_zero(elements[i]), Field::one(), elements[i]);
  }
  Field inverted = inverse(product);
  for (std::size_t i = elements.size(); i-- > 0;) {
    const base::ct::Mask zero = is_zero(elements[i]);
    const Field value = select(zero, Field::one(), elements[i]);
    elements[i] = select(zero, Field{}, inverted * products[i]);
    inverted = inverted * value;
  }
  base::secure_wipe(products.data(), products.size() * sizeof(Field));
}

Field square_root(const Field& a) {
  // (p + 1) / 4, since p = 3 modulo 4.
  constexpr Words exponent = {0x4000000000000000, 0xFFFFFFFFC0000000, 0xFFFFFFFFFFFFFFFF,
                              0x3FFFFFFFBFFFFFFF};
  return power(a, exponent, Field::one());
}

}  // namespace heqi::crypto::internal
