#include "peers.h"

namespace heqi::bench {

std::vector<Peer> sm3_peers(std::size_t size) {
  return {openssl::digest(size), libgcrypt::digest(size), botan::digest(size)};
}

std::vector<Peer> sm4_peers(Sm4Mode mode, std::size_t size) {
  std::vector<Peer> out = {libgcrypt::cipher(mode, size), botan::cipher(mode, size)};
  if (mode != Sm4Mode::gcm && mode != Sm4Mode::xts) out.push_back(openssl::cipher(mode, size));
  return out;
}

std::vector<Peer> sign_peers(Curve curve) {
  return {openssl::sign(curve), botan::sign(curve)};
}

std::vector<Peer> verify_peers(Curve curve) {
  return {openssl::verify(curve), botan::verify(curve)};
}

}  // namespace heqi::bench
