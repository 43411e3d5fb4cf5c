#include <cmath>

#include <heqi/documents/appearance/compress.h>
#include <heqi/documents/drawing/canvas.h>

namespace heqi::documents::drawing {

using base::Bytes;
using base::ByteView;

namespace {

void put32(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift & 0xFF));
}

std::uint32_t crc32(ByteView octets) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t octet : octets) {
    crc ^= octet;
    for (int i = 0; i < 8; ++i) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
  }
  return ~crc;
}

void put_chunk(Bytes& out, std::string_view type, ByteView data) {
  put32(out, static_cast<std::uint32_t>(data.size()));
  const Bytes body = base::concat({base::bytes_of(type), data});
  base::append(out, body);
  put32(out, crc32(body));
}

// filtered_rows takes each pixel's difference to its left neighbour (filter 1): large faces of one
// colour become zeros.
Bytes filtered_rows(const Picture& picture) {
  const std::size_t row = std::size_t{picture.width} * 4;
  Bytes out;
  out.reserve((row + 1) * picture.height);
  for (std::size_t y = 0; y < picture.height; ++y) {
    const std::uint8_t* from = &picture.rgba[y * row];
    out.push_back(1);
    for (std::size_t i = 0; i < row; ++i)
      out.push_back(static_cast<std::uint8_t>(from[i] - (i >= 4 ? from[i - 4] : 0)));
  }
  return out;
}

}  // namespace

Bytes encode_png(const Picture& picture, double pixels_per_mm) {
  Bytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  Bytes header;
  put32(header, picture.width);
  put32(header, picture.height);
  base::append(header, Bytes{8, 6, 0, 0, 0});
  put_chunk(out, "IHDR", header);
  if (pixels_per_mm > 0) {
    Bytes physical;
    const auto per_metre = static_cast<std::uint32_t>(std::lround(pixels_per_mm * 1000));
    put32(physical, per_metre);
    put32(physical, per_metre);
    physical.push_back(1);
    put_chunk(out, "pHYs", physical);
  }
  put_chunk(out, "IDAT", appearance::compress(filtered_rows(picture)));
  put_chunk(out, "IEND", {});
  return out;
}

}  // namespace heqi::documents::drawing
