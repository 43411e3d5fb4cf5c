// zip_numbers.h: the little-endian numbers of ZIP records.
#pragma once
#include <heqi/base/bytes.h>

namespace heqi::documents::ofd {

inline constexpr std::uint32_t kLocalMark = 0x04034B50, kDirectoryMark = 0x02014B50,
                               kEndMark = 0x06054B50, kDescriptorMark = 0x08074B50,
                               kEnd64LocatorMark = 0x07064B50;
inline constexpr std::size_t kLocalSize = 30, kDirectorySize = 46, kEndSize = 22;
inline constexpr std::uint16_t kStored = 0, kDeflated = 8;
inline constexpr std::uint16_t kFlagEncrypted = 1, kFlagDescriptor = 8, kFlagUtf8 = 0x800,
                               kFlagCompression = 6;

inline std::uint16_t u16(base::ByteView in, std::size_t at) {
  return static_cast<std::uint16_t>(in[at] | in[at + 1] << 8);
}
inline std::uint32_t u32(base::ByteView in, std::size_t at) {
  return u16(in, at) | std::uint32_t{u16(in, at + 2)} << 16;
}
inline void put16(base::Bytes& out, std::uint64_t value) {
  out.push_back(static_cast<std::uint8_t>(value & 0xFF));
  out.push_back(static_cast<std::uint8_t>(value >> 8 & 0xFF));
}
inline void put32(base::Bytes& out, std::uint64_t value) {
  put16(out, value & 0xFFFF);
  put16(out, value >> 16 & 0xFFFF);
}

// crc32 is that of ISO 3309, as ZIP has it.
std::uint32_t crc32(base::ByteView octets);

}  // namespace heqi::documents::ofd
