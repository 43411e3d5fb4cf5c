// heqi/crypto/sm4_xts.h: SM4 in XTS mode for stored data, with the tweaks of GB/T 17964-2021 or of
// IEEE 1619. XTS keeps data secret; it does not tell whether they were changed.
#pragma once
#include <memory>

#include <heqi/crypto/sm4.h>

namespace heqi::crypto {

// XtsStandard says how the tweak is multiplied by α: the two standards number the bits of a byte
// from opposite ends, so that all but the first block of each data unit differ.
enum class XtsStandard { gb_t_17964, ieee_1619 };

// kXtsMax is the largest data unit: 2^20 blocks (IEEE 1619 §5.1, SP 800-38E).
inline constexpr std::size_t kXtsMax = std::size_t(16) << 20;

class Sm4Xts {
 public:
  // make fails with malformed where the two keys are equal (IEEE 1619 and FIPS 140-3 IG C.I ask for
  // that; GB/T 17964 does not say it, and nobody is served by such keys).
  static base::Result<std::unique_ptr<Sm4Xts>> make(const Sm4Key& data_key, const Sm4Key& tweak_key,
                                                    XtsStandard standard);

  // encrypt and decrypt take one data unit of 16 bytes to kXtsMax, whole blocks or not; tweak is
  // its number as the standard writes it, in 16 bytes. in and out have the same size (checked) and
  // are the same memory, or do not meet. Fails with malformed or limit_exceeded for other sizes.
  base::Status encrypt(const Sm4Block& tweak, base::ByteView in, base::MutableByteView out) const;
  base::Status decrypt(const Sm4Block& tweak, base::ByteView in, base::MutableByteView out) const;

 private:
  Sm4Xts(const Sm4Key& data_key, const Sm4Key& tweak_key, XtsStandard standard)
      : data_(data_key), tweak_(tweak_key), standard_(standard) {}

  struct Unit;

  Sm4 data_, tweak_;
  XtsStandard standard_;
};

}  // namespace heqi::crypto
