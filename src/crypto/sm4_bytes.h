// sm4_bytes.h: the counters and tweaks of SM4's modes as bytes, the same for every kernel. All of
// it is inlined by force: a copy compiled for one instruction set must not serve another.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#define HEQI_INLINE inline __attribute__((always_inline))

namespace heqi::crypto::internal::sm4_bytes {

HEQI_INLINE std::uint32_t load_be32(const std::uint8_t* in) {
  std::uint32_t value = 0;
  std::memcpy(&value, in, sizeof value);
  return __builtin_bswap32(value);
}
HEQI_INLINE void store_be32(std::uint8_t* out, std::uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(out, &value, sizeof value);
}
HEQI_INLINE std::uint64_t load_le64(const std::uint8_t* in) {
  std::uint64_t value = 0;
  std::memcpy(&value, in, sizeof value);
  return value;
}
HEQI_INLINE void store_le64(std::uint8_t* out, std::uint64_t value) {
  std::memcpy(out, &value, sizeof value);
}
HEQI_INLINE std::uint64_t load_be64(const std::uint8_t* in) {
  return __builtin_bswap64(load_le64(in));
}
HEQI_INLINE void store_be64(std::uint8_t* out, std::uint64_t value) {
  store_le64(out, __builtin_bswap64(value));
}

// add_to_counter adds to the 128-bit big-endian counter of CTR (GB/T 17964), which is public.
HEQI_INLINE void add_to_counter(std::uint8_t* counter, std::uint64_t count) {
  const std::uint64_t low = load_be64(counter + 8) + count;
  store_be64(counter + 8, low);
  if (low < count) store_be64(counter, load_be64(counter) + 1);
}
// add_to_counter32 adds to the 32-bit counter of GCM, which comes round without a carry.
HEQI_INLINE void add_to_counter32(std::uint8_t* counter, std::uint64_t count) {
  store_be32(counter + 12, load_be32(counter + 12) + static_cast<std::uint32_t>(count));
}

// times_alpha_ieee multiplies the tweak by α as IEEE 1619 §5.2 does: bit 0 of byte 0 is 1.
HEQI_INLINE void times_alpha_ieee(std::uint8_t* tweak) {
  const std::uint64_t low = load_le64(tweak), high = load_le64(tweak + 8);
  store_le64(tweak, low << 1 ^ ((0 - (high >> 63)) & 0x87));
  store_le64(tweak + 8, high << 1 | low >> 63);
}
// times_alpha_gb multiplies as GB/T 17964-2021 does, and GCM: bit 7 of byte 0 is 1.
HEQI_INLINE void times_alpha_gb(std::uint8_t* tweak) {
  const std::uint64_t high = load_be64(tweak), low = load_be64(tweak + 8);
  store_be64(tweak, high >> 1 ^ ((0 - (low & 1)) & std::uint64_t(0xE1) << 56));
  store_be64(tweak + 8, low >> 1 | high << 63);
}

}  // namespace heqi::crypto::internal::sm4_bytes
