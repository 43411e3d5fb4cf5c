// path_portable.h: the arithmetic of Fp that runs on every processor. A path is a type with add,
// subtract and multiply (Montgomery's product); what is below 2^256 goes in, what is below p comes
// out where b is below p. Constant time.
#pragma once
#include "montgomery.h"
#include "parameters.h"

namespace heqi::crypto::sm9::internal {

struct Portable {
  static Words add(const Words& a, const Words& b) {
    return crypto::internal::add_modulo(a, b, kPrime);
  }
  static Words subtract(const Words& a, const Words& b) {
    return crypto::internal::subtract_modulo(a, b, kPrime);
  }
  static Words multiply(const Words& a, const Words& b) {
    return montgomery_multiply<PrimeModulus>(a, b);
  }
};

}  // namespace heqi::crypto::sm9::internal
