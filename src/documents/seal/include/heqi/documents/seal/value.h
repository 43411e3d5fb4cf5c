// heqi/documents/seal/value.h: the dialects of SM2 signature values.
#pragma once
#include <heqi/base/result.h>
#include <heqi/documents/seal/deviation.h>

namespace heqi::documents::seal {

struct SignatureValue {
  base::Bytes der;  // SM2Signature (GB/T 35276 §7.3)
  Deviations deviations;
};

// read_sm2_value takes DER; r and s side by side, 32 octets each; and DER whose integers are padded
// with zeros or lack the zero before a high bit. Fails with invalid_signature for all else.
base::Result<SignatureValue> read_sm2_value(base::ByteView octets);

}  // namespace heqi::documents::seal
