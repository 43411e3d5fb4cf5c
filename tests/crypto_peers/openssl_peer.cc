#include "openssl_peer.h"

#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

namespace heqi::peer {
namespace {

using base::Bytes;
using base::ByteView;

struct ContextDeleter {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, ContextDeleter>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, ContextDeleter>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

int size_of(ByteView bytes) {
  return static_cast<int>(bytes.size());
}

// tlv writes one DER value; Reader reads them.
Bytes tlv(std::uint8_t tag, ByteView content) {
  Bytes out = {tag};
  if (content.size() < 128) {
    out.push_back(static_cast<std::uint8_t>(content.size()));
  } else {
    out.push_back(0x82);
    out.push_back(static_cast<std::uint8_t>(content.size() >> 8));
    out.push_back(static_cast<std::uint8_t>(content.size() & 0xFF));
  }
  base::append(out, content);
  return out;
}

Bytes integer(ByteView value) {
  while (value.size() > 1 && value[0] == 0) value = value.subspan(1);
  Bytes content;
  if (value[0] >= 0x80) content.push_back(0);
  base::append(content, value);
  return tlv(2, content);
}

ByteView take(ByteView& in, std::uint8_t tag) {
  HEQI_CHECK(in.size() >= 2 && in[0] == tag);
  std::size_t size = in[1], head = 2;
  if (in[1] == 0x81) size = in[2], head = 3;
  if (in[1] == 0x82) size = std::size_t(in[2]) << 8 | in[3], head = 4;
  const ByteView content = in.subspan(head, size);
  in = in.subspan(head + size);
  return content;
}

crypto::ScalarBytes padded(ByteView value) {
  while (value.size() > 32) value = value.subspan(1);
  crypto::ScalarBytes out{};
  std::copy(value.begin(), value.end(), out.end() - static_cast<std::ptrdiff_t>(value.size()));
  return out;
}

DigestContext digest_sign_context(EVP_PKEY* key, std::string_view id, bool signing) {
  DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* inner = EVP_PKEY_CTX_new(key, nullptr);
  HEQI_CHECK(EVP_PKEY_CTX_set1_id(inner, id.data(), static_cast<int>(id.size())) > 0);
  EVP_MD_CTX_set_pkey_ctx(context.get(), inner);
  HEQI_CHECK((signing ? EVP_DigestSignInit : EVP_DigestVerifyInit)(context.get(), nullptr,
                                                                   EVP_sm3(), nullptr, key) > 0);
  return context;
}

}  // namespace

Key make_key(const crypto::PublicKey& key, const crypto::PrivateKey* d) {
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0);
  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, key.encode().data(),
                                   key.encode().size());
  BIGNUM* number = nullptr;
  if (d != nullptr) {
    number = BN_bin2bn(d->encode().expose().data(), 32, nullptr);
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number);
  }
  OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "SM2", nullptr));
  EVP_PKEY* out = nullptr;
  HEQI_CHECK(EVP_PKEY_fromdata_init(context.get()) > 0);
  HEQI_CHECK(EVP_PKEY_fromdata(context.get(), &out, d ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                               parameters) > 0);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  BN_free(number);
  return Key(out);
}

Bytes sign(EVP_PKEY* key, ByteView message, std::string_view id) {
  const DigestContext context = digest_sign_context(key, id, true);
  std::size_t size = 80;
  Bytes out(size);
  HEQI_CHECK(EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) > 0);
  out.resize(size);
  return out;
}

bool verify(EVP_PKEY* key, ByteView message, ByteView signature, std::string_view id) {
  const DigestContext context = digest_sign_context(key, id, false);
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

Bytes encrypt(EVP_PKEY* key, ByteView plain) {
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  HEQI_CHECK(EVP_PKEY_encrypt_init(context.get()) > 0);
  std::size_t size = 0;
  HEQI_CHECK(EVP_PKEY_encrypt(context.get(), nullptr, &size, plain.data(), plain.size()) > 0);
  Bytes out(size);
  HEQI_CHECK(EVP_PKEY_encrypt(context.get(), out.data(), &size, plain.data(), plain.size()) > 0);
  out.resize(size);
  return out;
}

bool decrypt(EVP_PKEY* key, ByteView sealed, Bytes& plain) {
  const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  HEQI_CHECK(EVP_PKEY_decrypt_init(context.get()) > 0);
  std::size_t size = sealed.size();
  plain.resize(size);
  if (EVP_PKEY_decrypt(context.get(), plain.data(), &size, sealed.data(), sealed.size()) <= 0)
    return false;
  plain.resize(size);
  return true;
}

Bytes digest(std::string_view name, ByteView message) {
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  const EVP_MD* algorithm = EVP_get_digestbyname(std::string(name).c_str());
  HEQI_CHECK(EVP_Digest(message.data(), message.size(), out.data(), &size, algorithm, nullptr) > 0);
  out.resize(size);
  return out;
}

Bytes hmac_sm3(ByteView key, ByteView message) {
  Bytes out(32);
  unsigned size = 0;
  const std::uint8_t none = 0;  // OpenSSL takes a null key for no key at all
  HEQI_CHECK(HMAC(EVP_sm3(), key.empty() ? &none : key.data(), size_of(key), message.data(),
                  message.size(), out.data(), &size) != nullptr);
  return out;
}

Bytes cipher(const std::string& name, Direction direction, ByteView key, ByteView iv, ByteView in) {
  const CipherContext context(EVP_CIPHER_CTX_new());
  EVP_CIPHER* algorithm = EVP_CIPHER_fetch(nullptr, name.c_str(), nullptr);
  HEQI_CHECK(EVP_CipherInit_ex(context.get(), algorithm, nullptr, key.data(), iv.data(),
                               direction == Direction::encrypt ? 1 : 0) > 0);
  EVP_CIPHER_free(algorithm);
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  Bytes out(in.size() + 16);
  int size = 0, last = 0;
  HEQI_CHECK(EVP_CipherUpdate(context.get(), out.data(), &size, in.data(), size_of(in)) > 0);
  HEQI_CHECK(EVP_CipherFinal_ex(context.get(), out.data() + size, &last) > 0);
  out.resize(static_cast<std::size_t>(size + last));
  return out;
}

Bytes der_signature(const crypto::Signature& signature) {
  return tlv(0x30, base::concat({integer(signature.r.encode()), integer(signature.s.encode())}));
}

crypto::Signature parse_der_signature(ByteView der) {
  ByteView body = take(der, 0x30);
  const auto r = padded(take(body, 2)), s = padded(take(body, 2));
  return {*crypto::Scalar::decode(r), *crypto::Scalar::decode(s)};
}

crypto::Ciphertext parse_der_ciphertext(ByteView der) {
  ByteView body = take(der, 0x30);
  const auto x = padded(take(body, 2)), y = padded(take(body, 2));
  const Bytes point = base::concat({Bytes{4}, x, y});
  crypto::Ciphertext out;
  out.c1 = *crypto::Point::decode(point);
  const ByteView c3 = take(body, 4);
  std::copy(c3.begin(), c3.end(), out.c3.begin());
  out.c2 = base::to_bytes(take(body, 4));
  return out;
}

Bytes der_ciphertext(const crypto::Ciphertext& ciphertext) {
  const crypto::PointBytes c1 = ciphertext.c1.encode();
  const ByteView view(c1);
  return tlv(0x30, base::concat({integer(view.subspan(1, 32)), integer(view.subspan(33)),
                                 tlv(4, ciphertext.c3), tlv(4, ciphertext.c2)}));
}

}  // namespace heqi::peer
