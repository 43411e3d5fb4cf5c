#include "openssl_types.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

namespace heqi::ossl {

base::Error openssl_failed(base::Code code, std::string what) {
  const unsigned long error = ERR_get_error();
  if (const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error))
    what += std::string(": ") + reason;
  ERR_clear_error();
  return base::fail(code, std::move(what));
}

base::Status start(EVP_MD_CTX* context, Init init, EVP_PKEY* key, const HashAndPadding& how) {
  EVP_PKEY_CTX* parameters = nullptr;
  if (context == nullptr || init(context, &parameters, how.hash, nullptr, key) != 1)
    return openssl_failed(base::Code::malformed, "OpenSSL refuses this key with this hash");
  if (!how.is_pss) return {};
  if (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, how.mask_hash) != 1 ||
      EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, how.salt_size) != 1)
    return openssl_failed(base::Code::malformed, "OpenSSL refuses the PSS parameters");
  return {};
}

int curve_of(const EVP_PKEY* key) {
  char name[64];
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) {
    ERR_clear_error();
    return NID_undef;
  }
  return OBJ_txt2nid(name);
}

}  // namespace heqi::ossl
