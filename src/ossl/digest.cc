#include <heqi/crypto/sm3.h>
#include <heqi/ossl/digest.h>
#include <heqi/x509/oids.h>

#include "openssl_types.h"

namespace heqi::ossl {
namespace {

const EVP_MD* hash_of(const asn1::Oid& algorithm) {
  namespace oids = x509::oids;
  if (algorithm == oids::sha256()) return EVP_sha256();
  if (algorithm == oids::sha384()) return EVP_sha384();
  if (algorithm == oids::sha512()) return EVP_sha512();
  if (algorithm == oids::sha1()) return EVP_sha1();
  return nullptr;
}

base::Bytes sm3_of(std::span<const base::ByteView> parts) {
  crypto::Sm3 hash;
  for (const base::ByteView part : parts) hash.update(part);
  return base::to_bytes(hash.finish());
}

}  // namespace

base::Result<base::Bytes> digest_parts(const asn1::Oid& algorithm,
                                       std::span<const base::ByteView> parts) {
  if (algorithm == x509::oids::sm3()) return sm3_of(parts);
  const EVP_MD* hash = hash_of(algorithm);
  if (hash == nullptr)
    return base::fail(base::Code::unsupported, "hash algorithm " + algorithm.dotted());
  const DigestContext context(EVP_MD_CTX_new());
  bool good = context && EVP_DigestInit_ex(context.get(), hash, nullptr) == 1;
  for (const base::ByteView part : parts)
    good = good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  base::Bytes out(static_cast<std::size_t>(EVP_MD_get_size(hash)));
  if (!good || EVP_DigestFinal_ex(context.get(), out.data(), nullptr) != 1)
    return openssl_failed(base::Code::internal, "hashing failed");
  return out;
}

base::Result<base::Bytes> digest(const asn1::Oid& algorithm, base::ByteView data) {
  return digest_parts(algorithm, {&data, 1});
}

}  // namespace heqi::ossl
