// sealed_octets.h: what is signed with a seal, TBS_Sign of GB/T 38540-2020 §7 (version 4), told
// from everything else: a joint key signs for an application on the same machine nothing but this.
#pragma once
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::device {

// SealedOctets is what of it a person is shown.
struct SealedOctets {
  std::string seal_id, seal_name;
};

// read_sealed_octets fails with unsupported where octets are no TBS_Sign of version 4: the
// attributes of a signed message, a certificate request or a certificate are none. What the seal
// is worth is judged by those who verify it.
base::Result<SealedOctets> read_sealed_octets(base::ByteView octets);

}  // namespace heqi::device
