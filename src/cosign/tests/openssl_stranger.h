// openssl_stranger.h: OpenSSL's opinion, for tests only.
#pragma once
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>

#include <heqi/asn1/writer.h>
#include <heqi/crypto/sm2.h>

namespace heqi::testing {

// openssl_verifies asks OpenSSL whether signature is the SM2 signature over message under key for
// the default signer.
inline bool openssl_verifies(const crypto::PublicKey& key, base::ByteView message,
                             const crypto::Signature& signature) {
  const auto point = key.encode();
  char group[] = "SM2";
  OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                        const_cast<std::uint8_t*>(point.data()), point.size()),
      OSSL_PARAM_construct_end()};
  std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> import(
      EVP_PKEY_CTX_new_from_name(nullptr, "SM2", nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* raw = nullptr;
  if (EVP_PKEY_fromdata_init(import.get()) != 1 ||
      EVP_PKEY_fromdata(import.get(), &raw, EVP_PKEY_PUBLIC_KEY, params) != 1)
    return false;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> owned(raw, &EVP_PKEY_free);

  asn1::Writer der;
  der.sequence([&](asn1::Writer& w) {
    w.unsigned_integer(signature.r.encode()).unsigned_integer(signature.s.encode());
  });
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free);
  EVP_PKEY_CTX* key_context = nullptr;
  if (EVP_DigestVerifyInit_ex(context.get(), &key_context, "SM3", nullptr, nullptr, raw, nullptr) !=
      1)
    return false;
  const auto id = crypto::kDefaultSignerId;
  if (EVP_PKEY_CTX_set1_id(key_context, id.data(), static_cast<int>(id.size())) != 1) return false;
  return EVP_DigestVerify(context.get(), der.bytes().data(), der.bytes().size(), message.data(),
                          message.size()) == 1;
}

}  // namespace heqi::testing
