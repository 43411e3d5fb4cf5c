#include <heqi/ossl/tls_key.h>

#include <openssl/obj_mac.h>
#include <openssl/rsa.h>

#include "private_key.h"

namespace heqi::ossl {
namespace {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;
using base::TlsSignature;

using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;

constexpr std::uint8_t kPssTrailer = 0xbc;  // RFC 8017 §9.1.1

// hash_of_size is the hash whose digests are so long; null where there is none.
const EVP_MD* hash_of_size(std::size_t size) {
  switch (size) {
    case 32:
      return EVP_sha256();
    case 48:
      return EVP_sha384();
    case 64:
      return EVP_sha512();
    default:
      return nullptr;
  }
}

base::Error wrong_form() {
  return fail(Code::unsupported, "this key makes no such signature for a TLS connection");
}
base::Error wrong_size() {
  return fail(Code::malformed, "what a TLS handshake has signed is not of this size");
}

class HeldTlsKey final : public base::TlsKey {
 public:
  HeldTlsKey(Pkey key, Bytes public_key, bool is_rsa)
      : key_(std::move(key)), public_key_(std::move(public_key)), is_rsa_(is_rsa) {}

  Bytes public_key() const override { return public_key_; }

  Result<Bytes> sign(TlsSignature form, ByteView content) override {
    if (is_rsa_ == (form == TlsSignature::ecdsa)) return wrong_form();
    const KeyContext context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    if (!context || EVP_PKEY_sign_init(context.get()) != 1)
      return openssl_failed(Code::internal, "signing failed");
    HEQI_TRY(prepare(context.get(), form, content));
    Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())));
    std::size_t size = out.size();
    if (EVP_PKEY_sign(context.get(), out.data(), &size, content.data(), content.size()) != 1)
      return openssl_failed(Code::internal, "signing failed");
    out.resize(size);
    return out;
  }

 private:
  base::Status prepare(EVP_PKEY_CTX* context, TlsSignature form, ByteView content) const {
    if (form == TlsSignature::rsa_pss) return prepare_padded(context, content);
    const EVP_MD* const hash = hash_of_size(content.size());
    if (hash == nullptr) return wrong_size();
    if (form == TlsSignature::ecdsa) return {};
    if (form != TlsSignature::rsa_pkcs1) return wrong_form();
    if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_CTX_set_signature_md(context, hash) != 1)
      return openssl_failed(Code::internal, "OpenSSL refuses the padding");
    return {};
  }
  base::Status prepare_padded(EVP_PKEY_CTX* context, ByteView block) const {
    if (block.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())))
      return wrong_size();
    if (block.back() != kPssTrailer) return fail(Code::malformed, "no block of RSASSA-PSS");
    if (EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) != 1)
      return openssl_failed(Code::internal, "OpenSSL refuses the padding");
    return {};
  }

  Pkey key_;
  Bytes public_key_;
  bool is_rsa_;
};

// is_rsa tells the two kinds apart; fails with unsupported where TLS here takes none of it.
Result<bool> is_rsa(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    HEQI_TRY(check_rsa_size(key));
    return true;
  }
  for (const int curve : {NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1})
    if (curve_of(key) == curve) return false;
  return fail(Code::unsupported,
              "kind of key: TLS connections take RSA of 2048 to 8192 bits, P-256, P-384 and P-521");
}

}  // namespace

Result<std::unique_ptr<base::TlsKey>> parse_tls_key(ByteView pem) {
  HEQI_TRY(Pkey key, read_private_key(pem));
  HEQI_TRY(const bool rsa, is_rsa(key.get()));
  HEQI_TRY(Bytes public_key, write_public_key(key.get()));
  return std::unique_ptr<base::TlsKey>(
      std::make_unique<HeldTlsKey>(std::move(key), std::move(public_key), rsa));
}

}  // namespace heqi::ossl
