// Reads PNG of every depth and colour type, not interlaced (ISO/IEC 15948).
#include <zlib.h>

#include <array>
#include <cstdlib>

#include <heqi/documents/drawing/canvas.h>
#include <heqi/documents/pdf/inflate.h>

namespace heqi::documents::drawing {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

namespace {

constexpr std::uint32_t kPngSideMax = 8'192;
constexpr std::array<std::uint8_t, 8> kMark = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

std::uint32_t word(ByteView in, std::size_t at) {
  return std::uint32_t{in[at]} << 24 | std::uint32_t{in[at + 1]} << 16 |
         std::uint32_t{in[at + 2]} << 8 | in[at + 3];
}

// Chunks are what matters of a file.
struct Chunks {
  std::uint32_t width = 0, height = 0;
  unsigned depth = 0, kind = 0, interlace = 0;
  Bytes palette, transparency, rows;

  unsigned channels() const {
    constexpr unsigned counts[] = {1, 0, 3, 1, 2, 0, 4};
    return kind < 7 ? counts[kind] : 0;
  }
  std::size_t row_size() const { return (std::size_t{width} * channels() * depth + 7) / 8; }
};

base::Status check_header(const Chunks& chunks) {
  const bool depth = chunks.depth == 8 || (chunks.depth == 16 && chunks.kind != 3) ||
                     ((chunks.kind == 0 || chunks.kind == 3) &&
                      (chunks.depth == 1 || chunks.depth == 2 || chunks.depth == 4));
  if (chunks.channels() == 0 || !depth) return fail(Code::malformed, "PNG: no such kind of pixels");
  if (chunks.width == 0 || chunks.height == 0) return fail(Code::malformed, "PNG: no pixels");
  if (chunks.width > kPngSideMax || chunks.height > kPngSideMax)
    return fail(Code::limit_exceeded, "PNG: too many pixels");
  if (chunks.interlace != 0) return fail(Code::unsupported, "PNG: interlaced");
  return {};
}

base::Result<Chunks> read_chunks(ByteView png) {
  if (png.size() < 33 || !base::same_bytes(png.first(8), kMark) ||
      base::text_of(png.subspan(12, 4)) != "IHDR")
    return fail(Code::malformed, "not a PNG");
  Chunks out{word(png, 16), word(png, 20), png[24], png[25], png[28], {}, {}, {}};
  HEQI_TRY(check_header(out));
  for (std::size_t at = 8;;) {
    if (png.size() - at < 12) return fail(Code::malformed, "PNG: cut");
    const std::uint32_t size = word(png, at);
    if (size > png.size() - at - 12) return fail(Code::malformed, "PNG: a chunk too long");
    const ByteView body = png.subspan(at + 4, std::size_t{size} + 4);
    if (::crc32(0, body.data(), static_cast<uInt>(body.size())) != word(png, at + 8 + size))
      return fail(Code::malformed, "PNG: a wrong checksum");
    const std::string_view type = base::text_of(body.first(4));
    if (type == "PLTE") out.palette = base::to_bytes(body.subspan(4));
    if (type == "tRNS") out.transparency = base::to_bytes(body.subspan(4));
    if (type == "IDAT") base::append(out.rows, body.subspan(4));
    if (type == "IEND") return out;
    at += 12 + std::size_t{size};
  }
}

std::uint8_t paeth(int left, int up, int corner) {
  const int a = std::abs(up - corner), b = std::abs(left - corner),
            c = std::abs(left + up - 2 * corner);
  return static_cast<std::uint8_t>(a <= b && a <= c ? left : b <= c ? up : corner);
}

base::Status unfilter(Bytes& rows, std::size_t row, std::size_t pixel) {
  const std::size_t step = row + 1;
  for (std::size_t at = 0; at + step <= rows.size(); at += step) {
    const std::uint8_t type = rows[at];
    if (type > 4) return fail(Code::malformed, "PNG: unknown filter of a row");
    for (std::size_t i = 1; i <= row; ++i) {
      const int left = i > pixel ? rows[at + i - pixel] : 0, up = at > 0 ? rows[at + i - step] : 0,
                corner = at > 0 && i > pixel ? rows[at + i - step - pixel] : 0;
      const int add = type == 1   ? left
                      : type == 2 ? up
                      : type == 3 ? (left + up) / 2
                      : type == 4 ? paeth(left, up, corner)
                                  : 0;
      rows[at + i] = static_cast<std::uint8_t>(rows[at + i] + add);
    }
  }
  return {};
}

// sample is one channel of one pixel, of however many bits.
unsigned sample(const std::uint8_t* row, std::size_t index, unsigned depth) {
  if (depth == 16) return unsigned{row[index * 2]} << 8 | row[index * 2 + 1];
  if (depth == 8) return row[index];
  const std::size_t bit = index * depth;
  return row[bit / 8] >> (8 - depth - bit % 8) & ((1U << depth) - 1);
}

std::uint8_t to_octet(unsigned value, unsigned depth) {
  return static_cast<std::uint8_t>(value * 255 / ((1U << depth) - 1));
}

// put_pixel translates one pixel; false where the palette lacks its colour.
bool put_pixel(const Chunks& chunks, const std::uint8_t* row, std::size_t x, std::uint8_t* out) {
  const unsigned channels = chunks.channels(), depth = chunks.depth;
  unsigned values[4] = {0, 0, 0, 0};
  for (unsigned i = 0; i < channels; ++i) values[i] = sample(row, x * channels + i, depth);
  out[3] = 255;
  const Bytes& clear = chunks.transparency;
  if (chunks.kind == 3) {
    if (values[0] * 3 + 2 >= chunks.palette.size()) return false;
    for (std::size_t i = 0; i < 3; ++i) out[i] = chunks.palette[values[0] * 3 + i];
    if (values[0] < clear.size()) out[3] = clear[values[0]];
    return true;
  }
  const bool grey = chunks.kind == 0 || chunks.kind == 4;
  for (std::size_t i = 0; i < 3; ++i) out[i] = to_octet(values[grey ? 0 : i], depth);
  if (chunks.kind == 4) out[3] = to_octet(values[1], depth);
  if (chunks.kind == 6) out[3] = to_octet(values[3], depth);
  if ((chunks.kind == 0 || chunks.kind == 2) && clear.size() == 2 * channels) {
    bool same = true;
    for (unsigned i = 0; i < channels; ++i)
      same = same && values[i] == (unsigned{clear[2 * i]} << 8 | clear[2 * i + 1]);
    if (same) out[3] = 0;
  }
  return true;
}

}  // namespace

base::Result<Picture> decode_png(ByteView png) {
  HEQI_TRY(const Chunks chunks, read_chunks(png));
  const std::size_t row = chunks.row_size(), whole = (row + 1) * chunks.height;
  HEQI_TRY(auto rows, pdf::inflate_zlib(chunks.rows, whole));
  if (rows.octets.size() != whole) return fail(Code::malformed, "PNG: rows are missing");
  HEQI_TRY(
      unfilter(rows.octets, row, std::max<std::size_t>(1, chunks.channels() * chunks.depth / 8)));
  Picture out{chunks.width, chunks.height, Bytes(std::size_t{chunks.width} * chunks.height * 4)};
  for (std::uint32_t y = 0; y < chunks.height; ++y)
    for (std::uint32_t x = 0; x < chunks.width; ++x)
      if (!put_pixel(chunks, &rows.octets[y * (row + 1) + 1], x,
                     &out.rgba[(std::size_t{y} * chunks.width + x) * 4]))
        return fail(Code::malformed, "PNG: a colour that the palette lacks");
  return out;
}

}  // namespace heqi::documents::drawing
