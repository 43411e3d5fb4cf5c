// Owners of OpenSSL objects, and what its errors become. Private to this layer.
#pragma once
#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>

#include <heqi/base/result.h>

namespace heqi::ossl {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Pkey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

// openssl_failed empties OpenSSL's queue of errors of this thread and names the oldest.
base::Error openssl_failed(base::Code code, std::string what);

// HashAndPadding is what EVP needs to know besides the key.
struct HashAndPadding {
  const EVP_MD* hash = nullptr;
  bool is_pss = false;
  const EVP_MD* mask_hash = nullptr;  // of PSS
  int salt_size = 0;                  // of PSS, octets
};

// start readies context for signing or verifying: init is EVP_DigestSignInit or
// EVP_DigestVerifyInit.
using Init = int (*)(EVP_MD_CTX*, EVP_PKEY_CTX**, const EVP_MD*, ENGINE*, EVP_PKEY*);
base::Status start(EVP_MD_CTX* context, Init init, EVP_PKEY* key, const HashAndPadding& how);

// curve_of is the NID of key's named curve, NID_undef where it has none.
int curve_of(const EVP_PKEY* key);

}  // namespace heqi::ossl
