// A provider would be OpenSSL's newer way to say the same in three times as many lines
// (docs/adr/0020).
#define OPENSSL_SUPPRESS_DEPRECATED
#include "public_half.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>

namespace heqi::http {
namespace {

using base::ByteView;
using base::Code;
using base::fail;
using base::Result;
using base::TlsKey;
using base::TlsSignature;

using EcKey = std::unique_ptr<EC_KEY, decltype(&EC_KEY_free)>;
using RsaKey = std::unique_ptr<RSA, decltype(&RSA_free)>;

int place_in_curve_keys() {
  static const int place = EC_KEY_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return place;
}
int place_in_rsa_keys() {
  static const int place = RSA_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return place;
}

// signature_into asks owner; the size of what it wrote, 0 where there is none.
std::size_t signature_into(void* owner, TlsSignature form, ByteView content,
                           std::span<unsigned char> out) {
  if (owner == nullptr) return 0;
  const auto made = static_cast<TlsKey*>(owner)->sign(form, content);
  if (!made || made->empty() || made->size() > out.size()) {
    ERR_raise_data(ERR_LIB_USER, ERR_R_OPERATION_FAIL, "the key of the server does not sign");
    return 0;
  }
  std::copy(made->begin(), made->end(), out.begin());
  return made->size();
}

int sign_with_curve(int, const unsigned char* digest, int size, unsigned char* out,
                    unsigned int* out_size, const BIGNUM*, const BIGNUM*, EC_KEY* key) {
  const std::span room(out, static_cast<std::size_t>(ECDSA_size(key)));
  const std::size_t made =
      signature_into(EC_KEY_get_ex_data(key, place_in_curve_keys()), TlsSignature::ecdsa,
                     ByteView(digest, static_cast<std::size_t>(size)), room);
  *out_size = static_cast<unsigned int>(made);
  return made == 0 ? 0 : 1;
}

std::size_t sign_with_rsa(const RSA* key, TlsSignature form, ByteView content, unsigned char* out) {
  return signature_into(RSA_get_ex_data(key, place_in_rsa_keys()), form, content,
                        std::span(out, static_cast<std::size_t>(RSA_size(key))));
}

int sign_digest_with_rsa(int, const unsigned char* digest, unsigned int size, unsigned char* out,
                         unsigned int* out_size, const RSA* key) {
  const std::size_t made = sign_with_rsa(key, TlsSignature::rsa_pkcs1, ByteView(digest, size), out);
  *out_size = static_cast<unsigned int>(made);
  return made == 0 ? 0 : 1;
}

// sign_block_with_rsa is given what OpenSSL has padded for RSASSA-PSS.
int sign_block_with_rsa(int size, const unsigned char* block, unsigned char* out, RSA* key,
                        int padding) {
  if (padding != RSA_NO_PADDING || size <= 0) return -1;
  const std::size_t made = sign_with_rsa(key, TlsSignature::rsa_pss,
                                         ByteView(block, static_cast<std::size_t>(size)), out);
  return made == 0 ? -1 : static_cast<int>(made);
}

int refuse_to_decrypt(int, const unsigned char*, unsigned char*, RSA*, int) {
  return -1;
}

const EC_KEY_METHOD* curve_method() {
  static const EC_KEY_METHOD* const method = [] {
    EC_KEY_METHOD* const own = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
    EC_KEY_METHOD_set_sign(own, &sign_with_curve, nullptr, nullptr);
    return own;
  }();
  return method;
}

const RSA_METHOD* rsa_method() {
  static const RSA_METHOD* const method = [] {
    RSA_METHOD* const own = RSA_meth_dup(RSA_PKCS1_OpenSSL());
    RSA_meth_set1_name(own, "Heqi: a key elsewhere");
    RSA_meth_set_sign(own, &sign_digest_with_rsa);
    RSA_meth_set_priv_enc(own, &sign_block_with_rsa);
    RSA_meth_set_priv_dec(own, &refuse_to_decrypt);
    return own;
  }();
  return method;
}

base::Error not_made() {
  ERR_clear_error();
  return fail(Code::internal, "OpenSSL takes no key of a method of its own");
}

Result<PublicHalf> with_rsa(EVP_PKEY* seen, TlsKey& owner) {
  RsaKey key(EVP_PKEY_get1_RSA(seen), &RSA_free);
  PublicHalf out(EVP_PKEY_new());
  if (!key || !out || RSA_set_method(key.get(), rsa_method()) != 1 ||
      RSA_set_ex_data(key.get(), place_in_rsa_keys(), &owner) != 1 ||
      EVP_PKEY_set1_RSA(out.get(), key.get()) != 1)
    return not_made();
  return out;
}

Result<PublicHalf> with_curve(EVP_PKEY* seen, TlsKey& owner) {
  EcKey key(EVP_PKEY_get1_EC_KEY(seen), &EC_KEY_free);
  PublicHalf out(EVP_PKEY_new());
  if (!key || !out || EC_KEY_set_method(key.get(), curve_method()) != 1 ||
      EC_KEY_set_ex_data(key.get(), place_in_curve_keys(), &owner) != 1 ||
      EVP_PKEY_set1_EC_KEY(out.get(), key.get()) != 1)
    return not_made();
  return out;
}

}  // namespace

Result<PublicHalf> public_half_of(TlsKey& key) {
  const base::Bytes der = key.public_key();
  const unsigned char* at = der.data();
  const PublicHalf seen(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (!seen) {
    ERR_clear_error();
    return fail(Code::malformed, "TLS private key: its public half");
  }
  if (EVP_PKEY_is_a(seen.get(), "RSA") == 1) return with_rsa(seen.get(), key);
  if (EVP_PKEY_is_a(seen.get(), "EC") == 1) return with_curve(seen.get(), key);
  return fail(Code::unsupported, "TLS private key: neither RSA nor of a curve");
}

}  // namespace heqi::http
