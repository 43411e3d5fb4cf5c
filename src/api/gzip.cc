#include "gzip.h"

#include <array>

#include <heqi/documents/appearance/compress.h>

namespace heqi::api {
namespace {

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320U : 0);
    table[i] = value;
  }
  return table;
}

std::uint32_t crc32_of(base::ByteView data) {
  static constexpr std::array<std::uint32_t, 256> table = make_crc_table();
  std::uint32_t crc = ~std::uint32_t{0};
  for (const std::uint8_t octet : data) crc = (crc >> 8) ^ table[(crc ^ octet) & 0xFF];
  return ~crc;
}

void append_little_endian(base::Bytes& out, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

}  // namespace

base::Bytes gzip(base::ByteView plain) {
  constexpr std::size_t zlib_head = 2, zlib_tail = 4;  // RFC 1950 §2.2
  const base::Bytes zlib = documents::appearance::compress(plain);
  // RFC 1952 §2.3: best, system unknown.
  constexpr std::array<std::uint8_t, 10> head = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 0xFF};
  base::Bytes out;
  out.reserve(head.size() + zlib.size() + 8);
  base::append(out, head);
  base::append(out, base::ByteView(zlib).subspan(zlib_head, zlib.size() - zlib_head - zlib_tail));
  append_little_endian(out, crc32_of(plain));
  append_little_endian(out, static_cast<std::uint32_t>(plain.size()));
  return out;
}

}  // namespace heqi::api
