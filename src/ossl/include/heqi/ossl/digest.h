// heqi/ossl/digest.h: the hashes that SM3 shares the world with.
#pragma once
#include <heqi/asn1/oid.h>
#include <heqi/base/result.h>

namespace heqi::ossl {

// digest computes the hash that algorithm names: SM3 by own code, SHA-256, SHA-384, SHA-512, and
// SHA-1 (for OCSP CertIDs and for reading old documents; never for a new signature). Fails with
// unsupported.
base::Result<base::Bytes> digest(const asn1::Oid& algorithm, base::ByteView data);

// digest_parts is digest over the parts one after the other.
base::Result<base::Bytes> digest_parts(const asn1::Oid& algorithm,
                                       std::span<const base::ByteView> parts);

}  // namespace heqi::ossl
