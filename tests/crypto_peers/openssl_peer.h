// openssl_peer.h: the few calls of OpenSSL 3 that the cross-checks need.
#pragma once
#include <memory>
#include <string>

#include <openssl/evp.h>

#include <heqi/base/bytes.h>
#include <heqi/crypto/sm2.h>

namespace heqi::peer {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;

// make_key imports a public key, and a private one if d is given.
Key make_key(const crypto::PublicKey& key, const crypto::PrivateKey* d = nullptr);

// sign and verify work on DER signatures; verify is false for anything but a good one.
base::Bytes sign(EVP_PKEY* key, base::ByteView message, std::string_view id);
bool verify(EVP_PKEY* key, base::ByteView message, base::ByteView signature, std::string_view id);

base::Bytes encrypt(EVP_PKEY* key, base::ByteView plain);  // SM2Cipher in DER
bool decrypt(EVP_PKEY* key, base::ByteView sealed, base::Bytes& plain);

base::Bytes digest(std::string_view name, base::ByteView message);
base::Bytes hmac_sm3(base::ByteView key, base::ByteView message);
// cipher runs "SM4-ECB", "SM4-CBC" or "SM4-CTR" without padding.
enum class Direction { encrypt, decrypt };
base::Bytes cipher(const std::string& name, Direction direction, base::ByteView key,
                   base::ByteView iv, base::ByteView in);

// der_signature and parse_der_signature convert between (r, s) and SEQUENCE {INTEGER, INTEGER}.
base::Bytes der_signature(const crypto::Signature& signature);
crypto::Signature parse_der_signature(base::ByteView der);
// parse_der_ciphertext reads SEQUENCE {x, y, C3, C2}; der_ciphertext writes it.
crypto::Ciphertext parse_der_ciphertext(base::ByteView der);
base::Bytes der_ciphertext(const crypto::Ciphertext& ciphertext);

}  // namespace heqi::peer
