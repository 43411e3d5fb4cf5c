#include <zlib.h>

#include <array>
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

void put_chunk(Bytes& out, std::string_view type, ByteView data) {
  put32(out, static_cast<std::uint32_t>(data.size()));
  const Bytes body = base::concat({base::bytes_of(type), data});
  base::append(out, body);
  put32(out, static_cast<std::uint32_t>(::crc32(0, body.data(), static_cast<uInt>(body.size()))));
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

// run_lengths compresses runs of equal octets only, which filtered pages are full of.
Bytes run_lengths(const Bytes& plain) {
  z_stream stream{};
  HEQI_CHECK(deflateInit2(&stream, 1, Z_DEFLATED, 15, 9, Z_RLE) == Z_OK);
  Bytes out(deflateBound(&stream, static_cast<uLong>(plain.size())));
  // zlib's interface is older than const; it does not write here.
  stream.next_in = const_cast<Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  HEQI_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

Bytes encode_png(const Picture& picture, double pixels_per_mm, Effort effort) {
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
  const Bytes rows = filtered_rows(picture);
  put_chunk(out, "IDAT", effort == Effort::small ? appearance::compress(rows) : run_lengths(rows));
  put_chunk(out, "IEND", {});
  return out;
}

}  // namespace heqi::documents::drawing
