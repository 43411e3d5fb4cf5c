// publish.h: what ends being a secret because the protocol sends it.
#pragma once
#include <heqi/base/constant_time.h>
#include <heqi/crypto/curve.h>

namespace heqi::cosign {

inline void declassify(const crypto::Scalar& scalar) {
  base::ct::declassify(
      {reinterpret_cast<const std::uint8_t*>(scalar.words().data()), crypto::kScalarSize});
}

}  // namespace heqi::cosign
