// sm3_bytes.h: words and padding of SM3 as octets (GB/T 32905 §5.2, §5.3.4).
#pragma once
#include <algorithm>

#include <heqi/crypto/sm3.h>

#include "sm3_kernel.h"

namespace heqi::crypto::internal {

inline void store_be32(std::uint8_t* out, std::uint32_t value) {
  out[0] = static_cast<std::uint8_t>(value >> 24);
  out[1] = static_cast<std::uint8_t>(value >> 16);
  out[2] = static_cast<std::uint8_t>(value >> 8);
  out[3] = static_cast<std::uint8_t>(value);
}

// sm3_pad puts the end of a message of size octets behind the last `held` of them, which stand in
// tail and are those after whole blocks; it needs room for the next multiple of 64 from held + 9.
// Says how many blocks that makes.
inline std::size_t sm3_pad(std::uint8_t* tail, std::size_t held, std::uint64_t size) {
  const std::size_t blocks = (held + 9 + 63) / kSm3BlockSize, end = blocks * kSm3BlockSize;
  tail[held] = 0x80;
  std::fill(tail + held + 1, tail + end - 8, std::uint8_t(0));
  store_be32(tail + end - 8, static_cast<std::uint32_t>(size >> 29));
  store_be32(tail + end - 4, static_cast<std::uint32_t>(size << 3));
  return blocks;
}

inline Digest sm3_digest(const Sm3Words& state) {
  Digest out;
  for (std::size_t i = 0; i < 8; ++i) store_be32(out.data() + 4 * i, state[i]);
  return out;
}

}  // namespace heqi::crypto::internal
