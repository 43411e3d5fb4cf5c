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

namespace {

// one_at_a_time says that a peer has no batches: in a row of many it is measured one by one.
std::vector<Peer> one_at_a_time(std::vector<Peer> peers) {
  for (Peer& peer : peers) peer.amount = 1;
  return peers;
}

}  // namespace

std::vector<Peer> sign_peers(Curve curve) {
  return one_at_a_time({openssl::sign(curve), botan::sign(curve)});
}

std::vector<Peer> verify_peers(Curve curve) {
  return one_at_a_time({openssl::verify(curve), botan::verify(curve)});
}

}  // namespace heqi::bench
