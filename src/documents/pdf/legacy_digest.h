// legacy_digest.h: the hashes that opening an encrypted PDF needs (RFC 1321; FIPS 180-4). They
// derive keys that everybody can derive, from an empty password: nothing secret is in them, and
// nothing of them reaches a signature. Private to the reader.
#pragma once
#include <heqi/base/bytes.h>

namespace heqi::documents::pdf {

base::Bytes md5(base::ByteView data);
base::Bytes sha256(base::ByteView data);
base::Bytes sha384(base::ByteView data);
base::Bytes sha512(base::ByteView data);

}  // namespace heqi::documents::pdf
