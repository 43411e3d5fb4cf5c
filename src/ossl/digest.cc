#include <heqi/crypto/sm3.h>
#include <heqi/ossl/digest.h>
#include <heqi/x509/oids.h>

#include "openssl_types.h"

namespace heqi::ossl {

base::Result<base::Bytes> digest(const asn1::Oid& algorithm, base::ByteView data) {
  namespace oids = x509::oids;
  if (algorithm == oids::sm3()) return base::to_bytes(crypto::sm3(data));
  const EVP_MD* hash = algorithm == oids::sha256()   ? EVP_sha256()
                       : algorithm == oids::sha384() ? EVP_sha384()
                       : algorithm == oids::sha512() ? EVP_sha512()
                       : algorithm == oids::sha1()   ? EVP_sha1()
                                                     : nullptr;
  if (hash == nullptr)
    return base::fail(base::Code::unsupported, "hash algorithm " + algorithm.dotted());
  base::Bytes out(static_cast<std::size_t>(EVP_MD_get_size(hash)));
  unsigned size = 0;
  if (EVP_Digest(data.data(), data.size(), out.data(), &size, hash, nullptr) != 1)
    return openssl_failed(base::Code::internal, "hashing failed");
  return out;
}

}  // namespace heqi::ossl
