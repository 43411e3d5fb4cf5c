// ofdrw_peer.h: ofdrw with BouncyCastle, in its own process on the same core. Its jars come from
// Maven with ./dev interop.
#pragma once
#include <heqi/base/bytes.h>

namespace heqi::bench {

// ofdrw_verifications_per_second verifies file after 10 warm-ups; 0 where ofdrw or java is not
// there (said on standard error).
double ofdrw_verifications_per_second(base::ByteView file);

}  // namespace heqi::bench
