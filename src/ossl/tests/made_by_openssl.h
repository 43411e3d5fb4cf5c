// Keys that libcrypto makes for the tests of this layer.
#pragma once
#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <heqi/base/bytes.h>

namespace heqi::ossl {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using TestKey = std::unique_ptr<EVP_PKEY, FreeKey>;

inline std::string pem_of(const TestKey& key) {
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(out);
  return pem;
}

inline base::Bytes public_der_of(const TestKey& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  base::Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

inline TestKey rsa_key(unsigned bits) {
  return TestKey(EVP_RSA_gen(bits));
}
inline TestKey curve_key(const char* curve) {
  return TestKey(EVP_EC_gen(curve));
}

}  // namespace heqi::ossl
