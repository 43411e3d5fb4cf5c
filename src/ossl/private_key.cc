#include "private_key.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <heqi/ossl/signature_verifier.h>

namespace heqi::ossl {
namespace {

constexpr std::size_t kPemSizeMax = 65'536;

int refuse_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

base::Result<Pkey> read_private_key(base::ByteView pem) {
  if (pem.size() > kPemSizeMax)
    return base::fail(base::Code::limit_exceeded, "private key of more than 65536 octets");
  const Bio input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Pkey key(PEM_read_bio_PrivateKey(input.get(), nullptr, refuse_passphrase, nullptr));
  if (!key) return openssl_failed(base::Code::malformed, "the private key cannot be read");
  return key;
}

base::Result<base::Bytes> write_public_key(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return openssl_failed(base::Code::internal, "the public key cannot be written");
  base::Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

base::Status check_rsa_size(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits >= kRsaBitsMin && bits <= kRsaBitsMax) return {};
  return base::fail(base::Code::unsupported, "RSA key of " + std::to_string(bits) + " bits");
}

}  // namespace heqi::ossl
