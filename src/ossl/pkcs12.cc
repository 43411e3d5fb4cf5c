#include <heqi/ossl/pkcs12.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "openssl_types.h"

namespace heqi::ossl {
namespace {

using base::Code;
using base::Result;

using Pfx = std::unique_ptr<PKCS12, Deleter<PKCS12_free>>;
using Leaf = std::unique_ptr<X509, Deleter<X509_free>>;
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

Result<x509::Certificate> certificate_of(const X509* leaf) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(leaf, &der);
  if (size <= 0) return openssl_failed(Code::malformed, "a certificate cannot be written");
  auto parsed = x509::parse_certificate(base::ByteView(der, static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  return parsed;
}

Result<base::SecretBytes> pem_of(const EVP_PKEY* key) {
  const Bio output(BIO_new(BIO_s_secmem()));
  if (!output ||
      PEM_write_bio_PKCS8PrivateKey(output.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return openssl_failed(Code::unsupported, "the key cannot be taken out");
  char* text = nullptr;
  const long size = BIO_get_mem_data(output.get(), &text);
  if (size <= 0) return openssl_failed(Code::internal, "the key cannot be written");
  const auto octets = static_cast<std::size_t>(size);
  base::SecretBytes out =
      base::SecretBytes::copy_of(base::bytes_of(std::string_view(text, octets)));
  OPENSSL_cleanse(text, octets);
  return out;
}

// terminated is the password as OpenSSL takes it.
base::SecretBytes terminated(const base::SecretBytes& password) {
  base::SecretBytes out(password.size() + 1);
  std::copy(password.expose().begin(), password.expose().end(), out.expose_mutable().begin());
  return out;
}

}  // namespace

Result<KeyWithCertificates> parse_pkcs12(base::ByteView der, const base::SecretBytes& password) {
  if (der.size() > kPkcs12SizeMax)
    return base::fail(Code::limit_exceeded, "a PKCS#12 file of more than 1 MiB");
  const unsigned char* at = der.data();
  const Pfx pfx(d2i_PKCS12(nullptr, &at, static_cast<long>(der.size())));
  if (!pfx || at != der.data() + der.size())
    return openssl_failed(Code::malformed, "no PKCS#12 file");
  const base::SecretBytes text = terminated(password);
  const char* word = reinterpret_cast<const char*>(text.expose().data());
  if (PKCS12_verify_mac(pfx.get(), word, static_cast<int>(password.size())) != 1) {
    ERR_clear_error();
    return base::fail(Code::denied, "the password of the PKCS#12 file is wrong");
  }
  EVP_PKEY* key = nullptr;
  X509* leaf = nullptr;
  STACK_OF(X509)* others = nullptr;
  if (PKCS12_parse(pfx.get(), word, &key, &leaf, &others) != 1)
    return openssl_failed(Code::unsupported, "the PKCS#12 file cannot be opened");
  const Pkey own_key(key);
  const Leaf own_leaf(leaf);
  const Stack own_others(others);
  if (!key || !leaf)
    return base::fail(Code::unsupported, "the PKCS#12 file has no key with its certificate");
  KeyWithCertificates out;
  HEQI_TRY(out.key_pem, pem_of(key));
  HEQI_TRY(out.certificate, certificate_of(leaf));
  for (int i = 0; i < sk_X509_num(others); ++i) {
    HEQI_TRY(x509::Certificate one, certificate_of(sk_X509_value(others, i)));
    out.others.push_back(std::move(one));
  }
  return out;
}

}  // namespace heqi::ossl
