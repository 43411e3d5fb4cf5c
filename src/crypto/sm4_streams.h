// sm4_streams.h: CBC over any number of messages, as many at a time as a kernel takes.
#pragma once
#include <span>

#include <heqi/crypto/sm4.h>

namespace heqi::crypto::internal {

// ChainedMessage is whole blocks in CBC. out is empty where only the last block is wanted. chain
// begins as the IV and ends as the last block that came out.
struct ChainedMessage {
  Sm4Block* chain;
  base::ByteView in;
  base::MutableByteView out;
};
void chain_each(const Sm4& cipher, std::span<const ChainedMessage> messages);

}  // namespace heqi::crypto::internal
