// peers.h: the strangers' operations: OpenSSL 3.0 through EVP, libgcrypt, Botan 2.19.
#pragma once
#include "rows.h"

namespace heqi::bench {

std::vector<Peer> sm3_peers(std::size_t size);

enum class Sm4Mode { ecb, ctr, gcm, xts, cbc_encrypt, cbc_decrypt };
std::vector<Peer> sm4_peers(Sm4Mode mode, std::size_t size);

// The curves of signatures: the message is hashed with SM3 and Z for SM2, given as a digest for
// P-256, as `openssl speed` does.
enum class Curve { sm2, p256 };
std::vector<Peer> sign_peers(Curve curve);
std::vector<Peer> verify_peers(Curve curve);

// What peers.cc puts together.
namespace openssl {
Peer digest(std::size_t size);
Peer cipher(Sm4Mode mode, std::size_t size);  // not for gcm and xts, which OpenSSL 3.0 lacks
Peer sign(Curve curve);
Peer verify(Curve curve);
}  // namespace openssl
namespace libgcrypt {
Peer digest(std::size_t size);
Peer cipher(Sm4Mode mode, std::size_t size);
}  // namespace libgcrypt
namespace botan {
Peer digest(std::size_t size);
Peer cipher(Sm4Mode mode, std::size_t size);
Peer sign(Curve curve);
Peer verify(Curve curve);
Peer sm2_encrypt(std::size_t size);
Peer sm2_decrypt(std::size_t size);
Peer sm2_generate();
}  // namespace botan

}  // namespace heqi::bench
